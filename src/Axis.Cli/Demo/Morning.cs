using System.Collections.Concurrent;
using System.Security.Cryptography;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Axis.Client;
using Axis.EdXml;

namespace Axis.Cli.Demo;

/// <summary>Plays the plan: sends, receives, reports, learns, and notes what was seen.</summary>
internal sealed class Morning(
    MorningPlan plan,
    IReadOnlyDictionary<string, OfficeDesk> desks,
    string keyFolder,
    Action<string> say,
    RestOfTheCountry? country = null
) : IDeskWork
{
    /// <summary>Between two steps of one clerk, so that a person can follow.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>Everything takes a few seconds; what is not there by then is missing.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly ConcurrentDictionary<Guid, byte> _seenEvents = new();
    private readonly ConcurrentBag<Task> _clerks = [];

    /// <summary>What another province sent; null when none did.</summary>
    public Incoming? Incoming { get; private set; }

    /// <summary>Returns when all is done, or the time is over.</summary>
    public async Task PlayAsync(CancellationToken cancellation)
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(Limit);
        Task[] desksAtWork = [.. desks.Values.Select(desk => desk.WorkAsync(this, working.Token))];
        try
        {
            var play = SendAllAsync(over.Token);
            // A desk works until it is stopped; when one ends before, it failed, and the reason is thrown here.
            await await Task.WhenAny([play, .. desksAtWork]);
            await play;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Time is over; the verdict names what is missing.
        }
        finally
        {
            await working.CancelAsync();
            await Task.WhenAll([.. desksAtWork, .. _clerks])
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task ReceiveAsync(OfficeDesk desk, Arrival arrival, CancellationToken cancellation)
    {
        if (Incoming is { } incoming && incoming.DocumentId == arrival.DocumentId)
        {
            TakeIncoming(incoming, desk, arrival, cancellation);
            return Task.CompletedTask;
        }

        var letter = plan.All.FirstOrDefault(l => l.Key == (arrival.DocumentId, arrival.Business));
        var addressee = letter?.To.FirstOrDefault(to => to.Code == arrival.Recipient);
        if (letter is null || addressee is null)
        {
            // Of an earlier run or of somebody else: collected, and no more.
            return Task.CompletedTask;
        }

        lock (letter.Gate)
        {
            if (addressee.Identical is not null)
            {
                return Task.CompletedTask;
            }

            addressee.DeliveryId = arrival.DeliveryId;
            addressee.Identical = Hash(arrival.Content) == letter.Sha256;
        }

        say(
            $"{letter.Number}/{letter.Notation} arrived at {addressee.Code} {addressee.Agency.Name} ({desk.InboxDoor})"
        );
        _clerks.Add(ReportAsync(desk, addressee, arrival.Content, cancellation));
        return Task.CompletedTask;
    }

    private void TakeIncoming(
        Incoming letter,
        OfficeDesk desk,
        Arrival arrival,
        CancellationToken cancellation
    )
    {
        Addressee? addressee;
        lock (letter.Gate)
        {
            addressee = letter.To.FirstOrDefault(to => to.Code == arrival.Recipient);
            if (addressee is null or { Identical: not null })
            {
                letter.Complaints.Add($"arrived at {arrival.Recipient} once too often");
                return;
            }

            addressee.DeliveryId = arrival.DeliveryId;
            addressee.Identical = Hash(arrival.Content) == letter.Sha256;
        }

        say(
            $"{letter.Number} of another province arrived at {addressee.Code} {addressee.Agency.Name} ({desk.InboxDoor})"
        );
        _clerks.Add(ReportAsync(desk, addressee, arrival.Content, cancellation));
    }

    public bool Leaves(OfficeDesk desk, InboxItem item)
    {
        var letter = plan.All.FirstOrDefault(l => l.Key == (item.DocumentId, item.Business));
        if (
            letter?.To.FirstOrDefault(to => to.Code == item.Recipient)
            is not { LeavesIt: true } addressee
        )
        {
            return false;
        }

        lock (letter.Gate)
        {
            if (!addressee.IsLeft)
            {
                (addressee.DeliveryId, addressee.IsLeft) = (item.DeliveryId, true);
                say(
                    $"{letter.Number}/{letter.Notation} lies at {addressee.Code} {addressee.Agency.Name}, and nobody takes it ({desk.InboxDoor})"
                );
            }
        }

        return true;
    }

    public void Learn(OfficeDesk desk, CloudEvent news)
    {
        if (!_seenEvents.TryAdd(news.Id, 0))
        {
            return;
        }

        if (news.Data is not { Status: { } code, StatusPackage: { } package })
        {
            Hear(desk, news);
            return;
        }

        foreach (var letter in plan.All)
        {
            lock (letter.Gate)
            {
                var addressee = letter.To.FirstOrDefault(to =>
                    to.DeliveryId == news.Data.DeliveryId
                );
                if (addressee is null)
                {
                    continue;
                }

                // An answer to a recall or update is about the letter; the plan keeps it with the act that asked.
                if (
                    code is "15" or "16"
                    && plan
                        .Acts.FirstOrDefault(act => act.About == letter)
                        ?.To.FirstOrDefault(to => to.Code == addressee.Code)
                        is { } asked
                )
                {
                    addressee = asked;
                }

                addressee.Told.Add((code, Hash(package), news.Time));
                say(
                    $"{letter.Number}/{letter.Notation} {addressee.Code}: {code} {Format.StatusName(code)}"
                );
                return;
            }
        }
    }

    /// <summary>A recipient hears what the sender does about a letter that it has, or had in its inbox.</summary>
    private void Hear(OfficeDesk desk, CloudEvent news)
    {
        foreach (var letter in plan.Letters)
        {
            lock (letter.Gate)
            {
                var addressee = letter.To.FirstOrDefault(to =>
                    to.DeliveryId == news.Data.DeliveryId && to.OfficeSystem == desk.Id
                );
                if (addressee is null)
                {
                    continue;
                }

                addressee.Heard.Add(news.Type);
                say($"{letter.Number}/{letter.Notation} {addressee.Code} hears {news.Type}");
                return;
            }
        }
    }

    private async Task SendAllAsync(CancellationToken cancellation)
    {
        foreach (var letter in plan.Letters)
        {
            await SendAsync(letter, cancellation);
            await Task.Delay(Pace, cancellation);
        }

        if (country is not null)
        {
            Incoming = await country.WriteAsync(plan.FromFar, cancellation);
            say($"{Incoming.Number} is sent by another province to {plan.FromFar.Count}");
        }

        foreach (var act in plan.Acts)
        {
            await UntilAsync(() => act.About!.IsComplete, cancellation);
            await SendAsync(act, cancellation);
        }

        await UntilAsync(
            () => plan.All.All(letter => letter.IsComplete && letter.HasBeenHeardOf),
            cancellation
        );
        while (country is not null && !await country.HasHeardAsync(Incoming!, cancellation))
        {
            await Task.Delay(Pace, cancellation);
        }
    }

    private async Task SendAsync(Letter letter, CancellationToken cancellation)
    {
        var bytes = await LetterPackages.WriteAsync(letter, keyFolder, cancellation);
        lock (letter.Gate)
        {
            letter.Sha256 = Hash(bytes);
            letter.Size = bytes.Length;
        }

        say(
            $"{letter.Number}/{letter.Notation} from {letter.From.Code} {letter.From.Name} to {letter.To.Count} "
                + $"({Format.Size(bytes.Length)}, {letter.Door}): {letter.Subject}"
        );
        var desk = desks[letter.OfficeSystem];
        try
        {
            var receipt = await desk.SubmitAsync(bytes, letter.Door, cancellation);
            Accept(letter, (DocumentReceipt)receipt);
            if (letter == plan.Letters[0])
            {
                await RepeatAsync(letter, desk, bytes, cancellation);
            }
        }
        catch (AxisRefusedException e)
        {
            var codes = string.Join(", ", e.Problem.Errors.Select(error => error.Code));
            say($"{letter.Number}/{letter.Notation} refused: {codes} {e.Problem.Detail}");
            lock (letter.Gate)
            {
                letter.Refusal = codes;
                if (!letter.Broken)
                {
                    letter.Complaints.Add($"was refused: {codes} {e.Problem.Title}");
                    throw;
                }
            }
        }
    }

    private static void Accept(Letter letter, DocumentReceipt receipt)
    {
        lock (letter.Gate)
        {
            letter.PackageId = receipt.PackageId;
            letter.AcceptedAt = receipt.ReceivedAt;
            foreach (var addressee in letter.To.Where(to => to.IsFar))
            {
                addressee.DeliveryId = receipt
                    .Deliveries.FirstOrDefault(d => d.Recipient == addressee.Code)
                    ?.DeliveryId;
            }

            if (receipt.Sha256 != letter.Sha256)
            {
                letter.Complaints.Add("the receipt names other bytes");
            }
        }
    }

    /// <summary>As a client does that lost the answer; through the other door.</summary>
    private static async Task RepeatAsync(
        Letter letter,
        OfficeDesk desk,
        byte[] bytes,
        CancellationToken cancellation
    )
    {
        var other = letter.Door == Door.Http ? Door.Amqp : Door.Http;
        var again = await desk.SubmitAsync(bytes, other, cancellation);
        lock (letter.Gate)
        {
            if (again.PackageId != letter.PackageId)
            {
                letter.Complaints.Add(
                    "the same bytes again were not answered with the first receipt"
                );
            }
        }
    }

    private static async Task ReportAsync(
        OfficeDesk desk,
        Addressee addressee,
        byte[] content,
        CancellationToken cancellation
    )
    {
        await using var stream = new MemoryStream(content, writable: false);
        var reading = await PackageReader.ReadAsync(stream, ReadLimits.Default, cancellation);
        foreach (var code in addressee.Reports)
        {
            await Task.Delay(Pace, cancellation);
            var package = await StatusPackages.WriteAsync(
                reading.Document!,
                addressee.Code,
                code,
                description: null,
                new StaffInfo { Department = "Văn thư", Staff = "Lê Thị Chi" },
                cancellation
            );
            addressee.Reported.Add((code, Hash(package)));
            await desk.SubmitAsync(package, desk.InboxDoor, cancellation);
        }
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (!condition())
        {
            if (_clerks.FirstOrDefault(clerk => clerk.IsFaulted) is { } failed)
            {
                await failed;
            }

            await Task.Delay(50, cancellation);
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
