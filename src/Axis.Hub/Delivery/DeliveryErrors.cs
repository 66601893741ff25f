using Axis.Hub.Errors;

namespace Axis.Hub.Delivery;

/// <summary>5200–5299: deliveries.</summary>
public static class DeliveryErrors
{
    public static readonly HubError HandedOver = new(
        5201,
        StatusCodes.Status409Conflict,
        "delivery-handed-over",
        "The delivery {0} was handed over to another office system before it was acknowledged; drop this copy.",
        "Lượt gửi {0} đã được chuyển sang phần mềm khác trước khi được xác nhận; hãy bỏ bản này."
    );

    public static IReadOnlyList<HubError> All { get; } = [HandedOver];

    /// <summary>Why a delivery cannot be acknowledged: handed over, or never this office system's.</summary>
    public static ErrorItem NotYours(
        Guid deliveryId,
        string? path,
        IReadOnlySet<Guid> handedOver
    ) =>
        handedOver.Contains(deliveryId)
            ? HandedOver.At(path, deliveryId.ToString(), deliveryId)
            : RequestErrors.NotFound.At(path, deliveryId.ToString(), Words.Delivery);
}
