namespace Axis.EdXml;

/// <summary>The catalogue. A number, once given out, keeps its meaning.</summary>
public static partial class Rules
{
    /// <summary>Every rule, by number.</summary>
    public static IReadOnlyList<Rule> All => Catalogue.All;

    private static Rule Always(int number, string name, string source, string vi, string en) =>
        Make(number, name, Severity.Error, Severity.Error, Severity.Error, source, vi, en);

    private static Rule Make(
        int number,
        string name,
        Severity? strict,
        Severity? axis,
        Severity? tolerant,
        string source,
        string vi,
        string en
    ) =>
        new()
        {
            Number = number,
            Name = name,
            Strict = strict,
            Axis = axis,
            Tolerant = tolerant,
            Source = source,
            TemplateVi = vi,
            TemplateEn = en,
        };

    /// <summary>Apart, because the parts of <see cref="Rules"/> are initialised in no particular order.</summary>
    private static class Catalogue
    {
        internal static readonly IReadOnlyList<Rule> All =
        [
            NotWellFormed,
            UnboundPrefix,
            MismatchedEndTag,
            TextOutsideRoot,
            UnsupportedEncoding,
            InvalidUtf8,
            IllegalCharacter,
            DtdRefused,
            UndefinedEntity,
            DuplicateAttribute,
            UnexpectedEnd,
            EmptyPackage,
            MisplacedDeclaration,
            PackageTooLarge,
            TooDeep,
            TagTooLong,
            TooManyAttributes,
            TooManyNamespaces,
            HeaderTooLarge,
            TooManyElements,
            TooManyRecipients,
            TooManyAttachments,
            ValueTooLong,
            UnrecognisedRoot,
            NamespaceVariant,
            UnprefixedEnvelope,
            NonStandardForm,
            MissingMessageHeader,
            UnknownElement,
            StrayText,
            RepeatedElement,
            MisspeltElement,
            MissingElement,
            MissingByStandard,
            LongerThanStandard,
            NotANumber,
            PriorityOutOfRange,
            CodeNumberWithLetters,
            UnknownDocumentType,
            NotAFlag,
            LiteralNull,
            EmptyResponseFor,
            EmptyValue,
            MalformedIdentifier,
            MalformedSideIdentifier,
            IrregularIdentifier,
            NodeAsRecipient,
            RepeatedRecipient,
            InsertedOldCode,
            UnreadableDate,
            DateForm,
            DateInFuture,
            DueBeforeIssue,
            ImpossibleDateInDocumentId,
            WrongAttachmentsElement,
            ReferenceWithoutAttachment,
            AttachmentWithoutReference,
            AttachmentWithoutData,
            ContentIdForm,
            DeclaredTypeDiffers,
            NotBase64,
            TruncatedBase64,
            Utf8Damaged,
            CorruptZip,
            TruncatedPdf,
            EmptyAttachment,
            RepeatedContentId,
            AttachmentInsideEnvelope,
            UnsafeAttachmentName,
            LongAttachmentName,
            MissingManifest,
            UnknownBusinessType,
            BusinessWithoutReason,
            BusinessWithoutTarget,
            UnknownReceiverType,
            HopWithoutOrgan,
            BadStatusCode,
            ShortStatusCode,
            StatusWithoutTarget,
            RefusalWithoutReason,
            SeveralSignatures,
            SignatureOutsideHeader,
        ];
    }
}
