using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Operations;
using Axis.Hub.Storage;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Storage;

/// <summary>
/// Stored packages: encrypted where that is wanted, checked on their way out, and files that nobody names removed.
/// </summary>
public sealed class PayloadTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private string _folder = null!;
    private string _keyFile = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("axis-payloads-").FullName;
        _keyFile = Path.Combine(_folder, "keys");
        await File.WriteAllTextAsync(_keyFile, $"2026 {NewKey()}\n2027 {NewKey()}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Storage:PayloadFolder", Path.Combine(_folder, "payloads")),
                ("Storage:EncryptionKeyFile", _keyFile),
                ("Storage:EncryptionKeyId", "2026"),
                ("Storage:VerifiedFor", "00:00:00"),
            ]
        );
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase(600)]
    [TestCase(1_500_000)]
    public async Task On_disk_a_package_is_encrypted_and_out_it_comes_as_it_went_in(int bytes)
    {
        var letter = LetterOf(bytes);
        var receipt = await _office.SubmitAsync(letter);
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        foreach (
            var path in (string[])
                [
                    $"v1/packages/{receipt.PackageId}/content",
                    $"v1/inbox/{receipt.DeliveryTo(TestProvince.Commune)}/content",
                ]
        )
        {
            var client = path.StartsWith("v1/inbox", StringComparison.Ordinal) ? _commune : _office;
            Assert.That(
                await client.GetByteArrayAsync(new Uri(path, UriKind.Relative)),
                Is.EqualTo(letter)
            );
        }

        var stored = await StoredAsync(receipt.PackageId, letter);
        Assert.That(PayloadSeal.IsSealed(stored));
        Assert.That(
            Encoding.Latin1.GetString(stored),
            Does.Not.Contain("edXML").And.Contain("2026")
        );
    }

    [Test]
    public async Task A_range_of_an_encrypted_file_is_that_range_of_the_package()
    {
        var letter = LetterOf(400_000 * 3);
        var receipt = await _office.SubmitAsync(letter);
        foreach (var (from, to) in ((int, int)[])[(0, 0), (65_535, 65_536), (100_000, 1_000_000)])
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                new Uri($"v1/packages/{receipt.PackageId}/content", UriKind.Relative)
            );
            request.Headers.Range = new RangeHeaderValue(from, to);
            using var answer = await _office.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            Assert.That(
                await answer.Content.ReadAsByteArrayAsync(),
                Is.EqualTo(letter[from..(to + 1)])
            );
        }
    }

    [Test]
    public async Task A_damaged_file_is_an_alarm_and_an_answer_in_words_and_never_handed_out()
    {
        var letter = LetterOf(1_500_000);
        var receipt = await _office.SubmitAsync(letter);
        var path = PathOf(letter);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var answer = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-9004" }));
        Assert.That(answer.Text, Does.Contain("damaged"));
        // Nor a part of it that is sound.
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri($"v1/packages/{receipt.PackageId}/content", UriKind.Relative)
        );
        request.Headers.Range = new RangeHeaderValue(0, 99);
        using var part = await _office.SendAsync(request);
        Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));

        using var room = _hub.AnonymousClient(ops: true);
        Assert.That(
            (await room.GetAnswerAsync("metrics")).Text,
            Does.Match("axis_payloads_unusable_total\\{failure=\"damaged\"\\} [1-9]")
        );

        File.Delete(path);
        var gone = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content");
        Assert.That(gone.Codes, Is.EqualTo(new[] { "AXIS-9004" }));
        Assert.That(gone.Text, Does.Contain("missing"));
    }

    [Test]
    public async Task A_damaged_row_is_noticed_as_well()
    {
        var receipt = await _office.SubmitAsync(LetterOf(600));
        await ExecuteAsync(
            $"UPDATE payload SET bytes = set_byte(bytes, 200, (get_byte(bytes, 200) + 1) % 256) WHERE package_id = '{receipt.PackageId}'"
        );
        Assert.That(
            (await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content")).Codes,
            Is.EqualTo(new[] { "AXIS-9004" })
        );
        // Without encryption the SHA-256 of the acceptance speaks.
        await ExecuteAsync(
            $"UPDATE payload SET bytes = '<edXML/>'::bytea WHERE package_id = '{receipt.PackageId}'"
        );
        Assert.That(
            (await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content")).Codes,
            Is.EqualTo(new[] { "AXIS-9004" })
        );
    }

    [Test]
    public async Task What_an_older_key_sealed_stays_readable_and_new_payloads_take_the_new_key()
    {
        var (old, next, none) = (StoreOf("2026"), StoreOf("2027"), StoreOf(null));
        foreach (var store in (PayloadStore[])[old, next, none])
        {
            var bytes = RandomNumberGenerator.GetBytes(200_000);
            var sha256 = SHA256.HashData(bytes);
            var inline = await AddRowAsync(store.Seal(bytes));
            var file = await AddRowAsync(null);
            await store.KeepAsync(bytes, sha256, CancellationToken.None);
            foreach (var reader in (PayloadStore[])[old, next, none])
            {
                foreach (var package in (Guid[])[inline, file])
                {
                    await using var content = await reader.OpenAsync(
                        package,
                        sha256,
                        CancellationToken.None
                    );
                    using var copy = new MemoryStream();
                    await content!.CopyToAsync(copy);
                    Assert.That(copy.ToArray(), Is.EqualTo(bytes));
                }
            }
        }
    }

    [Test]
    public async Task Files_that_no_package_names_go_in_two_rounds_and_those_that_one_names_stay()
    {
        var letter = LetterOf(1_200_000);
        await _office.SubmitAsync(letter);
        var orphan = RandomNumberGenerator.GetBytes(100_000);
        var small = RandomNumberGenerator.GetBytes(10);
        var wanted = RandomNumberGenerator.GetBytes(90_000);
        var store = _hub.Services.GetRequiredService<PayloadStore>();
        foreach (var bytes in (byte[][])[orphan, small, wanted])
        {
            await store.KeepAsync(bytes, SHA256.HashData(bytes), CancellationToken.None);
        }

        // A day later nothing is old enough.
        Assert.That(await SweepAsync(s_now), Is.Zero);
        var started = TimeProvider.System.GetUtcNow();
        Assert.That(await SweepAsync(started.AddDays(1)), Is.Zero);
        Assert.That(File.Exists(PathOf(orphan)));

        // First round: set aside, and still to be had. Then a package comes to name one of them.
        Assert.That(await SweepAsync(started.AddDays(3)), Is.Zero);
        Assert.That(File.Exists(PathOf(orphan)), Is.False);
        Assert.That(File.Exists(PathOf(letter)));
        var row = await AddRowAsync(null);
        await using (
            var aside = await store.OpenAsync(row, SHA256.HashData(wanted), CancellationToken.None)
        )
        {
            Assert.That(aside!.Length, Is.EqualTo(wanted.Length));
        }
        await ExecuteAsync(
            $"""
            INSERT INTO package (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id,
                business, sha256, size, verdict, receipt)
            VALUES ('{row}', now(), 'http', 'office', gen_random_uuid(), 'H99', 'x', 0,
                decode('{Convert.ToHexString(
                SHA256.HashData(wanted)
            )}', 'hex'), {wanted.Length}, 'valid', '{"{}"}')
            """
        );

        // Second round: gone for good, or back in its place.
        Assert.That(await SweepAsync(started.AddDays(6)), Is.EqualTo(2));
        Assert.That(File.Exists(PathOf(wanted)));
        Assert.That(File.Exists(PathOf(letter)));
        Assert.That(
            await _office.GetByteArrayAsync(
                new Uri($"v1/packages/{await PackageOfAsync(letter)}/content", UriKind.Relative)
            ),
            Is.EqualTo(letter)
        );
    }

    [Test]
    public async Task Only_one_node_sweeps_at_a_time()
    {
        await using (
            var other = await SingleRunner.TryTakeAsync(
                _hub.Database,
                SingleRunner.OrphanSweep,
                CancellationToken.None
            )
        )
        {
            Assert.That(other, Is.Not.Null);
            Assert.That(await SweepAsync(s_now), Is.Null);
        }
        Assert.That(await SweepAsync(s_now), Is.Not.Null);
    }

    private Task<int?> SweepAsync(DateTimeOffset now) =>
        new OrphanSweep(
            _hub.Database,
            new PayloadFiles(OptionsOf("2026")),
            _hub.Services.GetRequiredService<HubMetrics>(),
            OptionsOf("2026"),
            new SetTime(now),
            NullLogger<OrphanSweep>.Instance
        ).SweepAsync(CancellationToken.None);

    private PayloadStore StoreOf(string? keyId) =>
        new(
            _hub.Database,
            new PayloadFiles(OptionsOf(keyId)),
            new PayloadKeys(OptionsOf(keyId)),
            _hub.Services.GetRequiredService<HubMetrics>(),
            OptionsOf(keyId),
            TimeProvider.System,
            _hub.Services.GetRequiredService<ICrashPoints>(),
            NullLogger<PayloadStore>.Instance
        );

    private IOptions<StorageOptions> OptionsOf(string? keyId) =>
        Options.Create(
            new StorageOptions
            {
                PayloadFolder = Path.Combine(_folder, "payloads"),
                EncryptionKeyFile = _keyFile,
                EncryptionKeyId = keyId,
            }
        );

    private static byte[] LetterOf(int bytes) =>
        (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = bytes,
            }
        ).Signed();

    private async Task<Guid> AddRowAsync(byte[]? bytes)
    {
        var id = Guid.CreateVersion7();
        await using var command = _hub.Database.CreateCommand(
            "INSERT INTO payload (package_id, bytes) VALUES ($1, $2)"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea,
                Value = bytes ?? (object)DBNull.Value,
            }
        );
        await command.ExecuteNonQueryAsync();
        return id;
    }

    private async Task<byte[]> StoredAsync(Guid packageId, byte[] letter)
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT bytes FROM payload WHERE package_id = $1"
        );
        command.Parameters.Add(new() { Value = packageId });
        return await command.ExecuteScalarAsync() is byte[] inline
            ? inline
            : await File.ReadAllBytesAsync(PathOf(letter));
    }

    private async Task<Guid> PackageOfAsync(byte[] letter)
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT id FROM package WHERE sha256 = $1"
        );
        command.Parameters.Add(new() { Value = SHA256.HashData(letter) });
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    private string PathOf(byte[] bytes)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return Path.Combine(_folder, "payloads", name[..2], name + ".axe");
    }

    private static string NewKey() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(PayloadKeys.KeyBytes));

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class SetTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
