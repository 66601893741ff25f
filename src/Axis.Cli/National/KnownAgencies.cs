using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.NationalSim.Catalogue;

namespace Axis.Cli.National;

/// <summary>Agencies from a file with the columns of <c>contracts/demo-province/agencies.csv</c>.</summary>
internal static class KnownAgencies
{
    public static IReadOnlyList<KnownAgency> Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new CommandFailure(ExitCodes.Usage, $"There is no file {file}.");
        }
        try
        {
            return
            [
                .. Csv.Read(file)
                    .Select(line => new KnownAgency(
                        line["code"],
                        line["oldCode"],
                        line["name"],
                        line["email"],
                        line["parent"],
                        line["kind"] != "axis"
                    )),
            ];
        }
        catch (KeyNotFoundException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file} needs the columns code, oldCode, name, parent, kind and email."
            );
        }
    }
}
