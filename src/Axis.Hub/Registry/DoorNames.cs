namespace Axis.Hub.Registry;

/// <summary>Doors as they are written in tables, metrics and answers.</summary>
public static class DoorNames
{
    /// <summary>Doors by which an office system can collect: a list that it polls, or a queue.</summary>
    public static IReadOnlyList<Door> OfInboxes { get; } = [Door.Http, Door.Amqp];

    public static string Of(Door door) => RegistryNames.Of(door);
}
