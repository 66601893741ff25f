using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.Vxp.Tests;

/// <summary>The small pieces: text, digests, times, recipients, bodies, answers.</summary>
public sealed class WordsTests
{
    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property Whatever_is_written_is_read_again() =>
        Prop.ForAll<(string, string)[]>(pairs =>
        {
            var parameters = new VxpParameters();
            foreach (var (name, value) in pairs.Take(SignedText.MaxParameters))
            {
                parameters.Set(Clean(name), Clean(value));
            }
            var read = SignedText.Read(Encoding.UTF8.GetBytes(SignedText.Write(parameters)), out _);
            return read is not null && read.Entries.SequenceEqual(parameters.Entries);
        });

    // A lone surrogate has no UTF-8.
    private static string Clean(string? text) =>
        new([.. (text ?? "").Where(letter => !char.IsSurrogate(letter))]);

    [Test]
    public void Only_what_the_clients_escape_is_escaped()
    {
        var text = SignedText.Write(new VxpParameters().Set("a", "/<>&'=+ế\"\\\t\n\u0001\u2028"));
        Assert.That(text, Is.EqualTo("""{"XroadVnpt-a":"/<>&'=+ế\"\\\t\n\u0001\u2028"}"""));
    }

    [Test]
    public void A_parameter_set_again_keeps_its_place()
    {
        var parameters = new VxpParameters().Set("a", "1").Set("b", "2").Set("a", "3");
        Assert.That(SignedText.KeyOf(parameters), Is.EqualTo("a;b"));
        Assert.That(parameters["a"], Is.EqualTo("3"));
        Assert.That(parameters["A"], Is.Null);
    }

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public Property Both_spellings_of_a_digest_and_no_other_are_its_own() =>
        Prop.ForAll<byte[], byte[]>(
            (file, other) =>
            {
                var digest = SHA256.HashData(file);
                var isSame = file.AsSpan().SequenceEqual(other);
                return FileHash.IsOf(digest, FileHash.Unpadded(digest))
                    && FileHash.IsOf(digest, FileHash.Padded(digest).ToUpperInvariant())
                    && FileHash.IsOf(digest, FileHash.Unpadded(SHA256.HashData(other))) == isSame
                    && !FileHash.IsOf(digest, "")
                    && !FileHash.IsOf(digest, null);
            }
        );

    [Test]
    public void The_recorded_digest_has_sixty_digits()
    {
        var digest = Convert.FromHexString(
            "7b5d9efbf3cde2f05268c303bfea6d32741c4e740bde3761188b0c650a855b7f"
        );
        Assert.That(
            FileHash.Unpadded(digest),
            Is.EqualTo("7b5d9efbf3cde2f05268c33bfea6d32741c4e74bde3761188bc65a855b7f")
        );
    }

    [Test]
    public void The_last_group_of_a_timestamp_is_milliseconds()
    {
        Assert.That(VxpTimestamp.TryRead("22112026T043646+0517", out var at), Is.True);
        Assert.That(
            at.ToString("O", CultureInfo.InvariantCulture),
            Is.EqualTo("2026-11-22T04:36:46.5170000")
        );
        Assert.That(
            VxpTimestamp.Write(new DateTimeOffset(at, TimeSpan.FromHours(7))),
            Is.EqualTo("22112026T043646+0517")
        );
    }

