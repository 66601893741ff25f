using System.Text;
using Axis.Cli.Files;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.Cli.Tests;

[TestFixture]
public class SafeFileNameTests
{
    [TestCase("công văn.pdf", "công văn.pdf")]
    [TestCase("../../etc/passwd", "passwd")]
    [TestCase("..\\..\\windows\\win.ini", "win.ini")]
    [TestCase("/etc/shadow", "shadow")]
    [TestCase("C:\\boot.ini", "boot.ini")]
    [TestCase("..", "fallback")]
    [TestCase("...", "fallback")]
    [TestCase("a/", "fallback")]
    [TestCase("", "fallback")]
    [TestCase(null, "fallback")]
    [TestCase(".bashrc", "bashrc")]
    [TestCase("x.pdf:stream", "x.pdf_stream")]
    [TestCase("a\0b\n.pdf", "a_b_.pdf")]
    [TestCase("hoa\u202Efdp.exe", "hoa_fdp.exe")]
    [TestCase("NUL.pdf", "_NUL.pdf")]
    [TestCase("com1", "_com1")]
    [TestCase("trailing. . ", "trailing")]
    public void A_name_is_made_safe(string? name, string expected) =>
        Assert.That(SafeFileName.From(name, "fallback"), Is.EqualTo(expected));

    [Test]
    public void A_long_name_is_cut_between_characters_and_keeps_its_extension()
    {
        var name = SafeFileName.From(new string('ế', 300) + ".pdf", "fallback");
        Assert.That(Encoding.UTF8.GetByteCount(name), Is.InRange(190, SafeFileName.MaxBytes));
        Assert.That(name, Does.EndWith("ế.pdf"));
    }

    [Test]
    public void Any_text_gives_one_name_of_bounded_length() =>
        Prop.ForAll<string?>(text =>
            {
                var name = SafeFileName.From(text, "fallback");
                return name.Length > 0
                    && Encoding.UTF8.GetByteCount(name) <= SafeFileName.MaxBytes
                    && name == Path.GetFileName(name)
                    && name is not ("." or "..")
                    && !name.Any(c => char.IsControl(c) || c is '/' or '\\');
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
