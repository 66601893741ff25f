using Axis.Hub.Errors;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// A reorganisation beside the registry as it will stand at its instant, the file's own acts included. Reads nothing and
/// writes nothing; everything it plans is dated, so applying it before the instant changes nothing before the instant.
/// </summary>
public sealed class Reorganisation
{
    private const string DefaultKind = "agency";

    private readonly RegistrySnapshot _registry;
    private readonly DateTimeOffset _at;
    private readonly RegistryEdit _edit = new();
    private readonly List<ErrorItem> _conflicts = [];
    private readonly Dictionary<string, Guid> _opened = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _leaving = [];
    private readonly HashSet<Guid> _closing = [];
    private readonly HashSet<Guid> _served = [];
    private readonly HashSet<(string Code, DateTimeOffset From)> _ended = [];
    private readonly Dictionary<Guid, List<Guid>> _successors = [];

    private Reorganisation(RegistrySnapshot registry, DateTimeOffset at) =>
        (_registry, _at) = (registry, at);

    public static PlannedEdit Of(
        IReadOnlyList<ReorganisationRow> acts,
        RegistrySnapshot registry,
        DateTimeOffset effective
    )
    {
        var planned = new Reorganisation(registry, effective);
        planned.FindLeaving(acts);
        foreach (var act in acts.Where(act => act.Act == ReorganisationAct.Open))
        {
            planned.Open(act);
        }
        // A code may pass on: whoever gives it up stands before whoever takes it.
        foreach (var act in acts.Where(act => act.Act == ReorganisationAct.Rename))
        {
            planned.Rename(act);
        }
        foreach (var act in acts)
        {
            planned.Plan(act);
        }
        planned.CheckSuccessors(acts);
        return new(planned._edit, planned._conflicts);
    }

    private void Open(ReorganisationRow act)
    {
        var id = Guid.CreateVersion7(_at);
        if (!Begin(act, "agency", act.Agency, id))
        {
            return;
        }
        _opened.Add(act.Agency, id);
        _edit.Agencies.Add(
            new(
                id,
                act.Name!,
                null,
                act.Parent is { } parent ? Find(act, "parent", parent) : null,
                act.Kind ?? DefaultKind,
                AgencyReach.Province,
                null,
                null,
                AgencyStatus.Active
            )
        );
        Change(id, act, "added", null, act.Name);
        if (act.OfficeSystem is not null)
        {
            Serve(act, id);
        }
    }

    private void Rename(ReorganisationRow act)
    {
        if (Find(act, "agency", act.Agency) is not { } id)
        {
            return;
        }
        if (act.Name is not null)
        {
            PlanFor(id, act.Name, null);
            Change(id, act, "renamed", _registry.AgencyById(id)?.Name, act.Name);
        }
        if (act.Target is null)
        {
            return;
        }
        if (Begin(act, "target", act.Target, id))
        {
            foreach (
                var code in (_registry.AgencyById(id)?.Codes ?? []).Where(code =>
                    code.IsValidAt(_at)
                )
            )
            {
                End(code, id);
            }
            Change(id, act, "code", act.Agency, act.Target);
        }
    }

    /// <summary>Agencies that close or change their code: their codes are free at the instant.</summary>
    private void FindLeaving(IReadOnlyList<ReorganisationRow> acts)
    {
        foreach (var act in acts)
        {
            var leaves =
                act.Act
                    is ReorganisationAct.Merge
                        or ReorganisationAct.Split
                        or ReorganisationAct.Close
                || act is { Act: ReorganisationAct.Rename, Target: not null };
            if (leaves && _registry.TryFindAgency(act.Agency, _at.AddTicks(-1), out var agency))
            {
                _leaving.Add(agency.Id);
            }
        }
    }

    /// <summary>A code begins to name an agency; whoever had it until then must leave it in this file.</summary>
    private bool Begin(ReorganisationRow act, string column, string code, Guid id)
    {
        var held = _registry.TryFindAgency(code, _at, out var holder) && holder.Id != id;
        if (held && !_leaving.Contains(holder!.Id) || !_begun.TryAdd(code, id))
        {
            Conflict(
                act,
                column,
                $"{code} names {holder?.Name ?? "what another row begins"} at that instant.",
                $"Tại thời điểm đó, {code} đang là mã của {holder?.Name ?? "dòng khác"}."
            );
            return false;
        }
        if (held)
        {
            End(holder!.Codes.First(one => one.Code == code && one.IsValidAt(_at)), holder.Id);
        }
        _edit.Codes.Add(new(code, id, true, _at, DateTimeOffset.MaxValue));
        return true;
    }

    private void End(AgencyCodeValidity code, Guid id)
    {
        if (_ended.Add((code.Code, code.ValidFrom)))
        {
            _edit.Codes.Add(new(code.Code, id, code.IsPrimary, code.ValidFrom, _at));
        }
    }

    private void PlanFor(Guid id, string? name, Guid? parent)
    {
        var known = _edit.Plans.FindIndex(plan => plan.AgencyId == id);
        if (known < 0)
        {
            _edit.Plans.Add(new(id, _at, name, parent));
        }
        else
        {
            var plan = _edit.Plans[known];
            _edit.Plans[known] = plan with
            {
                Name = name ?? plan.Name,
                ParentId = parent ?? plan.ParentId,
            };
        }
    }

