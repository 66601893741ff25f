using System.Text.Json;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Exchange;
using Axis.Vxp;

namespace Axis.NationalSim.Protocol;

/// <summary>What each call does. Runs one call at a time, inside <see cref="NationalAxis.Do"/>.</summary>
internal sealed class SimCalls(NationalAxis axis, Vices vices, NationalSimOptions options)
{
    public SimAnswer Answer(Ask ask, VxpParameters given, byte[] body)
    {
        var system = ask.System!;
        var call = ask.Call;
        if (call == VxpCall.SendEdoc)
        {
            return Send(ask, given, body);
        }
        if (call == VxpCall.GetReceivedEdocList)
        {
            return List(ask, given, selection => Received(ask, selection));
        }
        if (call == VxpCall.GetSentEdocList)
        {
            return List(ask, given, selection => Sent(ask, selection));
        }
        if (call == VxpCall.GetEdoc || call == VxpCall.DownloadEdoc)
        {
            return Get(ask, given);
        }
        if (call == VxpCall.UpdateStatus)
        {
            return Update(ask, given);
        }
        if (call == VxpCall.GetAgenciesList)
        {
            return Listed(ask, axis.Catalogue.Agencies());
        }
        if (call == VxpCall.GetAgenciesListQD20)
        {
            return Listed(ask, axis.Catalogue.Qd20());
        }
        if (call == VxpCall.GetSynchronizeUnit)
        {
            return Listed(ask, axis.Catalogue.Units(VietnamTime.Write));
        }
        if (call == VxpCall.RegisterAgency)
        {
            return Register(ask, body);
        }
        if (call == VxpCall.DeleteAgency)
        {
            return Delete(ask, given);
        }
        var type =
            call == VxpCall.CountReceiveStatus ? VxpValue.MessageStatus : VxpValue.MessageEdoc;
        return new SimAnswer(VxpAnswer.OfCount(axis.MailboxOf(system.Id, type).Count));
    }

    private SimAnswer Send(Ask ask, VxpParameters given, byte[] body)
    {
        var file = body is [.., (byte)'\r', (byte)'\n'] ? body[..^2] : body;
        var hash = given[VxpParameter.HashFile];
        if (!IsOf(file, hash))
        {
            file = body;
        }
        if (!IsOf(file, hash))
        {
            return SimAnswer.Of(ask.Call, Refusal.BadFile);
        }
        if (Recipients.Read(given[VxpParameter.To]) is not { } to)
        {
            return SimAnswer.Of(ask.Call, Refusal.BadParameter);
        }
        var (docId, refusal) = axis.Send(ask.System!, given[VxpParameter.From] ?? "", to, file);
        ask.DocId = docId;
        return refusal is null
            ? new SimAnswer(VxpAnswer.OfDocument(docId!))
            : SimAnswer.Of(ask.Call, refusal);

        static bool IsOf(byte[] file, string? hash) =>
            FileHash.IsOf(System.Security.Cryptography.SHA256.HashData(file), hash);
    }

    private SimAnswer List<T>(
        Ask ask,
        VxpParameters given,
        Func<Selection, IReadOnlyList<T>> select
    ) =>
        Selection.Of(given, options.MaxListItems) is { } selection
            ? Listed(ask, select(selection))
            : SimAnswer.Of(ask.Call, Refusal.BadParameter);

    private SimAnswer Listed<T>(Ask ask, IReadOnlyList<T> items) =>
        new(VxpAnswer.OfList(items), NullData: ask.Shows(ViceKind.NullData, vices) is not null);

    private IReadOnlyList<ReceivedItem> Received(Ask ask, Selection selection)
    {
        var mailbox = axis.MailboxOf(ask.System!.Id, selection.MessageType);
        var copies = selection.Of(mailbox.Waiting, copy => copy.Letter.TakenAt);
        return ask.Shows(ViceKind.DuplicateLists, vices) is null
            ? [.. copies.Select(ItemOf)]
            : [.. mailbox.Recent.Concat(copies).Concat(copies).Select(ItemOf)];
    }

    private ReceivedItem ItemOf(Copy copy) =>
        new(
            copy.DocId,
            VxpValue.EDoc,
            copy.Letter.MessageType,
            Shown(copy.Letter.TakenAt),
            Shown(copy.ChangedAt),
            copy.Letter.From,
            copy.To,
            copy.Status,
            Describe(copy.Status)
        );

