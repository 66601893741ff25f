using System.Net.Http.Json;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.NationalSim.Control;

namespace Axis.Cli.Demo;

/// <summary>A letter from another province, and what its recipients here are to do.</summary>
internal sealed record Incoming(
    string DocumentId,
    string Number,
    string Sha256,
    IReadOnlyList<Addressee> To
)
{
    public Lock Gate { get; } = new();

    public List<string> Complaints { get; } = [];
}

/// <summary>The simulated national axis as the demo uses it: it has a letter sent, and asks what became of ours.</summary>
internal sealed class RestOfTheCountry(Uri control) : IDisposable
{
    private const string Sender = "G22";

    private readonly HttpClient _http = new();

    /// <summary>Null when the hub was started without one.</summary>
    public static RestOfTheCountry? Of(DataFolder folder, HubState hub) =>
        hub.SimPort is { } port ? new(new SimProcess(folder, port).Control) : null;

    /// <summary>The Government Office writes to the province, by new and old codes as it does in the field.</summary>
    public async Task<Incoming> WriteAsync(
        IReadOnlyList<Addressee> to,
        CancellationToken cancellation
    )
    {
        using var answer = await _http.PostAsJsonAsync(
            $"{control}/letters",
            new
            {
                from = Sender,
                to = to.Select(one => one.Code),
                bothCodes = true,
                withSignature = true,
                subject = "V/v báo cáo tình hình quý I",
            },
            cancellation
        );
        answer.EnsureSuccessStatusCode();
        var letter = (await answer.Content.ReadFromJsonAsync<LetterView>(cancellation))!;
        return new Incoming(letter.DocumentId!, letter.Notation, letter.Sha256, to);
    }

    /// <summary>The copies of a document on the national axis; empty when it is not there.</summary>
    public async Task<IReadOnlyList<LetterView>> FindAsync(
        string documentId,
        CancellationToken cancellation
    ) =>
        (
            await _http.GetFromJsonAsync<IReadOnlyList<LetterView>>(
                $"{control}/letters?documentId={Uri.EscapeDataString(documentId)}",
                cancellation
            )
        )!;

    /// <summary>Whether the sender of an incoming letter has heard all that its recipients reported.</summary>
    public async Task<bool> HasHeardAsync(Incoming letter, CancellationToken cancellation)
    {
        var copies = await CopiesAsync(letter, cancellation);
        return letter.To.All(to =>
            copies.Where(copy => copy.To == to.Code).Any(copy => Heard(copy, to))
        );
    }

    /// <summary>Adds a complaint for everything that is not as it should be.</summary>
    public async Task JudgeAsync(Incoming letter, CancellationToken cancellation)
    {
        var copies = await CopiesAsync(letter, cancellation);
        foreach (var to in letter.To)
        {
            if (to.Identical is not true)
            {
                letter.Complaints.Add(
                    $"{to.Code}: {(to.Identical is null ? "did not arrive" : "arrived with other bytes than were sent")}"
                );
            }

            if (!copies.Any(copy => copy.To == to.Code && Heard(copy, to)))
            {
                letter.Complaints.Add(
                    $"{to.Code}: its sender did not hear {string.Join(", ", to.Reports.Select(code => $"{code} {Format.StatusName(code)}"))}"
                );
            }
        }

        foreach (var copy in copies.Where(copy => copy.Transport != "done"))
        {
            letter.Complaints.Add($"{copy.To}: was not acknowledged to the national axis");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<CopyView>> CopiesAsync(
        Incoming letter,
        CancellationToken cancellation
    ) => [.. (await FindAsync(letter.DocumentId, cancellation)).SelectMany(one => one.Copies)];

    private static bool Heard(CopyView copy, Addressee to) =>
        copy.Statuses.SequenceEqual(to.Reports);
}
