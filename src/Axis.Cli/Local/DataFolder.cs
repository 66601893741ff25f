namespace Axis.Cli.Local;

/// <summary>What <c>./axis up</c> keeps; the servers' own files are beside it.</summary>
internal sealed record DataFolder(string Path)
{
    public string HubState => In("hub.json");
    public string HubLog => In("hub.log");
    public string Payloads => In("payloads");
    public string SigningKey => In("access/signing-key.pem");
    public string VxpKey => In("access/vxp-key");
    public string NationalSimLog => In("national-sim.log");
    public string NationalSim => In("national-sim");
    public string Trust => In("trust");
    public string Demo => In("demo");
    public string DemoKeys => In("demo/keys");
    public string DemoCredentials => In("demo/credentials.json");

    /// <summary>Makes the folders that hold secrets, closed to others.</summary>
    public void Create()
    {
        const UnixFileMode OwnerOnly =
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Path);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var folder in (string[])[Payloads, In("access"), Trust, Demo, DemoKeys])
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    public void Forget()
    {
        foreach (var folder in (string[])[Payloads, In("access"), NationalSim, Trust, Demo])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        File.Delete(HubState);
        File.Delete(HubLog);
        File.Delete(NationalSimLog);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
