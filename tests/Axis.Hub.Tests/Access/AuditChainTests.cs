using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Axis.Client;
using Axis.Hub.Access;
using Axis.Hub.Access.Audit;
using Axis.Hub.Storage;
using Axis.Hub.Tests.Registry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

/// <summary>The audit log as somebody with the database would falsify it.</summary>
public sealed class AuditChainTests
{
    private RegistryDatabase _database = null!;
    private GroupCommit<AuditLine, bool> _writer = null!;
    private AuditLog _audit = null!;
    private TokenKeys _keys = null!;
    private AuditCheckpoints _checkpoints = null!;
    private string _folder = "";

    [OneTimeSetUp]
    public async Task Open_the_log()
    {
        _folder = Directory.CreateTempSubdirectory("axis-audit-").FullName;
        _database = await RegistryDatabase.CreateAsync();
        _writer = AuditLog.CreateWriter(_database.Source);
        _audit = new AuditLog(
            _writer,
            new RepeatedRefusals(TimeProvider.System),
            TimeProvider.System,
            NullLogger<AuditLog>.Instance
        );
        _keys = new TokenKeys(
            Options.Create(
                new AccessOptions { SigningKeyFile = Path.Combine(_folder, "token-key.pem") }
            ),
            TimeProvider.System,
            NullLogger<TokenKeys>.Instance
        );
        _checkpoints = new AuditCheckpoints(
            _database.Source,
            _keys,
            Options.Create(new AuditOptions()),
            TimeProvider.System,
            NullLogger<AuditCheckpoints>.Instance
        );
        await _writer.StartAsync(CancellationToken.None);
    }

    [SetUp]
    public async Task A_log_of_eight_rows_signed_at_the_fifth()
    {
        await _database.ExecuteAsync(
            """
            TRUNCATE audit, audit_checkpoint;
            UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex');
            ALTER TABLE audit ENABLE TRIGGER audit_chained;
            """
        );
        await WriteAsync(1, 5);
        await _checkpoints.SignAsync(CancellationToken.None);
        await WriteAsync(6, 8);
    }

    [OneTimeTearDown]
    public async Task Close_it()
    {
        await _writer.StopAsync(CancellationToken.None);
        _checkpoints.Dispose();
        _keys.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_log_as_it_was_written_is_in_order()
    {
        var verdict = await VerifyAsync();
        Assert.That(verdict.Findings, Is.Empty);
        Assert.That(
            (verdict.Rows, verdict.LastSeq, verdict.Checkpoints, verdict.SignedUpTo),
            Is.EqualTo((8L, 8L, 1L, 5L))
        );
    }

    [TestCase("UPDATE audit SET actor = 'somebody' WHERE seq = 3", "not what was written")]
    [TestCase("UPDATE audit SET outcome = 'ok' WHERE seq = 7", "not what was written")]
    [TestCase("UPDATE audit SET detail = '{\"n\": 99}' WHERE seq = 2", "not what was written")]
    [TestCase("UPDATE audit SET remote = NULL WHERE seq = 2", "not what was written")]
    [TestCase("UPDATE audit SET at = at + interval '1 us' WHERE seq = 2", "not what was written")]
    [TestCase("DELETE FROM audit WHERE seq = 4", "rows 4 to 4 are missing")]
    [TestCase("DELETE FROM audit WHERE seq < 3", "rows 1 to 2 are missing")]
    [TestCase("DELETE FROM audit WHERE seq = 8", "went up to row 8")]
    [TestCase(
        "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); "
            + "UPDATE audit SET seq = -seq WHERE seq < 0",
        "not what was written"
    )]
    [TestCase(
        "ALTER TABLE audit DISABLE TRIGGER audit_chained; "
            + "INSERT INTO audit (at, actor, action, outcome, seq, hash) VALUES (now(), 'x', 'x', 'ok', 9, sha256('x'))",
        "not what was written"
    )]
    public async Task What_was_changed_in_the_table_shows(string change, string finding)
    {
        await _database.ExecuteAsync(change);
        var verdict = await VerifyAsync();
        Assert.That(verdict.Findings.Select(one => one.Message), Has.Some.Contains(finding));
    }

    [Test]
    public async Task Recomputing_all_hashes_after_a_change_does_not_help_before_a_checkpoint()
    {
        await _database.ExecuteAsync("UPDATE audit SET actor = 'somebody' WHERE seq = 3");
        await RechainAsync();
        var verdict = await VerifyAsync();
        Assert.That(
            verdict.Findings.Select(one => (one.Seq, one.Message)),
            Is.EqualTo(new[] { (5L, "row 5 or one before it is not what the hub signed") })
        );
    }

    [Test]
    public async Task A_tail_that_a_checkpoint_covers_cannot_be_cut_off()
    {
        await _database.ExecuteAsync("DELETE FROM audit WHERE seq > 3");
        await RechainAsync();
        Assert.That(
            (await VerifyAsync()).Findings.Select(one => one.Message),
            Has.Some.EqualTo("a checkpoint covers row 5, which is not there")
        );
    }

    [Test]
    public async Task What_no_checkpoint_covers_is_stated_and_not_vouched_for()
    {
        await _database.ExecuteAsync("DELETE FROM audit WHERE seq > 6");
        await RechainAsync();
        var verdict = await VerifyAsync();
        Assert.That(verdict.Findings, Is.Empty);
        Assert.That((verdict.LastSeq, verdict.SignedUpTo), Is.EqualTo((6L, 5L)));
    }

    [Test]
    public async Task A_checkpoint_of_another_key_vouches_for_nothing()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var verdict = await AuditFile.VerifyAsync(
            await ExportAsync(),
            AuditKeys.FromPem(stranger.ExportSubjectPublicKeyInfoPem())
        );
        Assert.That(
            verdict.Findings.Single().Message,
            Is.EqualTo("the checkpoint is not signed by a key of the hub")
        );
    }

