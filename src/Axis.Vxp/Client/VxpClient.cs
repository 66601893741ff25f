using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using static Axis.Vxp.VxpParameter;

namespace Axis.Vxp.Client;

/// <summary>
/// The client of a VXP adapter: every call of the protocol, with a fresh set of parameters each. It tries a call once
/// and says what is known of it; whether to try again is the caller's decision, because only the caller knows whether a
/// second document would follow from it.
/// </summary>
/// <param name="http">
/// Without redirects and with decompression (<see cref="CreateHandler"/>); its own time-out should be infinite, since
/// <paramref name="timeout"/> bounds a call from the first byte to the last.
/// </param>
public sealed class VxpClient(
    HttpClient http,
    VxpIdentity identity,
    TimeProvider clock,
    TimeSpan timeout,
    VxpClientLimits? limits = null
)
{
    // The protocol's timestamps carry no zone; the field's clients write their local time.
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    // Clients send the folder into which they will save; nothing depends on it.
    private const string AnyFolder = "/";

    private const string TooLong = "size";

    private readonly VxpClientLimits _limits = limits ?? VxpClientLimits.Default;

    public VxpIdentity Identity => identity;

    /// <summary>A handler as this client wants it: redirects are answers here, and gzip is understood.</summary>
    public static SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) =>
        new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
            ConnectTimeout = connectTimeout,
            UseCookies = false,
        };

    public async Task<FarReply<IReadOnlyList<ReceivedEdoc>>> GetReceivedEdocListAsync(
        string messageType,
        CancellationToken cancellationToken
    ) =>
        (
            await CallAsync(
                VxpCall.GetReceivedEdocList,
                ListOf(messageType),
                Empty(),
                cancellationToken
            )
        ).As(LenientAnswer.ReceivedOf);

    public async Task<FarReply<IReadOnlyList<SentEdoc>>> GetSentEdocListAsync(
        string messageType,
        CancellationToken cancellationToken
    ) =>
        (
            await CallAsync(
                VxpCall.GetSentEdocList,
                ListOf(messageType),
                Empty(),
                cancellationToken
            )
        ).As(LenientAnswer.SentOf);

    /// <summary>The id that the far side gave the document; a success without one is not taken for a success.</summary>
    public async Task<FarReply<string>> SendEdocAsync(
        VxpSending sending,
        CancellationToken cancellationToken
    )
    {
        var given = new Dictionary<string, string>
        {
            [ServiceType] = VxpValue.EDoc,
            [MessageType] = sending.MessageType,
            [HashFile] = FileHash.Unpadded(sending.Sha256),
            [From] = sending.From,
        };
        if (sending.To.Count > 0)
        {
            given[To] = Recipients.Write(sending.To);
        }
        var reply = await CallAsync(
            VxpCall.SendEdoc,
            given,
            new PackageContent(sending),
            cancellationToken
        );
        return reply.Value is { } answer && LenientAnswer.DocIdOf(answer) is not { Length: > 0 }
            ? new(null, Unintelligible("0", "a success without DocId"), reply.ServerTime)
            : reply.As(LenientAnswer.DocIdOf);
    }

    /// <summary>The package's bytes, decoded from base64 without passing through text.</summary>
    public async Task<FarReply<byte[]>> GetEdocAsync(
        string docId,
        CancellationToken cancellationToken
    )
    {
        var reply = await CallAsync(VxpCall.GetEdoc, Document(docId), Braces(), cancellationToken);
        if (reply.Value is not { } answer)
        {
            // Of the item alone: a shorter answer to the same call would have come.
            var fault = reply.Fault is { Code: TooLong } tooLong
                ? tooLong with
                {
                    Kind = FarFaultKind.Damaged,
                }
                : reply.Fault;
            return new(null, fault, reply.ServerTime);
        }
        return LenientAnswer.PackageOf(answer) is { } package
            ? new(package, null, reply.ServerTime)
            : new(null, new(FarFaultKind.Damaged, "0", "data is no base64"), reply.ServerTime);
    }

    public Task<FarReply<VxpAnswerText>> UpdateStatusAsync(
        string docId,
        string status,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            VxpCall.UpdateStatus,
            new() { [DocId] = docId, [Status] = status },
            Braces(),
            cancellationToken
        );

    public async Task<FarReply<IReadOnlyList<FarAgency>>> GetAgenciesListAsync(
        CancellationToken cancellationToken
    ) =>
        (await CallAsync(VxpCall.GetAgenciesList, [], Empty(), cancellationToken)).As(
            LenientAnswer.AgenciesOf
        );

    public async Task<FarReply<IReadOnlyList<FarAgency>>> GetAgenciesListQd20Async(
        CancellationToken cancellationToken
    ) =>
        (
            await CallAsync(
                VxpCall.GetAgenciesListQD20,
                new() { [Level] = "1" },
                Empty(),
                cancellationToken
            )
        ).As(LenientAnswer.AgenciesOf);

    public async Task<FarReply<IReadOnlyList<FarAgency>>> GetSynchronizeUnitAsync(
        CancellationToken cancellationToken
    ) =>
        (await CallAsync(VxpCall.GetSynchronizeUnit, [], Empty(), cancellationToken)).As(
            LenientAnswer.AgenciesOf
        );

    public Task<FarReply<VxpAnswerText>> RegisterAgencyAsync(
        AgencyRegistration agency,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            VxpCall.RegisterAgency,
            [],
            new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(agency, VxpJson.Options)),
            cancellationToken
        );

    public Task<FarReply<VxpAnswerText>> DeleteAgencyAsync(
        string code,
        CancellationToken cancellationToken
    ) =>
        CallAsync(VxpCall.DeleteAgency, new() { [AgencyCode] = code }, Braces(), cancellationToken);

    /// <summary>How many documents or statuses wait for us, by the far side's count.</summary>
    public async Task<FarReply<string>> CountReceivedAsync(
        string messageType,
        CancellationToken cancellationToken
    ) =>
        (
            await CallAsync(
                messageType == VxpValue.MessageStatus
                    ? VxpCall.CountReceiveStatus
                    : VxpCall.CountReceiveEdoc,
                new() { [ServiceType] = VxpValue.EDoc },
                Braces(),
                cancellationToken
            )
        ).As(LenientAnswer.CountOf);

    /// <summary>The file itself. An empty body is the far side's way to say no.</summary>
    public async Task<FarReply<byte[]>> DownloadEdocAsync(
        string docId,
        CancellationToken cancellationToken
    )
    {
        var (body, fault, time) = await ExchangeAsync(
            VxpCall.DownloadEdoc,
            Document(docId),
            Empty(),
            cancellationToken
        );
        return fault is null && body!.Bytes.Length == 0
            ? new(null, new(FarFaultKind.Refused, "100", "an empty file"), time)
            : new(body?.Bytes, fault, time);
    }

    private async Task<FarReply<VxpAnswerText>> CallAsync(
        VxpCall call,
        Dictionary<string, string> given,
        HttpContent content,
        CancellationToken cancellationToken
    )
    {
        var (body, fault, time) = await ExchangeAsync(call, given, content, cancellationToken);
        if (body is null)
        {
            return new(null, fault, time);
        }
        var (answer, problem) = LenientAnswer.Read(body);
        return new(answer, AsPause(problem, body.RetryAfter), time);
    }

    /// <summary>A refusal with Retry-After says nothing against the document.</summary>
    private static FarFault? AsPause(FarFault? fault, TimeSpan? pause) =>
        fault is { Kind: FarFaultKind.Refused } && pause is not null
            ? fault with
            {
                Kind = FarFaultKind.TooMany,
                RetryAfter = pause,
            }
            : fault;

    private async Task<(FarBody? Body, FarFault? Fault, DateTimeOffset? Time)> ExchangeAsync(
        VxpCall call,
        Dictionary<string, string> given,
        HttpContent content,
        CancellationToken cancellationToken
    )
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var alarm = new CancellationTokenSource(timeout, clock);
        using var ring = alarm.Token.Register(bounded.Cancel);
        using var request = RequestFor(call, given, content);
        try
        {
            using var response = await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                bounded.Token
            );
            var time = response.Headers.Date;
            var body = await FarBody.ReadAsync(response, _limits.MaxAnswerBytes, bounded.Token);
            if (body is null)
            {
                return (null, Unintelligible(TooLong, "an answer beyond the limit"), time);
            }
            var fault = FaultOf(call, response, body);
            return (fault is null ? body : null, fault, time);
        }
        catch (HttpRequestException failure)
            when (failure.HttpRequestError
                    is HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError
            )
        {
            return (null, new(FarFaultKind.Unreachable, "connect", Short(failure.Message)), null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return (null, new(FarFaultKind.Interrupted, "cut", Short(failure.Message)), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (
                null,
                new(
                    FarFaultKind.Interrupted,
                    "timeout",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"no answer within {timeout.TotalSeconds:0.#} s"
                    )
                ),
                null
            );
        }
    }

    /// <summary>
    /// What the HTTP status alone says. A body in JSON is heard first, whatever the status: that is how this protocol
    /// answers.
    /// </summary>
    private static FarFault? FaultOf(VxpCall call, HttpResponseMessage response, FarBody body)
    {
        var status = (int)response.StatusCode;
        var code = status.ToString(CultureInfo.InvariantCulture);
        if (status is 429)
        {
            return new(
                FarFaultKind.TooMany,
                code,
                body.Excerpt,
                response.Headers.RetryAfter?.Delta
            );
        }
        if (body.IsObject && call.Answer != VxpAnswerKind.File)
        {
            return null;
        }
        return status switch
        {
            401 or 403 => new(FarFaultKind.Unauthorised, code, body.Excerpt),
            >= 200 and < 300 => null,
            _ => Unintelligible(code, body.Excerpt),
        };
    }

    private HttpRequestMessage RequestFor(
        VxpCall call,
        Dictionary<string, string> given,
        HttpContent content
    )
    {
        var type = call.Body == VxpBody.File ? VxpNames.File : VxpNames.Json;
        given[SystemId] = identity.SystemId;
        given[Timestamp] = VxpTimestamp.Write(clock.GetUtcNow().ToOffset(Vietnam));
        given[ContentType] = type;
        var parameters = new VxpParameters();
        foreach (var name in call.Parameters.Where(given.ContainsKey))
        {
            parameters.Set(name, given[name]);
        }
        var request = new HttpRequestMessage(new HttpMethod(call.Verb), identity.AddressOf(call))
        {
            Content = content,
        };
        foreach (var (name, value) in VxpSignature.Sign(parameters, identity.Secret))
        {
            if (name == ContentType)
            {
                content.Headers.ContentType = new MediaTypeHeaderValue(type);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return request;
    }

    private static Dictionary<string, string> ListOf(string messageType) =>
        new() { [ServiceType] = VxpValue.EDoc, [MessageType] = messageType };

    private static Dictionary<string, string> Document(string docId) =>
        new() { [DocId] = docId, [FilePath] = AnyFolder };

    private static ByteArrayContent Empty() => new([]);

    private static ByteArrayContent Braces() => new("{}"u8.ToArray());

    private static FarFault Unintelligible(string code, string message) =>
        new(FarFaultKind.Unintelligible, code, message);

    private static string Short(string message) => FarBody.OneLine(message);
}