    [TestCase(null, "")]
    [TestCase("", "")]
    [TestCase("[]", "")]
    [TestCase("\"H41.02\"", "H41.02")]
    [TestCase("""["H41.02"]""", "H41.02")]
    [TestCase("""["H41.02", "H41.03"]""", "H41.02 H41.03")]
    [TestCase("H41.02", null)]
    [TestCase("[1]", null)]
    [TestCase("[null]", null)]
    [TestCase("""[["H41.02"]]""", null)]
    [TestCase("{}", null)]
    [TestCase("""["H41.02"]x""", null)]
    public void Recipients_are_an_array_or_one_string(string? text, string? expected)
    {
        var read = Recipients.Read(text);
        Assert.That(read is null ? null : string.Join(' ', read), Is.EqualTo(expected));
        if (read is { Count: > 0 })
        {
            Assert.That(Recipients.Read(Recipients.Write(read)), Is.EqualTo(read));
        }
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property A_body_loses_one_line_end_and_no_other_byte() =>
        Prop.ForAll<PositiveInt>(seed =>
        {
            var random = new Random(seed.Get);
            // Mostly line ends, cut anywhere, so that one is often split between two reads.
            var body = new byte[random.Next(0, 12)];
            for (var i = 0; i < body.Length; i++)
            {
                body[i] = "\r\nx"u8[random.Next(3)];
            }
            var (rest, wasThere) = ReadAsync(body, random).GetAwaiter().GetResult();
            var ends = body.AsSpan().EndsWith("\r\n"u8);
            return wasThere == ends
                && rest.AsSpan().SequenceEqual(ends ? body.AsSpan()[..^2] : body.AsSpan());
        });

    private static async Task<(byte[] Body, bool WasThere)> ReadAsync(byte[] body, Random random)
    {
        var pipe = new Pipe();
        var writing = WriteAsync();
        var reader = new TrailingLineEnd(pipe.Reader);
        var rest = new List<byte>();
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                rest.AddRange(segment.Span);
            }
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }
        await writing;
        return ([.. rest], reader.WasThere);

        async Task WriteAsync()
        {
            for (var at = 0; at < body.Length; )
            {
                var piece = random.Next(1, body.Length - at + 1);
                await pipe.Writer.WriteAsync(body.AsMemory(at, piece));
                at += piece;
                await Task.Yield();
            }
            await pipe.Writer.CompleteAsync();
        }
    }

    [Test]
    public void An_answer_is_ASCII_and_holds_no_null()
    {
        var answer = Text(
            VxpAnswer.OfList([
                new ReceivedItem(
                    "1",
                    "eDoc",
                    "edoc",
                    "",
                    "",
                    "H41",
                    "H41.02",
                    "initial",
                    "Chưa nhận"
                ),
            ])
        );
        Assert.That(
            answer,
            Does.StartWith(
                """{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[{"docId":"1","""
            )
        );
        Assert.That(answer, Does.Contain("\\u01B0").And.Not.Contain("null"));
        Assert.That(answer.All(char.IsAscii), Is.True);
    }

    [TestCase(
        VxpAnswerKind.DocId,
        """{"status":"FAIL","ErrorCode":"15","ErrorDesc":"no","DocId":"","data":""}"""
    )]
    [TestCase(
        VxpAnswerKind.Package,
        """{"status":"FAIL","ErrorCode":"15","ErrorDesc":"no","DocId":"","data":""}"""
    )]
    [TestCase(
        VxpAnswerKind.Plain,
        """{"status":"FAIL","ErrorCode":"15","ErrorDesc":"no","DocId":"","data":""}"""
    )]
    [TestCase(
        VxpAnswerKind.List,
        """{"status":"FAIL","ErrorCode":"15","ErrorDesc":"no","DocId":"","data":[]}"""
    )]
    [TestCase(
        VxpAnswerKind.Count,
        """{"status":"FAIL","ErrorCode":"15","ErrorDesc":"no","DocId":"","count":0,"data":""}"""
    )]
    public void A_failure_has_every_member_that_any_client_needs(
        VxpAnswerKind kind,
        string expected
    ) => Assert.That(Text(VxpAnswer.Failure(kind, "15", "no")), Is.EqualTo(expected));

    [Test]
    public void A_sent_item_has_the_members_of_both_forms()
    {
        var item = JsonSerializer.SerializeToElement(
            new SentItem(
                "eDoc",
                "edoc",
                "s",
                "r",
                "H41",
                "H41.02",
                "t",
                "n",
                "1",
                "",
                "done",
                "",
                "initial",
                "i"
            ),
            VxpJson.Options
        );
        string[] expected =
        [
            "serviceType",
            "messageType",
            "senderDocId",
            "receiverDocId",
            "fromCode",
            "toCode",
            "title",
            "notation",
            "sentTime",
            "receivedTime",
            "sendStatus",
            "sendStatusDesc",
            "receiveStatus",
            "receiveStatusDesc",
            "docId",
            "from",
            "to",
            "status",
            "status_desc",
            "created_time",
            "updated_time",
        ];
        Assert.That(item.EnumerateObject().Select(member => member.Name), Is.EqualTo(expected));
    }

    private static string Text(VxpAnswer answer) => Encoding.UTF8.GetString(answer.ToUtf8());
}
