using Axis.Hub.Broker;

namespace Axis.Hub.Storage;

/// <summary>
/// The stored bytes of a package must not be handed out: they are not those that were accepted, or cannot be read.
/// Waiting does not help; somebody has to look.
/// </summary>
public sealed class PayloadUnusableException : Exception, INamedFailure
{
    private PayloadUnusableException(string failure, string reason)
        : base(reason) => Failure = failure;

    /// <summary><c>damaged</c>, <c>missing</c> or <c>key_missing</c>.</summary>
    public string Failure { get; }

    public string Reason => Message;

    public static PayloadUnusableException Damaged(string how) =>
        new("damaged", $"the stored package is damaged: {how}");

    public static PayloadUnusableException Missing() =>
        new("missing", "the stored package is not there");

    public static PayloadUnusableException WithoutKey(string keyId) =>
        new("key_missing", $"the key {keyId} of the stored package is not in the key file");
}
