using Axis.Hub.Letters;
using Axis.TestKit;
using Dapper;

namespace Axis.Hub.Tests.Letters;

/// <summary>What words a subject has, in the hub and in the database.</summary>
public sealed class SubjectWordsTests
{
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    private static readonly string s_long = new('x', 5_000);

    private static IEnumerable<TestCaseData> Subjects()
    {
        yield return new("V/v phòng, chống lụt bão", "v phong chong lut bao");
        yield return new("15/UBND-VP ngày 02.9.2026", "15 ubnd vp ngay 02 9 2026");
        yield return new("“Chuyển đổi số” – Đề án 06…", "chuyen doi so de an 06");
        yield return new("'); DROP TABLE package; --", "drop table package");
        yield return new("a' & 'b:*|!c<->d\\e\"", "a b c d e");
        yield return new("\tbão\r\nbão\u00A0BÃO\u200Bbão", "bao");
        yield return new("中文 公文", "中文 公文");
        yield return new("", "");
        yield return new(" ,.- ", "");
        yield return new(s_long, s_long[..64]);
        // One more than are looked at, and the first of them again.
        yield return new(
            string.Join(' ', Enumerable.Range(0, SubjectWords.MostWords + 1).Prepend(0)),
            string.Join(' ', Enumerable.Range(0, SubjectWords.MostWords))
        );
        yield return new(new string('x', 63) + "\U0001F600", new string('x', 63));
    }

    [TestCaseSource(nameof(Subjects))]
    public void A_subject_is_cut_into_its_words(string subject, string words) =>
        Assert.That(SubjectWords.ForRow(subject), Is.EqualTo(words));

    /// <summary>As many words as a subject has room for: those beyond the bound are neither kept nor compared.</summary>
    [Test]
    public void A_subject_of_many_thousand_words_is_found_by_the_first_of_them()
    {
        var many = string.Join(
            ' ',
            Enumerable
                .Range(0, 16_000)
                .Select(n =>
                    $"{(char)('a' + n / 676 % 26)}{(char)('a' + n / 26 % 26)}{(char)('a' + n % 26)}{n / 17576}"
                )
        );
        Assert.That(
            SubjectWords.Of(many),
            Is.EqualTo(many.Split(' ').Take(SubjectWords.MostWords))
        );
    }

    // Of a pair of surrogates at the limit the database, which has none, takes the whole.
    [TestCaseSource(nameof(Subjects))]
    public async Task The_database_cuts_it_in_the_same_way(string subject, string words)
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        Assert.That(
            await connection.ExecuteScalarAsync<bool>(
                "SELECT letter_words(@subject) = @words::tsvector OR @subject LIKE '%\U0001F600'",
                new { subject, words }
            ),
            Is.True
        );
    }

    [TestCaseSource(nameof(Subjects))]
    public async Task A_row_is_found_by_all_of_its_own_words(string subject, string words)
    {
        if (SubjectWords.ForQuestion(subject) is not { } question)
        {
            Assert.That(words, Is.Empty);
            return;
        }
        await using var connection = await _hub.Database.OpenConnectionAsync();
        Assert.That(
            await connection.ExecuteScalarAsync<bool>(
                "SELECT @words::tsvector @@ @question::tsquery",
                new { words, question }
            ),
            Is.True
        );
    }

    [Test]
    public async Task A_row_that_comes_without_gets_its_words_from_the_database()
    {
        using var office = await _hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Subject = "V/v phòng, chống lụt bão",
            }.Signed()
        );
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var both = (
            await connection.QueryAsync<string>(
                """
                WITH old AS (
                    INSERT INTO package
                    SELECT (json_populate_record(p, json_build_object('id', gen_random_uuid(), 'words', NULL))).*
                    FROM package p WHERE id = @id
                    RETURNING words
                )
                SELECT words::text FROM package WHERE id = @id UNION ALL SELECT words::text FROM old
                """,
                new { id = receipt.PackageId }
            )
        ).ToArray();
        Assert.That(both, Is.EqualTo(new[] { both[0], both[0] }));
        Assert.That(both[0], Does.Contain("'bao'"));
    }
}
