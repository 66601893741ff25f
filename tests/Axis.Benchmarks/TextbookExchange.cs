using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;
using Axis.TestKit;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axis.Benchmarks;

/// <summary>
/// The same exchange as a textbook would build it: the document in memory, <c>SignedXml</c>, one <c>SaveChanges</c> for
/// each package, one MassTransit publish for each recipient. It does less than the hub: no registry, no receipts, no
/// recovery, no access control.
/// </summary>
internal static class TextbookExchange
{
    /// <summary>Letters a second, after those that warm it up.</summary>
    public static async Task<double> MeasureAsync(
        SharedTestServers servers,
        byte[][] letters,
        int warmUp,
        int connections,
        CancellationToken cancellationToken
    )
    {
        var database = await servers.CreateDatabaseAsync(cancellationToken);
        var broker = await servers.CreateVirtualHostAsync(cancellationToken);
        var arrivals = new TextbookArrivals();
        await using var app = Build(database, broker, arrivals);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope
                .ServiceProvider.GetRequiredService<TextbookContext>()
                .Database.EnsureCreatedAsync(cancellationToken);
        }
        await app.StartAsync(cancellationToken);
        var address = app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First();
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await SendAsync(letters[..warmUp]);
        var elapsed = await SendAsync(letters[warmUp..]);
        await app.StopAsync(cancellationToken);
        await servers.DeleteVirtualHostAsync(broker, cancellationToken);
        return (letters.Length - warmUp) / elapsed.TotalSeconds;

        async Task<TimeSpan> SendAsync(byte[][] batch)
        {
            var arrived = new Countdown(batch.Length);
            arrivals.Current = arrived;
            var watch = System.Diagnostics.Stopwatch.StartNew();
            await HttpSenders.SendAsync(client, "packages", batch, connections, cancellationToken);
            await arrived.WaitAsync(cancellationToken);
            return watch.Elapsed;
        }
    }

    private static WebApplication Build(string database, Uri broker, TextbookArrivals arrivals)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton(arrivals);
        builder.Services.AddDbContext<TextbookContext>(options => options.UseNpgsql(database));
        // What is published before its queue is bound is lost.
        builder.Services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddConsumer<TextbookRecipient>();
            bus.UsingRabbitMq(
                (context, rabbit) =>
                {
                    var user = broker.UserInfo.Split(':');
                    rabbit.Host(
                        broker.Host,
                        (ushort)broker.Port,
                        Uri.UnescapeDataString(broker.AbsolutePath.TrimStart('/')),
                        host =>
                        {
                            host.Username(Uri.UnescapeDataString(user[0]));
                            host.Password(Uri.UnescapeDataString(user[1]));
                        }
                    );
                    rabbit.ReceiveEndpoint(
                        "textbook",
                        endpoint =>
                        {
                            endpoint.SetQuorumQueue();
                            endpoint.PrefetchCount = 500;
                            endpoint.ConfigureConsumer<TextbookRecipient>(context);
                        }
                    );
                }
            );
        });
        var app = builder.Build();
        app.MapPost("/packages", AcceptAsync);
        return app;
    }

    private static async Task<IResult> AcceptAsync(
        HttpRequest request,
        TextbookContext context,
        IPublishEndpoint bus,
        CancellationToken cancellationToken
    )
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var bytes = body.ToArray();
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        body.Position = 0;
        document.Load(body);
        if (!IsSigned(document))
        {
            return Results.BadRequest();
        }
        var names = new XmlNamespaceManager(document.NameTable);
        names.AddNamespace("e", "http://www.mic.gov.vn/TBT/QCVN_102_2016");
        var package = new TextbookPackage
        {
            Id = Guid.CreateVersion7(),
            DocumentId = document
                .SelectSingleNode("//e:MessageHeader/e:DocumentId", names)!
                .InnerText,
            Subject = document.SelectSingleNode("//e:MessageHeader/e:Subject", names)!.InnerText,
            Sha256 = SHA256.HashData(bytes),
            Bytes = bytes,
        };
        foreach (XmlNode to in document.SelectNodes("//e:To/e:OrganId", names)!)
        {
            var delivery = new TextbookDelivery
            {
                Id = Guid.CreateVersion7(),
                Recipient = to.InnerText,
                State = "accepted",
            };
            delivery.History.Add(
                new TextbookHistory { Id = Guid.CreateVersion7(), What = "accepted" }
            );
            package.Deliveries.Add(delivery);
        }
        context.Add(package);
        await context.SaveChangesAsync(cancellationToken);
        foreach (var delivery in package.Deliveries)
        {
            await bus.Publish(
                new TextbookLetter(delivery.Id, delivery.Recipient, bytes),
                cancellationToken
            );
        }
        return Results.Created($"/packages/{package.Id}", new { package.Id });
    }

    private static bool IsSigned(XmlDocument document)
    {
        var element = (XmlElement)
            document.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var signed = new SignedXml((XmlElement)element.ParentNode!);
        signed.LoadXml(element);
        var certificate = TestKeys.Of(TwoOffices.Sender);
        using var key = certificate.GetRSAPublicKey()!;
        return signed.CheckSignature(key);
    }
}

/// <summary>Who waits for the letters that come.</summary>
internal sealed class TextbookArrivals
{
    public Countdown? Current { get; set; }
}

/// <summary>A letter on the bus.</summary>
public sealed record TextbookLetter(Guid DeliveryId, string Recipient, byte[] Bytes);

internal sealed class TextbookRecipient(TextbookArrivals arrivals) : IConsumer<TextbookLetter>
{
    public Task Consume(ConsumeContext<TextbookLetter> context)
    {
        arrivals.Current!.Count();
        return Task.CompletedTask;
    }
}

internal sealed class TextbookContext(DbContextOptions<TextbookContext> options)
    : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TextbookPackage>().HasIndex(package => package.DocumentId).IsUnique();
        modelBuilder.Entity<TextbookPackage>().HasMany(package => package.Deliveries).WithOne();
        modelBuilder.Entity<TextbookDelivery>().HasMany(delivery => delivery.History).WithOne();
    }
}

internal sealed class TextbookPackage
{
    public Guid Id { get; init; }
    public required string DocumentId { get; init; }
    public required string Subject { get; init; }
    public required byte[] Sha256 { get; init; }
    public required byte[] Bytes { get; init; }
    public List<TextbookDelivery> Deliveries { get; } = [];
}

internal sealed class TextbookDelivery
{
    public Guid Id { get; init; }
    public required string Recipient { get; init; }
    public required string State { get; set; }
    public List<TextbookHistory> History { get; } = [];
}

internal sealed class TextbookHistory
{
    public Guid Id { get; init; }
    public required string What { get; init; }
}