    private IReadOnlyList<SentItem> Sent(Ask ask, Selection selection) =>
        [
            .. selection
                .Of(
                    axis.SentBy(ask.System!.Id, selection.MessageType)
                        .SelectMany(letter => letter.Copies),
                    copy => copy.Letter.TakenAt
                )
                .Select(SentItemOf),
        ];

    private SentItem SentItemOf(Copy copy) =>
        new(
            VxpValue.EDoc,
            copy.Letter.MessageType,
            copy.Letter.SenderDocId,
            copy.DocId,
            copy.Letter.From,
            copy.To,
            copy.Letter.Title,
            copy.Letter.Notation,
            Shown(copy.Letter.TakenAt),
            copy.Status == VxpValue.Done ? Shown(copy.ChangedAt) : "",
            VxpValue.Done,
            "Đã gửi",
            copy.Status,
            Describe(copy.Status)
        );

    private SimAnswer Get(Ask ask, VxpParameters given)
    {
        var copy = axis.CopyOf(ask.System!.Id, DocIdOf(ask, given, VxpParameter.DocId));
        if (copy is null || copy.Letter.Damage == ViceKind.GhostItem)
        {
            return SimAnswer.Of(ask.Call, Refusal.NoDocument);
        }
        return ask.Call == VxpCall.DownloadEdoc
            ? new SimAnswer(null, copy.Letter.Bytes)
            : new SimAnswer(
                VxpAnswer.Ok() with
                {
                    Data =
                        copy.Letter.Damage == ViceKind.BadBase64
                            ? Damage.NoBase64
                            : Convert.ToBase64String(copy.Letter.Bytes),
                }
            );
    }

    private SimAnswer Update(Ask ask, VxpParameters given)
    {
        var copy = axis.CopyOf(ask.System!.Id, DocIdOf(ask, given, VxpParameter.DocIdLower));
        if (copy is null)
        {
            return SimAnswer.Of(ask.Call, Refusal.NoDocument);
        }
        if (
            given[VxpParameter.Status] is not { } status
            || status is not (VxpValue.Done or VxpValue.Fail or VxpValue.Processing)
        )
        {
            return SimAnswer.Of(ask.Call, Refusal.BadParameter);
        }
        if (ask.Shows(ViceKind.LostAcknowledgement, vices) is null)
        {
            axis.Acknowledge(copy, status);
        }
        return new SimAnswer(VxpAnswer.Ok());
    }

    private SimAnswer Register(Ask ask, byte[] body)
    {
        AgencyRegistration? wish;
        try
        {
            wish = JsonSerializer.Deserialize<AgencyRegistration>(body);
        }
        catch (JsonException)
        {
            wish = null;
        }
        if (
            wish is not { Code.Length: > 0, Name.Length: > 0 }
            || axis.Catalogue.Find(wish.Code) is { } known && known.SystemId != ask.System!.Id
            || !ask.System!.Codes.Any(code =>
                wish.Code == code || wish.Code.StartsWith(code + ".", StringComparison.Ordinal)
            )
        )
        {
            return SimAnswer.Of(ask.Call, Refusal.BadParameter);
        }
        axis.Open(
            new KnownAgency(wish.Code, "", wish.Name, wish.Mail ?? "", wish.ParentCode ?? "")
        );
        return new SimAnswer(VxpAnswer.Ok());
    }

    private SimAnswer Delete(Ask ask, VxpParameters given)
    {
        var agency = axis.Catalogue.Find(given[VxpParameter.AgencyCode] ?? "");
        if (agency?.SystemId != ask.System!.Id)
        {
            return SimAnswer.Of(ask.Call, Refusal.BadParameter);
        }
        if (!agency!.IsClosed)
        {
            axis.Close(agency.Code);
        }
        return new SimAnswer(VxpAnswer.Ok());
    }

    private static string? DocIdOf(Ask ask, VxpParameters given, string first)
    {
        var other = first == VxpParameter.DocId ? VxpParameter.DocIdLower : VxpParameter.DocId;
        return ask.DocId = given[first] ?? given[other];
    }

    private string Shown(DateTimeOffset time) => VietnamTime.Write(time + (axis.Shown - axis.Now));

    private static string Describe(string status) =>
        status switch
        {
            VxpValue.Done => "Đã nhận",
            VxpValue.Fail => "Nhận lỗi",
            VxpValue.Processing => "Đang nhận",
            _ => "Khởi tạo",
        };
}
