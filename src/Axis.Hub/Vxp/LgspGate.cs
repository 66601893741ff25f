using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>
/// The second lock of this flavour: beside the token, the system id and secret of the VXP door, of the same office
/// system. And whatever goes wrong behind it is said in the one shape.
/// </summary>
public sealed class LgspGate(
    VxpClients clients,
    SealingKey key,
    FailureBackOff backOff,
    AuditLog audit,
    TimeProvider clock,
    ILogger<VxpEdge> log
)
{
    public async Task RunAsync(HttpContext context, VxpCall call, Func<VxpCaller, Task> handle)
    {
        context.Features.Set(call);
        try
        {
            var (caller, refusal) = await FindAsync(context);
            await (caller is null ? VxpResults.RefuseAsync(context, refusal!) : handle(caller));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
            return;
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await VxpResults.RefuseAsync(context, VxpFaults.ErrorOf(failure, context, log));
        }
    }

    private async Task<(VxpCaller? Caller, ErrorItem? Refusal)> FindAsync(HttpContext context)
    {
        // The token's policy has let this one in.
        var system = context.Features.Get<Caller>() is OfficeSystemCaller caller
            ? caller.OfficeSystem
            : throw new InvalidOperationException("There is no office system behind this token.");
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var systemId = One(context, "X-SystemId");
        var client = await clients.FindAsync(systemId, context.RequestAborted);
        if (!Proves(client, One(context, "X-SecretKey")) || client!.OfficeSystemId != system.Id)
        {
            var wait = backOff.WaitOf(system.Id, remote);
            if (wait > TimeSpan.Zero)
            {
                var seconds = (int)Math.Ceiling(wait.TotalSeconds);
                return (null, AccessErrors.TooManyFailures.At(null, null, seconds));
            }
            backOff.Failed(system.Id, remote);
            const string Reason = "bad X-SystemId or X-SecretKey";
            audit.RecordRefusal(
                AuditActions.UseVxp,
                system.Id,
                remote,
                Reason,
                new { reason = Reason }
            );
            return (null, VxpErrors.BadSignature.At());
        }
        backOff.Succeeded(system.Id, remote);
        if (!Permissions.CanComeFrom(system, context.Connection.RemoteIpAddress))
        {
            return (null, VxpErrors.WrongNetwork.At(null, null, remote, system.Id));
        }
        return Permissions.CanUseVxp(system, client)
            ? (new VxpCaller(system, client, new VxpParameters()), null)
            : (null, VxpErrors.SwitchedOff.At(null, null, system.Id));
    }

    private bool Proves(VxpClient? client, string presented)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        // An unknown system costs what a wrong secret costs.
        var proved = CryptographicOperations.FixedTimeEquals(given, new byte[given.Length]) & false;
        var now = clock.GetUtcNow();
        foreach (var secret in client?.Secrets ?? [])
        {
            proved |=
                key.Open(secret.Sealed, client!.OfficeSystemId, secret.Id) is { } text
                && now < secret.NotAfter
                && CryptographicOperations.FixedTimeEquals(
                    given,
                    SHA256.HashData(Encoding.UTF8.GetBytes(text))
                );
        }
        return proved;
    }

    private static string One(HttpContext context, string header) =>
        context.Request.Headers[header] is [{ } value] ? value.Trim() : "";
}
