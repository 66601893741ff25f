using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Routing;
using Axis.Hub.Statuses;

namespace Axis.Hub.Acts;

/// <summary>A delivery of the act's own package.</summary>
/// <param name="About">The letter's delivery that it tells of; null when it is a letter itself.</param>
public sealed record ActDelivery(PlannedDelivery Plan, Guid? About, string? Dialogue);

/// <summary>What an act does, decided while the letter's deliveries are locked.</summary>
public sealed record ActPlan(
    IReadOnlyList<ActDelivery> Deliveries,
    IReadOnlyList<ActEffect> Effects,
    IReadOnlyList<ErrorItem> Warnings
)
{
    internal IReadOnlyList<LifeChange> Changes { get; init; } = [];
}

/// <summary>Judges each recipient of a letter, and says what is delivered to whom. Pure: rows in, plan out.</summary>
internal sealed class ActPlanning(
    CheckedDocument document,
    ActTargets targets,
    LettersWithUpdates locked,
    RegistrySnapshot registry,
    LifeCause cause
)
{
    private readonly List<ActDelivery> _deliveries = [];
    private readonly List<ActEffect> _effects = [];
    private readonly List<LifeChange> _changes = [];
    private readonly Business _business = document.Header.Business;

    public ActPlan Plan()
    {
        switch (_business.Type)
        {
            case BusinessType.Recall:
                foreach (var planned in document.Deliveries)
                {
                    Recall(planned);
                }
                break;
            case BusinessType.Update:
                Update();
                break;
            default:
                foreach (var replaced in targets.Deliveries.SelectMany(deliveries => deliveries))
                {
                    Judge(locked[replaced], LifeEvent.Replace);
                }
                _deliveries.AddRange(document.Deliveries.Select(plan => Letter(plan)));
                break;
        }
        return new ActPlan(_deliveries, _effects, targets.IsKnown ? [] : [UnknownLetter()])
        {
            Changes = _changes,
        };
    }

    private void Recall(PlannedDelivery planned)
    {
        if (TargetOf(planned.Recipient.Id) is not { } letter)
        {
            _deliveries.Add(Letter(planned, Dialogues.RecallAsked));
            return;
        }
        Judge(letter, LifeEvent.Recall);
        Tell(planned, letter);
    }

    private void Update()
    {
        var removed = ActTargets.AgenciesOf(_business.ReceiversRemoved, registry, cause.At);
        foreach (
            var recipient in removed.Where(id => document.Deliveries.All(d => d.Recipient.Id != id))
        )
        {
            if (TargetOf(recipient) is { } letter)
            {
                Judge(letter, LifeEvent.Recall);
                TellFar(letter);
            }
        }
        foreach (var planned in document.Deliveries)
        {
            var letter = TargetOf(planned.Recipient.Id);
            if (removed.Contains(planned.Recipient.Id))
            {
                if (letter is not null)
                {
                    Judge(letter, LifeEvent.Recall);
                    Tell(planned, letter);
                }
            }
            // Whoever lost the letter, or never had it, gets the update in its place.
            else if (letter is null || !letter.Position.IsReadable)
            {
                _deliveries.Add(Letter(planned, targets.IsKnown ? null : Dialogues.UpdateAsked));
            }
            else
            {
                Judge(letter, LifeEvent.Update);
                _deliveries.Add(new ActDelivery(planned, letter.Id, null));
            }
        }
    }

    /// <summary>Who never took the letter need not hear that it is gone.</summary>
    private void Tell(PlannedDelivery planned, LockedDelivery letter)
    {
        if (letter.Position.State is "collected")
        {
            _deliveries.Add(new ActDelivery(planned, letter.Id, null));
        }
    }

    /// <summary>Over the border news travel in packages alone, so who is left out there gets the update that says so.</summary>
    private void TellFar(LockedDelivery letter)
    {
        if (
            letter.OfficeSystemId is null
            && registry.AgencyById(letter.RecipientAgencyId) is { } recipient
        )
        {
            Tell(new PlannedDelivery(letter.RecipientCode, recipient, null, null), letter);
        }
    }

    private static ActDelivery Letter(PlannedDelivery planned, string? dialogue = null) =>
        new(planned, null, dialogue);

    /// <summary>The letter at a recipient, or at one that it has succeeded since.</summary>
    private LockedDelivery? TargetOf(Guid recipient) =>
        registry
            .FamilyOf(recipient)
            .Select(agency => targets.Deliveries[agency].Select(id => locked[id]).LastOrDefault())
            .FirstOrDefault(letter => letter is not null);

    private void Judge(LockedDelivery letter, LifeEvent raised)
    {
        var change = LifeChange.Judge(letter, raised, cause);
        _changes.Add(change);
        _changes.AddRange(locked.GoneWith(change));
        _effects.Add(
            new ActEffect(
                letter.Id,
                letter.RecipientCode,
                registry.AgencyById(letter.RecipientAgencyId)?.PrimaryCode ?? letter.RecipientCode,
                EffectOf(change),
                OutcomeNames.Of(change.Outcome),
                StageNames.Of(change.After.Stage)
            )
        );
    }

    private static string EffectOf(LifeChange change) =>
        (change.Outcome, change.After.Stage) switch
        {
            (not ReportOutcome.Applied, _) => "none",
            (_, Stage.Withdrawn) => "withdrawn",
            (_, Stage.Replaced) => "replaced",
            _ => "asked",
        };

    private ErrorItem UnknownLetter()
    {
        var named =
            _business.DocumentId
            ?? (_business.Replacements is [var first, ..] ? first.DocumentId : null)
            ?? document.Header.DocumentId
            ?? "";
        return ActErrors.UnknownLetter.At("TraceHeaderList/Bussiness", named, named);
    }
}
