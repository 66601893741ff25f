namespace Axis.Hub;

/// <summary>The contracts as files: what vendors read is what the tests hold the hub against.</summary>
public static class Contracts
{
    public static void MapContracts(this IEndpointRouteBuilder routes)
    {
        foreach (var name in (string[])["openapi.yaml", "openapi-vxp.yaml", "asyncapi.yaml"])
        {
            routes.MapGet("/" + name, () => Read(name)).AllowAnonymous();
        }
    }

    private static IResult Read(string name) =>
        Results.Stream(
            typeof(Contracts).Assembly.GetManifestResourceStream("Axis.Hub.Contracts." + name)!,
            "application/yaml"
        );
}
