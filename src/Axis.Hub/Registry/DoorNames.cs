namespace Axis.Hub.Registry;

/// <summary>Doors as they are written in tables, metrics and answers.</summary>
public static class DoorNames
{
    public static string Of(Door door) => door == Door.Amqp ? "amqp" : "http";
}
