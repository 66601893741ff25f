namespace Axis.TestKit;

/// <summary>Holds every answer that a test gets from the hub against the contract, whatever the test is about.</summary>
public sealed class ContractHandler(Uri ops) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var asked = request.RequestUri!;
        var contract =
            IsOfVxp(asked) ? ContractHttp.Vxp
            : asked.Authority == ops.Authority ? ContractHttp.Ops
            : ContractHttp.Public;
        await contract.HoldAsync(answer, cancellationToken);
        return answer;
    }

    private static bool IsOfVxp(Uri asked) =>
        asked.AbsolutePath.StartsWith("/vxp/", StringComparison.Ordinal)
        || asked.AbsolutePath.StartsWith("/lgsp/", StringComparison.Ordinal);
}
