using Axis.Hub.Errors;

namespace Axis.Hub.National.Catalogue;

/// <summary>3200–3299: the catalogue of the national axis.</summary>
public static class CatalogueErrors
{
    public static readonly HubError Unreadable = new(
        3201,
        StatusCodes.Status502BadGateway,
        "far-catalogue-unreadable",
        "The catalogue of {0} could not be read: {1}. Nothing was changed.",
        "Không đọc được danh mục của {0}: {1}. Chưa thay đổi gì."
    );

    public static readonly HubError ClosesTooMany = new(
        3202,
        StatusCodes.Status409Conflict,
        "far-catalogue-closes-too-many",
        "The catalogue would close {0} of {1} open national agencies, more than National:Catalogue:MostClosed allows; look at the difference, and repeat with force=true if it is right. Nothing was changed.",
        "Danh mục sẽ đóng {0} trong {1} cơ quan trung ương, tỉnh khác đang hoạt động, vượt giới hạn National:Catalogue:MostClosed; hãy xem khác biệt và gọi lại với force=true nếu đúng. Chưa thay đổi gì."
    );

    public static readonly HubError NoCatalogue = new(
        3203,
        StatusCodes.Status409Conflict,
        "far-axis-has-no-catalogue",
        "{0} is another hub, not the national axis; it has no catalogue to be read.",
        "{0} là một Axis khác, không phải trục quốc gia; không có danh mục để đọc."
    );

    public static IReadOnlyList<HubError> All { get; } = [Unreadable, ClosesTooMany, NoCatalogue];
}
