using System.Security.Cryptography;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Storage;

/// <summary>The encrypted form of a payload: what was written comes back, anything else is noticed.</summary>
public sealed class PayloadSealTests
{
    private string _folder = null!;
    private PayloadKeys _keys = null!;

    [OneTimeSetUp]
    public void MakeKeys()
    {
        _folder = Directory.CreateTempSubdirectory("axis-seal-").FullName;
        _keys = KeysOf($"k1 {NewKey()}\n# a comment\n\nk2 {NewKey()}\n", "k2");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(PayloadSeal.ChunkBytes - 1)]
    [TestCase(PayloadSeal.ChunkBytes)]
    [TestCase(PayloadSeal.ChunkBytes + 1)]
    [TestCase(2 * PayloadSeal.ChunkBytes)]
    [TestCase(200_000)]
    public void What_was_sealed_comes_back(int length)
    {
        var plain = RandomNumberGenerator.GetBytes(length);
        foreach (var key in (string[])["k1", "k2"])
        {
            var stored = PayloadSeal.Seal(plain, key, _keys[key]);
            Assert.That(PayloadSeal.IsSealed(stored));
            Assert.That(PayloadSeal.Unseal(stored, _keys), Is.EqualTo(plain));
        }
    }

    [Test]
    public async Task A_sealed_file_is_read_back_and_forth_as_its_plain_bytes()
    {
        var plain = RandomNumberGenerator.GetBytes((3 * PayloadSeal.ChunkBytes) + 5);
        var path = Path.Combine(_folder, "back-and-forth");
        await File.WriteAllBytesAsync(path, PayloadSeal.Seal(plain, "k1", _keys["k1"]));
        await using var stream = await SealedStream.OpenAsync(
            File.OpenRead(path),
            _keys,
            CancellationToken.None
        );
        var random = new Random(19);
        var part = new byte[100_000];
        for (var i = 0; i < 200; i++)
        {
            var from = random.Next(plain.Length);
            var length = random.Next(Math.Min(part.Length, plain.Length - from));
            stream.Position = from;
            if (i % 2 == 0)
            {
                stream.ReadExactly(part.AsSpan(0, length));
            }
            else
            {
                await stream.ReadExactlyAsync(part.AsMemory(0, length));
            }
            Assert.That(part.AsSpan(0, length).SequenceEqual(plain.AsSpan(from, length)), $"{i}");
        }
        stream.Position = plain.Length;
        Assert.That(stream.Read(part), Is.Zero);
    }

    [Test]
    public void The_same_bytes_never_look_the_same_twice()
    {
        var plain = new byte[1000];
        Assert.That(
            PayloadSeal.Seal(plain, "k1", _keys["k1"]),
            Is.Not.EqualTo(PayloadSeal.Seal(plain, "k1", _keys["k1"]))
        );
    }

    [Test]
    public void Any_changed_byte_is_noticed()
    {
        var stored = PayloadSeal.Seal(RandomNumberGenerator.GetBytes(70_000), "k1", _keys["k1"]);
        // The magic is not among them: without it the bytes are no sealed payload, and the SHA-256 speaks.
        for (var at = 4; at < stored.Length; at += at < 120 ? 1 : 997)
        {
            var changed = stored.ToArray();
            changed[at] ^= 1;
            Assert.Throws<PayloadUnusableException>(
                () => PayloadSeal.Unseal(changed, _keys),
                $"byte {at}"
            );
        }
    }

    [Test]
    public void Cutting_off_swapping_and_mixing_chunks_is_noticed()
    {
        const int Chunk = PayloadSeal.ChunkBytes + PayloadSeal.TagBytes;
        var stored = PayloadSeal.Seal(
            RandomNumberGenerator.GetBytes(3 * PayloadSeal.ChunkBytes),
            "k1",
            _keys["k1"]
        );
        var other = PayloadSeal.Seal(
            RandomNumberGenerator.GetBytes(3 * PayloadSeal.ChunkBytes),
            "k1",
            _keys["k1"]
        );
        var header = stored.Length - (3 * Chunk);
        var cut = stored[..^Chunk];
        byte[] swapped =
        [
            .. stored[..header],
            .. stored[(header + Chunk)..(header + (2 * Chunk))],
            .. stored[header..(header + Chunk)],
            .. stored[(header + (2 * Chunk))..],
        ];
        byte[] mixed = [.. stored[..^Chunk], .. other[^Chunk..]];
        byte[] longer = [.. stored, .. stored[^Chunk..]];
        foreach (
            var wrong in (byte[][])[cut, swapped, mixed, longer, stored[..header], stored[..10]]
        )
        {
            Assert.Throws<PayloadUnusableException>(() => PayloadSeal.Unseal(wrong, _keys));
        }
    }

    [Test]
    public void Without_its_key_a_payload_stays_closed_and_says_which_key_it_wants()
    {
        var stored = PayloadSeal.Seal([1, 2, 3], "k1", _keys["k1"]);
        var others = KeysOf($"k3 {NewKey()}", "k3");
        var refusal = Assert.Throws<PayloadUnusableException>(() =>
            PayloadSeal.Unseal(stored, others)
        );
        Assert.That(refusal!.Failure, Is.EqualTo("key_missing"));
        Assert.That(refusal.Reason, Does.Contain("k1"));

        var impostor = KeysOf($"k1 {NewKey()}", "k1");
        Assert.Throws<PayloadUnusableException>(() => PayloadSeal.Unseal(stored, impostor));
    }

    [TestCase("k1", "k1", "line 1")]
    [TestCase("k1 abc", "k1", "line 1")]
    [TestCase("k1 {short}", "k1", "line 1")]
    [TestCase("k1 {key} more", "k1", "line 1")]
    [TestCase("k1 {key}\nk1 {key}", "k1", "twice")]
    [TestCase("k1 {key}", "k9", "no key k9")]
    public void A_key_file_that_is_wrong_is_refused_without_quoting_a_secret(
        string text,
        string current,
        string expected
    )
    {
        var key = NewKey();
        var written = text.Replace("{key}", key, StringComparison.Ordinal)
            .Replace(
                "{short}",
                Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
                StringComparison.Ordinal
            );
        var refusal = Assert.Throws<OptionsValidationException>(() => KeysOf(written, current));
        Assert.That(refusal!.Message, Does.Contain(expected).And.Not.Contain(key));
    }

    [Test]
    public void A_key_file_that_everybody_can_read_is_refused()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() =>
            KeysOf(
                $"k1 {NewKey()}",
                "k1",
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead
            )
        );
        Assert.That(refusal!.Message, Does.Contain("chmod 600"));
    }

    private static string NewKey() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(PayloadKeys.KeyBytes));

    private PayloadKeys KeysOf(
        string text,
        string current,
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite
    )
    {
        var file = Path.Combine(_folder, Guid.CreateVersion7().ToString("n"));
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }
        return new PayloadKeys(
            Options.Create(
                new StorageOptions { EncryptionKeyFile = file, EncryptionKeyId = current }
            )
        );
    }
}
