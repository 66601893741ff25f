using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Notices;

/// <summary>How SMTP is secured.</summary>
public enum SmtpSecurity
{
    None,
    StartTls,
    Tls,
}

public sealed class NoticeOptions : IValidatableObject
{
    public const string Section = "Notices";

    /// <summary>Empty: no mail.</summary>
    public string SmtpHost { get; set; } = "";

    [Range(1, 65535)]
    public int SmtpPort { get; set; } = 587;

    public SmtpSecurity SmtpSecurity { get; set; } = SmtpSecurity.StartTls;

    /// <summary>Empty: without logging in.</summary>
    public string SmtpUser { get; set; } = "";

    /// <summary>File that holds the password alone.</summary>
    public string SmtpPasswordFile { get; set; } = "";

    /// <summary>One mail, from connecting to the server's word that it has it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan SmtpTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Mail address of the sender.</summary>
    public string From { get; set; } = "";

    /// <summary>Mail addresses of the IT centre, which hear of troubled inboxes.</summary>
    public IList<string> Operators { get; set; } = [];

    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A letter that nobody has taken for so much working time is told of, to both sides. A working day has eight hours
    /// with the hours that <c>WorkingTime</c> has by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "20.00:00:00")]
    public TimeSpan DelayAfter { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How long an inbox must fail before it is told, and work again before that is.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan TroubleAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause after a notice could not be told; it doubles, up to an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What could not be told for so long is given up.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Letters listed in one message; of the others it says how many.</summary>
    [Range(1, 1000)]
    public int MaxLetters { get; set; } = 100;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SmtpHost.Length > 0 && !MimeKit.MailboxAddress.TryParse(From, out _))
        {
            yield return new(
                $"{Section}:{nameof(From)} must be a mail address when there is a server."
            );
        }
        if (SmtpUser.Length > 0 && !File.Exists(SmtpPasswordFile))
        {
            yield return new(
                $"{Section}:{nameof(SmtpPasswordFile)} is needed with {nameof(SmtpUser)}."
            );
        }
        if (SmtpUser.Length > 0 && SmtpSecurity == SmtpSecurity.None)
        {
            yield return new(
                $"{Section}:{nameof(SmtpUser)}: a password needs {nameof(SmtpSecurity)}."
            );
        }
        foreach (var one in Operators.Where(one => !MimeKit.MailboxAddress.TryParse(one, out _)))
        {
            yield return new($"{Section}:{nameof(Operators)}: {one} is no mail address.");
        }
        if (LookInterval < TimeSpan.FromMilliseconds(50))
        {
            yield return new($"{Section}:{nameof(LookInterval)}: at least 50 milliseconds.");
        }
    }
}
