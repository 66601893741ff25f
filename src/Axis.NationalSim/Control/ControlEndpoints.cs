using System.Net;
using System.Text.Json;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Provinces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Axis.NationalSim.Control;

/// <summary>
/// The trainer's side, at /sim: what goes on, which vices are on, letters to be written. It answers this machine alone,
/// wherever the simulator listens, because whoever reaches it decides what everybody else sees.
/// </summary>
internal static class ControlEndpoints
{
    public const string Path = "/sim";

    private const int MostLetters = 100_000;

    public static void MapControl(this IEndpointRouteBuilder routes, NationalSimulator sim)
    {
        var control = routes
            .MapGroup(Path)
            .AddEndpointFilter(
                async (call, next) =>
                    IsFromHere(call.HttpContext) ? await next(call) : Results.StatusCode(403)
            );
        control.MapGet("", () => sim.View());
        control.MapGet("/calls", (int? limit) => sim.Calls(limit ?? 100));
        control.MapGet(
            "/letters",
            (string? documentId, string? system, int? limit) =>
                sim.Letters(documentId, system, Math.Clamp(limit ?? 100, 1, MostLetters))
        );
        control.MapPost("/letters", (LetterWish wish) => Write(sim, wish));
        control.MapPost(
            "/time",
            (TimeWish wish) =>
            {
                if (wish.Advance < TimeSpan.Zero || wish.Advance > TimeSpan.FromDays(366))
                {
                    return Problem("advance is out of range: 00:00:00 to 366.00:00:00");
                }
                sim.Advance(wish.Advance);
                return Results.Ok(sim.View());
            }
        );
        control.MapGet("/vices", () => sim.View().Vices);
        control.MapDelete("/vices", () => sim.Vices.Clear());
        control.MapDelete("/vices/{name}", (string name) => Switch(sim, name, null));
        control.MapPut("/vices/{name}", PutAsync);
        control.MapPost("/catalogue", (KnownAgency agency) => Add(sim, agency));
        control.MapDelete(
            "/catalogue/{code}",
            (string code) =>
                sim.Close(code) ? Results.Ok() : Problem($"{code} is not in the catalogue")
        );

        async Task<IResult> PutAsync(HttpContext context, string name)
        {
            // No body: the vice as it is by default. One without a length is a body all the same.
            if (
                context.Request.ContentLength == 0
                || context.Features.Get<IHttpRequestBodyDetectionFeature>()
                    is not { CanHaveBody: true }
            )
            {
                return Switch(sim, name, new Vice());
            }
            try
            {
                return
                    await context.Request.ReadFromJsonAsync<Vice>(context.RequestAborted)
                        is { } vice
                    ? Switch(sim, name, vice)
                    : Problem("a JSON object was expected");
            }
            catch (Exception bad) when (bad is JsonException or InvalidOperationException)
            {
                return Problem("a JSON object such as {\"next\": 3} was expected");
            }
        }
    }

    private static IResult Write(NationalSimulator sim, LetterWish wish)
    {
        if (wish is not { To.Count: > 0, AttachmentBytes: >= 0 and <= 50_000_000 })
        {
            return Problem("to names nobody, or attachmentBytes is not from 0 to 50000000");
        }
        var (letter, problem) = sim.TryWrite(wish);
        return letter is null ? Problem(problem!) : Results.Ok(letter);
    }

    private static IResult Add(NationalSimulator sim, KnownAgency agency)
    {
        if (agency is not { Code.Length: > 0, Name.Length: > 0 })
        {
            return Problem("an agency needs a code and a name");
        }
        sim.Add(agency);
        return Results.Ok();
    }

    private static IResult Switch(NationalSimulator sim, string name, Vice? vice)
    {
        if (ViceNames.Find(name) is not { } kind)
        {
            return Problem($"{name} is no vice; there are {string.Join(", ", ViceNames.All)}");
        }
        if (vice is null)
        {
            sim.Vices.Clear(kind);
            return Results.Ok();
        }
        if (ViceNames.ProblemOf(vice) is { } problem)
        {
            return Problem(problem);
        }
        sim.Vices.Set(kind, vice);
        return Results.Ok();
    }

    private static bool IsFromHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    private static IResult Problem(string text) => Results.BadRequest(new { error = text });
}

/// <summary>Lets the simulator's time jump ahead, so that a trainee need not wait for days.</summary>
internal sealed record TimeWish(TimeSpan Advance);
