using Axis.EdXml;

namespace Axis.NationalSim.Provinces;

/// <summary>A letter that another province is to send now.</summary>
public sealed record LetterWish
{
    /// <summary>Recipients' codes, as they are to stand in the package.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Null: some agency of another province.</summary>
    public string? From { get; init; }

    public string Subject { get; init; } = "V/v phối hợp công tác";

    /// <summary>Names every recipient by both of its codes, as older software does.</summary>
    public bool BothCodes { get; init; }

    /// <summary>With the envelope signed by a key made at the start.</summary>
    public bool WithSignature { get; init; }

    public BusinessType Business { get; init; }

    /// <summary>The letter that a recall, an update or a replacement is about; else a new id is made.</summary>
    public string? DocumentId { get; init; }

    public int Priority { get; init; }

    /// <summary>Bytes of its one attachment, about.</summary>
    public int AttachmentBytes { get; init; } = 2_000;
}
