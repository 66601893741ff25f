using System.Diagnostics.Metrics;
using Axis.Hub.Registry;

namespace Axis.Hub.Operations;

/// <summary>
/// Every figure the hub gives of itself, with unit and meaning. HTTP durations by route and status come from the
/// platform (<c>http.server.request.duration</c>).
/// </summary>
public sealed class HubMetrics
{
    public const string MeterName = "Axis.Hub";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.001,
            0.0025,
            0.005,
            0.01,
            0.025,
            0.05,
            0.1,
            0.25,
            0.5,
            1,
            2.5,
            5,
            10,
        ],
    };

    private static readonly InstrumentAdvice<int> BatchSizes = new()
    {
        HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500],
    };

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Histogram<int> _acceptBatch;
    private readonly Histogram<double> _acceptSeconds;
    private readonly Counter<long> _dispatched;
    private readonly Histogram<double> _confirmSeconds;
    private readonly Counter<long> _dispatchFailures;
    private readonly Counter<long> _collected;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _events;
    private readonly Counter<long> _unusable;
    private readonly Counter<long> _orphans;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _revocations;
    private readonly Gauge<long> _expiring;
    private readonly Gauge<long> _open;
    private readonly Gauge<double> _oldest;

    public HubMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = Counter("axis.packages.accepted", "{package}", "Packages accepted, by door.");
        _refused = Counter(
            "axis.packages.refused",
            "{package}",
            "Packages refused, by door and by the number of the first error."
        );
        _acceptBatch = meter.CreateHistogram(
            "axis.accept.batch.size",
            "{package}",
            "Packages that shared one transaction.",
            tags: null,
            BatchSizes
        );
        _acceptSeconds = Duration(
            "axis.accept.duration",
            "From the last byte of a package to its being durable."
        );
        _dispatched = Counter(
            "axis.deliveries.dispatched",
            "{delivery}",
            "Deliveries put into inboxes."
        );
        _confirmSeconds = Duration(
            "axis.dispatch.confirm.duration",
            "From publishing a batch to the broker's last confirm of it."
        );
        _dispatchFailures = Counter(
            "axis.dispatch.failures",
            "{delivery}",
            "Dispatches that failed and will be tried again."
        );
        _collected = Counter(
            "axis.deliveries.collected",
            "{delivery}",
            "Deliveries acknowledged by their recipients, by door."
        );
        _reports = Counter(
            "axis.status.reports",
            "{report}",
            "Status reports, by status code and outcome."
        );
        _events = Counter("axis.events.sent", "{event}", "Events put on event queues.");
        _unusable = Counter(
            "axis.payloads.unusable",
            "{read}",
            "Reads of a stored package that was damaged, missing or without its key. Any is an alarm."
        );
        _orphans = Counter(
            "axis.payloads.orphans.removed",
            "{file}",
            "Payload files removed because no package named them."
        );
        _verdicts = Counter(
            "axis.signature.verdicts",
            "{package}",
            "Packages accepted, by what was signed (envelope, document) and the verdict on it."
        );
        _revocations = Counter(
            "axis.revocation.checks",
            "{certificate}",
            "Certificates whose authority was asked, by outcome: answered, failed."
        );
        _expiring = meter.CreateGauge<long>(
            "axis.certificates.expiring",
            "{certificate}",
            "Registered certificates without a successor that end within so many days."
        );
        _open = meter.CreateGauge<long>(
            "axis.deliveries.open",
            "{delivery}",
            "Deliveries not yet at their end, by state and route; counted up to 100000."
        );
        _oldest = meter.CreateGauge<double>(
            "axis.deliveries.oldest.age",
            "s",
            "Age of the oldest delivery of a state and route; 0 when there is none."
        );

        Counter<long> Counter(string name, string unit, string description) =>
            meter.CreateCounter<long>(name, unit, description);
        Histogram<double> Duration(string name, string description) =>
            meter.CreateHistogram(name, "s", description, tags: null, Seconds);
    }

    public void PackageAccepted(Door door) => _accepted.Add(1, Tag("door", DoorOf(door)));

    /// <summary><paramref name="code"/> is the first error's, e.g. AXIS-3001.</summary>
    public void PackageRefused(Door door, string code) =>
        _refused.Add(1, Tag("door", DoorOf(door)), Tag("code", code));

    public void BatchAccepted(int packages) => _acceptBatch.Record(packages);

    public void PackageAcceptedWithin(TimeSpan duration) =>
        _acceptSeconds.Record(duration.TotalSeconds);

    public void DeliveriesDispatched(int deliveries) => _dispatched.Add(deliveries);

    public void BatchConfirmedWithin(TimeSpan duration) =>
        _confirmSeconds.Record(duration.TotalSeconds);

    public void DispatchFailed(int deliveries) => _dispatchFailures.Add(deliveries);

    public void DeliveriesCollected(Door door, int deliveries) =>
        _collected.Add(deliveries, Tag("door", DoorOf(door)));

    public void StatusReported(string status, string outcome) =>
        _reports.Add(1, Tag("status", status), Tag("outcome", outcome));

    /// <summary><paramref name="signature"/>: envelope or document.</summary>
    public void SignatureJudged(string signature, string verdict) =>
        _verdicts.Add(1, Tag("signature", signature), Tag("verdict", verdict));

    public void CertificatesExpiring(int days, long certificates) =>
        _expiring.Record(
            certificates,
            Tag("days", days.ToString(System.Globalization.CultureInfo.InvariantCulture))
        );

    public void RevocationAsked(string outcome) => _revocations.Add(1, Tag("outcome", outcome));

    public void EventsSent(int events) => _events.Add(events);

    public void PayloadUnusable(string failure) => _unusable.Add(1, Tag("failure", failure));

    public void OrphansRemoved(int files) => _orphans.Add(files);

    internal void DeliveriesOpen(string state, string route, long deliveries, TimeSpan oldest)
    {
        _open.Record(deliveries, Tag("state", state), Tag("route", route));
        _oldest.Record(oldest.TotalSeconds, Tag("state", state), Tag("route", route));
    }

    private static string DoorOf(Door door) => RegistryNames.Of(door);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
