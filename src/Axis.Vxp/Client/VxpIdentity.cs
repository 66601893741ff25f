namespace Axis.Vxp.Client;

/// <summary>Where the adapter is, and who calls.</summary>
/// <param name="Endpoint">The call's name is appended to it behind a slash.</param>
/// <param name="Secret">The key of the HMAC, as it stands; never logged.</param>
public sealed record VxpIdentity(Uri Endpoint, string SystemId, string Secret)
{
    public Uri AddressOf(VxpCall call) => new($"{Endpoint.AbsoluteUri.TrimEnd('/')}/{call.Name}");

    public override string ToString() => $"{SystemId} at {Endpoint}";
}

/// <summary>Bounds of what is read from the far side.</summary>
/// <param name="MaxAnswerBytes">Of one answer; that of getEdoc holds a package in base64.</param>
public sealed record VxpClientLimits(long MaxAnswerBytes)
{
    public static VxpClientLimits Default { get; } = new(96L * 1024 * 1024);
}

/// <summary>A package on its way out.</summary>
/// <param name="To">Recipients' codes beside the package; empty leaves the header away.</param>
/// <param name="MessageType"><see cref="VxpValue.MessageEdoc"/> or <see cref="VxpValue.MessageStatus"/>.</param>
/// <param name="Sha256">Of the package, without the line end that follows it on the wire.</param>
/// <param name="Open">Opens the package from its beginning; called once for each request.</param>
public sealed record VxpSending(
    string From,
    IReadOnlyList<string> To,
    string MessageType,
    byte[] Sha256,
    long Length,
    Func<CancellationToken, Task<Stream>> Open
)
{
    public static VxpSending Of(
        string from,
        IReadOnlyList<string> to,
        string messageType,
        byte[] package
    ) =>
        new(
            from,
            to,
            messageType,
            System.Security.Cryptography.SHA256.HashData(package),
            package.Length,
            _ => Task.FromResult<Stream>(new MemoryStream(package, writable: false))
        );
}
