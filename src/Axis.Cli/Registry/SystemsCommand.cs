using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Cli.Terminal;

namespace Axis.Cli.Registry;

/// <summary><c>systems add|list|show|rotate|lock|unlock|serve|handover|limits</c></summary>
internal static class SystemsCommand
{
    public static Command Build() =>
        new("systems", "Office systems, for registrars.")
        {
            Add(),
            List(),
            Simple(
                "show",
                "An office system: agencies, limits, when it was last heard.",
                HttpMethod.Get,
                ""
            ),
            Rotate(),
            Simple("lock", "Close both doors to an office system.", HttpMethod.Post, "/lock"),
            Simple("unlock", "Open the doors again.", HttpMethod.Post, "/unlock"),
            Serve("serve", "Let an office system serve agencies from now on."),
            Serve(
                "handover",
                "The same at an instant; what was not collected follows to the new inbox."
            ),
            Limits(),
            SystemVxpCommand.Build(),
        };

    private static Command Add()
    {
        var id = Id();
        var name = new Option<string>("--name") { Description = "Its name.", Required = true };
        var door = new Option<string>("--door")
        {
            Description = "How it collects: http or amqp.",
            DefaultValueFactory = _ => "http",
        };
        door.AcceptOnlyFromAmong("http", "amqp");
        var policy = new Option<string>("--signatures")
        {
            Description =
                "What it sends must have: a signed envelope, a signed document, either; or record: the verdicts are only noted.",
            DefaultValueFactory = _ => "envelope",
        };
        policy.AcceptOnlyFromAmong("envelope", "document", "either", "record");
        var agencies = new Option<string[]>("--agencies")
        {
            Description = "Codes of the agencies it serves.",
            AllowMultipleArgumentsPerToken = true,
        };
        var broker = new Option<string?>("--broker")
        {
            Description =
                "Address of the broker as vendors reach it, to be printed along (AXIS_BROKER).",
            HelpName = "URL",
        };
        var arrival = new Option<bool>("--collected-is-arrival")
        {
            Description = "Tell the sender 01 when it collects a letter; the hub writes it.",
        };
        var news = new Option<bool>("--announces-arrivals")
        {
            Description = "Tell it by an event of each letter that comes into its inbox.",
        };
        return OpsCommand.To(
            new Command(
                "add",
                "Register an office system; prints all that its vendor needs, the secret once."
            )
            {
                id,
                name,
                door,
                policy,
                agencies,
                arrival,
                news,
                broker,
            },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(
                    new
                    {
                        id = parsed.GetValue(id),
                        name = parsed.GetValue(name),
                        inboxDoor = parsed.GetValue(door),
                        signaturePolicy = parsed.GetValue(policy),
                        agencies = parsed.GetValue(agencies) ?? [],
                        collectedIsArrival = parsed.GetValue(arrival),
                        announcesArrivals = parsed.GetValue(news),
                    }
                );
                var added = await client.SendAsync(
                    HttpMethod.Post,
                    "office-systems",
                    body,
                    cancellation
                );
                PrintForVendor(
                    added,
                    client.Hub,
                    parsed.GetValue(broker) ?? Environment.GetEnvironmentVariable("AXIS_BROKER"),
                    parsed.GetValue(door)!
                );
                return ExitCodes.Ok;
            }
        );
    }

    private static void PrintForVendor(JsonElement added, Uri hub, string? broker, string door)
    {
        var (id, secret) = (Differences.Text(added, "id"), Differences.Text(added, "clientSecret"));
        Console.WriteLine($"hub            {hub}");
        if (broker is not null)
        {
            Console.WriteLine($"broker         {broker}");
        }

        Console.WriteLine(
            $"contracts      {new Uri(hub, "openapi.yaml")}  {new Uri(hub, "asyncapi.yaml")}"
        );
        Console.WriteLine($"client id      {id}   (user name at the broker as well)");
        Console.WriteLine(
            $"client secret  {secret}   (shown this once; password at the broker as well)"
        );
        Console.WriteLine($"collects over  {door}");
        foreach (var queue in added.GetProperty("queues").EnumerateArray())
        {
            Console.WriteLine($"queue          {queue}");
        }

        Console.WriteLine(
            $"publish to     {Differences.Text(added, "submitExchange")} with {Differences.Text(added, "submitRoutingKey")} or {Differences.Text(added, "ackRoutingKey")}"
        );
        Console.WriteLine(
            $"test           AXIS_CLIENT_SECRET={secret} ./axis ping --hub {hub} --client-id {id}{(broker is null ? "" : $" --amqp {broker}")}"
        );
    }

    private static Command List() =>
        OpsCommand.To(
            new Command("list", "All office systems, and when each was last heard."),
            async (_, client, cancellation) =>
            {
                var all = await client.SendAsync(
                    HttpMethod.Get,
                    "office-systems",
                    null,
                    cancellation
                );
                var table = Format.Table("Id", "Name", "Status", "Door", "Agencies", "Last heard");
                foreach (var system in all.GetProperty("items").EnumerateArray())
                {
                    table.Row(
                        Differences.Text(system, "id"),
                        Differences.Text(system, "name"),
                        Differences.Text(system, "status"),
                        Differences.Text(system, "inboxDoor"),
                        Differences.Text(system, "agencyCount"),
                        string.Join(
                            '\n',
                            system
                                .GetProperty("seen")
                                .EnumerateArray()
                                .Select(seen =>
                                    $"{Differences.Text(seen, "door")} {Format.Time(seen.GetProperty("at").GetDateTimeOffset())}"
                                )
                        )
                    );
                }

                Format.Write(table);
                return ExitCodes.Ok;
            }
        );

    private static Command Rotate()
    {
        var id = Id();
        var overlap = new Option<int>("--overlap-hours")
        {
            Description = "How long the old secrets stay valid.",
            DefaultValueFactory = _ => 168,
        };
        return OpsCommand.To(
            new Command("rotate", "A new secret, shown once; the old ones stay valid for a while.")
            {
                id,
                overlap,
            },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(
                    new { overlapHours = parsed.GetValue(overlap) }
                );
                var rotated = await client.SendAsync(
                    HttpMethod.Post,
                    $"office-systems/{parsed.GetValue(id)}/rotate",
                    body,
                    cancellation
                );
                Console.WriteLine($"client secret  {Differences.Text(rotated, "clientSecret")}");
                Console.WriteLine($"old ones until {Differences.Text(rotated, "oldSecretsUntil")}");
                return ExitCodes.Ok;
            }
        );
    }

    private static Command Serve(string name, string description)
    {
        var id = Id();
        var agencies = new Argument<string[]>("agencies")
        {
            Description = "Codes of the agencies.",
            HelpName = "CODE",
            Arity = ArgumentArity.OneOrMore,
        };
        var at = AgenciesCommand.At();
        return OpsCommand.To(
            new Command(name, description) { id, agencies, at },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(
                    new { agencies = parsed.GetValue(agencies), at = parsed.GetValue(at) }
                );
                var served = await client.SendAsync(
                    HttpMethod.Post,
                    $"office-systems/{parsed.GetValue(id)}/agencies",
                    body,
                    cancellation
                );
                Console.WriteLine(
                    $"{Differences.Text(served, "id")} serves {served.GetProperty("agencies").GetArrayLength()} more from {Differences.Text(served, "since")}."
                );
                return ExitCodes.Ok;
            }
        );
    }

    private static Command Limits()
    {
        var id = Id();
        var rate = new Option<int?>("--requests-per-minute") { Description = "0: the hub's own." };
        var size = new Option<long?>("--max-package-bytes") { Description = "0: the hub's own." };
        var connections = new Option<int?>("--max-connections")
        {
            Description = "At the broker; 0: the hub's own.",
        };
        var packages = new Option<int?>("--packages-per-day")
        {
            Description = "Documents handed in on a day; 0: the hub's own.",
        };
        var bytes = new Option<long?>("--bytes-per-day") { Description = "0: the hub's own." };
        var networks = new Option<string[]>("--networks")
        {
            Description = "From where it may connect, such as 10.1.0.0/16.",
            AllowMultipleArgumentsPerToken = true,
        };
        var arrival = new Option<bool?>("--collected-is-arrival")
        {
            Description = "true: the sender is told 01 when it collects a letter; false: not.",
        };
        var news = new Option<bool?>("--announces-arrivals")
        {
            Description = "true: it hears by an event of each letter in its inbox; false: not.",
        };
        var contact = new Option<string?>("--contact") { Description = "Whom to call: name." };
        var mail = new Option<string?>("--contact-mail");
        var phone = new Option<string?>("--contact-phone");
        return OpsCommand.To(
            new Command(
                "limits",
                "Change limits, networks, contact, what collecting implies and what is told; what is not given stays."
            )
            {
                id,
                rate,
                size,
                connections,
                packages,
                bytes,
                networks,
                arrival,
                news,
                contact,
                mail,
                phone,
            },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(
                    new
                    {
                        requestsPerMinute = parsed.GetValue(rate),
                        maxPackageBytes = parsed.GetValue(size),
                        maxConnections = parsed.GetValue(connections),
                        packagesPerDay = parsed.GetValue(packages),
                        bytesPerDay = parsed.GetValue(bytes),
                        allowedNetworks = parsed.GetValue(networks) is { Length: > 0 } given
                            ? given
                            : null,
                        collectedIsArrival = parsed.GetValue(arrival),
                        announcesArrivals = parsed.GetValue(news),
                        contactName = parsed.GetValue(contact),
                        contactMail = parsed.GetValue(mail),
                        contactPhone = parsed.GetValue(phone),
                    }
                );
                JsonOutput.Print(
                    await client.SendAsync(
                        HttpMethod.Patch,
                        $"office-systems/{parsed.GetValue(id)}",
                        body,
                        cancellation
                    )
                );
                return ExitCodes.Ok;
            }
        );
    }

    private static Command Simple(string name, string description, HttpMethod verb, string below)
    {
        var id = Id();
        return OpsCommand.To(
            new Command(name, description) { id },
            async (parsed, client, cancellation) =>
            {
                JsonOutput.Print(
                    await client.SendAsync(
                        verb,
                        $"office-systems/{parsed.GetValue(id)}{below}",
                        null,
                        cancellation
                    )
                );
                return ExitCodes.Ok;
            }
        );
    }

    private static Argument<string> Id() =>
        new("id") { Description = "Id of the office system.", HelpName = "ID" };
}
