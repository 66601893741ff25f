namespace Axis.LocalServers;

/// <summary>The servers cannot be provided; the message says in words what to do.</summary>
public sealed class PrivateServersException : Exception
{
    public PrivateServersException() { }

    public PrivateServersException(string message)
        : base(message) { }

    public PrivateServersException(string message, Exception innerException)
        : base(message, innerException) { }
}