    private void Plan(ReorganisationRow act)
    {
        switch (act.Act)
        {
            case ReorganisationAct.Merge:
                Succeed(act, SuccessionKind.Merged);
                break;
            case ReorganisationAct.Split:
                Succeed(act, SuccessionKind.Split);
                break;
            case ReorganisationAct.Close when Find(act, "agency", act.Agency) is { } id:
                Close(act, id);
                break;
            case ReorganisationAct.Move
                when Find(act, "agency", act.Agency) is { } id
                    && Find(act, "parent", act.Parent!) is { } parent:
                PlanFor(id, null, parent);
                Change(id, act, "moved", null, act.Parent);
                break;
            case ReorganisationAct.Serve when Find(act, "agency", act.Agency) is { } id:
                Serve(act, id);
                break;
        }
    }

    private void Succeed(ReorganisationRow act, SuccessionKind kind)
    {
        if (
            Find(act, "agency", act.Agency) is not { } id
            || Find(act, "target", act.Target!) is not { } successor
        )
        {
            return;
        }
        if (id == successor)
        {
            _conflicts.Add(RegistryErrors.Circle.At("target", act.Target, act.Agency, act.Target!));
            return;
        }
        if (!_successors.TryGetValue(id, out var successors))
        {
            _successors.Add(id, successors = []);
        }
        if (successors.Contains(successor))
        {
            return;
        }
        successors.Add(successor);
        _edit.Successions.Add(new(id, successor, kind, _at));
        Change(id, act, "succeeded", act.Agency, act.Target);
        if (_closing.Add(id))
        {
            Close(act, id);
        }
    }

    private void Close(ReorganisationRow act, Guid id)
    {
        _closing.Add(id);
        _edit.Closed.Add((id, _at));
        if (_served.Add(id))
        {
            _edit.Services.Add(new(id, null, _at));
        }
        Change(id, act, "closed", null, null);
    }

    private void Serve(ReorganisationRow act, Guid id)
    {
        if (_registry.OfficeSystem(act.OfficeSystem!) is null)
        {
            Conflict(
                act,
                "officeSystem",
                $"There is no office system {act.OfficeSystem}.",
                $"Không có phần mềm {act.OfficeSystem}."
            );
            return;
        }
        if (!_served.Add(id))
        {
            Conflict(
                act,
                "agency",
                $"{act.Agency} closes, or is given to two office systems.",
                $"{act.Agency} bị đóng, hoặc được giao cho hai phần mềm."
            );
            return;
        }
        _edit.Services.Add(new(id, act.OfficeSystem, _at));
        Change(id, act, "served", _registry.OfficeSystemOf(id, _at)?.Id, act.OfficeSystem);
    }

    /// <summary>What would lead in a circle, or to nobody who is left, is refused here and not found out by a letter.</summary>
    private void CheckSuccessors(IReadOnlyList<ReorganisationRow> acts)
    {
        foreach (
            var act in acts.Where(act =>
                act.Act is ReorganisationAct.Merge or ReorganisationAct.Split
            )
        )
        {
            if (
                _registry.TryFindAgency(act.Agency, _at.AddTicks(-1), out var agency)
                && LeadsBackTo(agency.Id)
            )
            {
                _conflicts.Add(
                    RegistryErrors.Circle.At("target", act.Target, act.Agency, act.Target!) with
                    {
                        Line = act.Row.Line,
                    }
                );
                return;
            }
        }
    }

    private bool LeadsBackTo(Guid start)
    {
        var seen = new HashSet<Guid>();
        var left = new Queue<Guid>([start]);
        while (left.TryDequeue(out var id))
        {
            var next = (_successors.GetValueOrDefault(id) ?? []).Concat(
                (_registry.AgencyById(id)?.Successions ?? []).Select(one => one.SuccessorId)
            );
            foreach (var successor in next)
            {
                if (successor == start)
                {
                    return true;
                }
                if (seen.Add(successor))
                {
                    left.Enqueue(successor);
                }
            }
        }
        return false;
    }

    /// <summary>Whoever a code of the file names: someone the file opens, else who has it just before the instant.</summary>
    private Guid? Find(ReorganisationRow act, string column, string code)
    {
        if (_opened.TryGetValue(code, out var opened))
        {
            return opened;
        }
        if (
            _registry.TryFindAgency(code, _at.AddTicks(-1), out var agency)
            && !agency.IsClosedAt(_at.AddTicks(-1))
        )
        {
            return agency.Id;
        }
        if (_begun.TryGetValue(code, out var renamed))
        {
            return renamed;
        }
        Conflict(
            act,
            column,
            $"No open agency has the code {code} before that instant, and no row opens it.",
            $"Trước thời điểm đó không có cơ quan đang hoạt động nào mang mã {code}, và không dòng nào mở mã này."
        );
        return null;
    }

    private void Change(Guid id, ReorganisationRow act, string what, string? from, string? to) =>
        _edit.Changes.Add(new(id, act.Agency, what, from, to));

    private void Conflict(ReorganisationRow act, string column, string message, string messageVi) =>
        _conflicts.Add(
            RegistryErrors.At(
                RegistryErrors.Conflict,
                column,
                act.Row.Place(column),
                message,
                messageVi
            )
        );
}
