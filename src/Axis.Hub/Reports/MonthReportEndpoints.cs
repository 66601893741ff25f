using System.Globalization;
using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Reports;

public static class MonthReportEndpoints
{
    public static IServiceCollection AddReports(this IServiceCollection services) =>
        services.AddSingleton<MonthReports>();

    public static void MapMonthReports(this IEndpointRouteBuilder routes) =>
        routes
            .MapGroup("/ops/v1")
            .OnOperationsListener()
            .MapGet("/reports/month", MonthAsync)
            .RequireAuthorization(AccessPolicies.Viewer);

    private static async Task<IResult> MonthAsync(
        HttpContext context,
        OperatorCaller caller,
        MonthReports reports,
        RegistryCache registry
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var month = MonthOf(given);
        var agency = given.Text("agency") is { } code
            ? registry.Current.LastOwnerOf(code)
                ?? given.Refuse<Agency>(
                    "agency",
                    code,
                    new Words(
                        "a code of an agency of the registry",
                        "mã của một cơ quan trong danh mục"
                    )
                )
            : null;
        var format = given.OneOf("format", ["json", "csv", "html"]);
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        var report = await reports.OfAsync(
            month,
            agency?.Id,
            Permissions.Letters(caller),
            context.RequestAborted
        );
        return format switch
        {
            "csv" => Results.Text(MonthCsv.Of(report), "text/csv", Encoding.UTF8),
            "html" => Results.Text(MonthPage.Of(report), "text/html", Encoding.UTF8),
            _ => Results.Json(report, HubJson.Options),
        };
    }

    private static DateOnly MonthOf(OpsParameters given) =>
        given.Text("month") is { } text
        && DateOnly.TryParseExact(
            text,
            "yyyy-MM",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var month
        )
        && month.Year is >= 2000 and <= 2200
            ? month
            : given.Refuse<DateOnly>(
                "month",
                given.Text("month"),
                new Words("a month such as 2026-10", "một tháng như 2026-10")
            );
}
