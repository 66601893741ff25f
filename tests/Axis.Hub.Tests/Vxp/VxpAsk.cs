using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>A request as a well-behaved client makes it, open to be spoilt line by line.</summary>
internal sealed record VxpAsk(
    VxpCall Call,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    byte[] Body,
    string Path
)
{
    public const string Timestamp = "22112026T043646+0517";

    public static VxpAsk Of(
        VxpCall call,
        string systemId,
        string secret,
        params (string Name, string Value)[] given
    )
    {
        var parameters = new VxpParameters()
            .Set(VxpParameter.SystemId, systemId)
            .Set(VxpParameter.ServiceType, VxpValue.EDoc);
        foreach (var (name, value) in given)
        {
            parameters.Set(name, value);
        }
        return Signed(call, parameters, secret);
    }

    /// <summary>sendEdoc of a file, with the digest as the Java clients spell it.</summary>
    public static VxpAsk Sending(
        byte[] file,
        string systemId,
        string secret,
        string from,
        params (string Name, string Value)[] given
    ) =>
        Of(
            VxpCall.SendEdoc,
            systemId,
            secret,
            [
                (VxpParameter.MessageType, VxpValue.MessageEdoc),
                (VxpParameter.From, from),
                (VxpParameter.HashFile, FileHash.Unpadded(SHA256.HashData(file))),
                .. given,
            ]
        ) with
        {
            Body = [.. file, .. "\r\n"u8],
        };

    public static VxpAsk Signed(VxpCall call, VxpParameters parameters, string secret)
    {
        if (parameters[VxpParameter.Timestamp] is null)
        {
            parameters.Set(VxpParameter.Timestamp, Timestamp);
        }
        parameters.Set(
            VxpParameter.ContentType,
            call.Body == VxpBody.File ? VxpNames.File : VxpNames.Json
        );
        return new VxpAsk(
            call,
            VxpSignature.Sign(parameters, secret),
            call.Body == VxpBody.EmptyObject ? "{}"u8.ToArray() : [],
            "/vxp/" + call.Name
        );
    }

    public VxpAsk With(string header, string value) =>
        this with
        {
            Headers =
            [
                .. Headers.Select(one =>
                    one.Key == header ? KeyValuePair.Create(header, value) : one
                ),
            ],
        };

    public VxpAsk Without(string header) =>
        this with
        {
            Headers = [.. Headers.Where(one => one.Key != header)],
        };

    public VxpAsk Adding(string header, string value) =>
        this with
        {
            Headers = [.. Headers, KeyValuePair.Create(header, value)],
        };

    public byte[] Bytes(string? verb = null)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{verb ?? Call.Verb} {Path} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        if (Call.Verb == "POST")
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        }
        head.Append("Host: axis\r\nConnection: Keep-Alive\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Body];
    }

    public Task<RawAnswer> ToAsync(Uri address) => RawHttp.AskAsync(address, Bytes());
}