    [Test]
    public async Task Half_an_export_is_not_taken_for_a_whole_one()
    {
        var whole = (await ExportAsync()).ToArray();
        var half = whole.AsSpan(0, whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1);
        var verdict = await AuditFile.VerifyAsync(new MemoryStream(half.ToArray()), Keys());
        Assert.That(verdict.Findings.Single().Message, Does.Contain("not whole"));
    }

    [TestCase("\"previous\":\"[^\"]*\"", "\"previous\":null")]
    [TestCase("\"hash\":\"[^\"]*\"", "\"hash\":null")]
    [TestCase("\"checkpoint\":\"[^\"]*\"", "\"checkpoint\":null")]
    [TestCase(
        "\"checkpoint\":\"[^.]*",
        "\"checkpoint\":\"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF4aXMtYXVkaXQrand0Iiwia2lkIjpudWxsfQ"
    )]
    public async Task What_is_null_in_an_export_is_a_finding(string text, string by)
    {
        using var export = new StreamReader(await ExportAsync());
        var whole = await export.ReadToEndAsync();
        var changed = Regex.Replace(whole, text, by, RegexOptions.NonBacktracking);
        Assert.That(changed, Is.Not.EqualTo(whole));

        var verdict = await AuditFile.VerifyAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(changed)),
            Keys()
        );

        Assert.That(verdict.Findings, Is.Not.Empty);
    }

    [TestCase(6, "")]
    [TestCase(4, "no checkpoint vouches")]
    public async Task A_later_part_is_verified_from_a_checkpoint_on(int from, string finding)
    {
        var findings = (
            await AuditFile.VerifyAsync(await ExportAsync(from), Keys())
        ).Findings.Select(one => one.Message);
        Assert.That(findings, finding == "" ? Is.Empty : Has.One.Contains(finding));
    }

    [Test]
    public async Task A_retired_key_still_verifies_its_checkpoints()
    {
        var file = Path.Combine(_folder, "token-key.pem");
        foreach (var step in (string[])["next", "use", "retire"])
        {
            Assert.That(TokenKeyVerb.Run([step], file, TextWriter.Null, TextWriter.Null), Is.Zero);
        }
        _keys.LookAgain();
        await _checkpoints.SignAsync(CancellationToken.None);
        var verdict = await VerifyAsync();
        Assert.That(verdict.Findings, Is.Empty);
        Assert.That((verdict.Checkpoints, verdict.SignedUpTo), Is.EqualTo((2L, 8L)));
    }

    [Test]
    public async Task Several_nodes_write_one_chain()
    {
        var nodes = Enumerable
            .Range(0, 3)
            .Select(_ => AuditLog.CreateWriter(_database.Source))
            .ToArray();
        foreach (var node in nodes)
        {
            await node.StartAsync(CancellationToken.None);
        }
        for (var i = 0; i < 200; i++)
        {
            foreach (var node in nodes)
            {
                node.TrySubmit(
                    new AuditLine(
                        TimeProvider.System.GetUtcNow(),
                        "node",
                        "::1",
                        "test",
                        AuditOutcome.Denied,
                        new { i, words = "Sở \"Nội vụ\" \\ \t é 😀 \u0001" }
                    ),
                    out _
                );
            }
        }
        await Task.WhenAll(nodes.Select(node => node.StopAsync(CancellationToken.None)));
        var verdict = await VerifyAsync();
        Assert.That(verdict.Findings, Is.Empty);
        Assert.That(verdict.Rows, Is.EqualTo(608));
    }

    private async Task WriteAsync(int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            await _audit.RecordAsync(
                "test",
                AuditOutcome.Denied,
                "xã-" + n,
                "10.0.0." + n,
                new { n }
            );
        }
    }

    /// <summary>What a thorough forger does: number and hash everything anew, and set the head.</summary>
    private Task RechainAsync() =>
        _database.ExecuteAsync(
            """
            DO $$
            DECLARE
                line     audit;
                previous bytea := decode(repeat('00', 32), 'hex');
                n        bigint := 0;
            BEGIN
                FOR line IN SELECT * FROM audit ORDER BY seq LOOP
                    n := n + 1;
                    previous := audit_hash(
                        previous, n, line.at, line.actor, line.remote, line.action, line.outcome, line.detail);
                    UPDATE audit SET seq = n, hash = previous WHERE id = line.id;
                END LOOP;
                UPDATE audit_head SET seq = n, hash = previous;
            END $$
            """
        );

    private async Task<AuditVerdict> VerifyAsync() =>
        await AuditFile.VerifyAsync(await ExportAsync(), Keys());

    private async Task<MemoryStream> ExportAsync(long from = 1)
    {
        var file = new MemoryStream();
        await new AuditExport(_database.Source).WriteAsync(from, file, CancellationToken.None);
        file.Position = 0;
        return file;
    }

    private IReadOnlyDictionary<string, ECDsa> Keys() =>
        AuditKeys.FromPem(
            new StringBuilder()
                .AppendJoin(
                    '\n',
                    _keys.Current.Published.Select(key => key.ECDsa.ExportSubjectPublicKeyInfoPem())
                )
                .ToString()
        );
}
