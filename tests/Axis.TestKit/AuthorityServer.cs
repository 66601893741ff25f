using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axis.TestKit;

/// <summary>A real HTTP server of an authority. What it answers at a path is up to the test, and may change.</summary>
public sealed class AuthorityServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentQueue<string> _asked = new();

    private AuthorityServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>The paths that were asked for, in order.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public static async Task<AuthorityServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new AuthorityServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Urls.Single());
        return server;
    }

    public Uri At(string path) => new(Address, path);

    public void On(string path, RequestDelegate answer) => _answers[path] = answer;

    public void On(string path, byte[] answer) =>
        On(path, context => context.Response.Body.WriteAsync(answer).AsTask());

    /// <summary>Answers questions as an OCSP responder does.</summary>
    public void OnOcsp(string path, Func<TestOcsp> answer) =>
        On(
            path,
            async context =>
            {
                using var question = new MemoryStream();
                await context.Request.Body.CopyToAsync(question);
                await context.Response.Body.WriteAsync(answer().To(question.ToArray()));
            }
        );

    public void OnFailure(string path) =>
        On(
            path,
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            }
        );

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _asked.Enqueue(path);
        if (_answers.TryGetValue(path, out var answer))
        {
            return answer(context);
        }
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
