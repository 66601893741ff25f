using System.Net.Sockets;
using Axis.Hub.Access;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>Which failures lie in the store and its surroundings, and which in what was to be stored.</summary>
public static class StoreFaults
{
    /// <summary>
    /// Whether the same request may succeed when the store is well again. False for what the request itself brings
    /// about: repeating that, or waiting, never helps.
    /// </summary>
    public static bool MayPass(Exception failure) =>
        failure switch
        {
            PostgresException refused => !IsOfTheRequest(refused.SqlState),
            // A host name that does not resolve comes as a bare SocketException, a full disk as an IOException.
            NpgsqlException or SocketException or TimeoutException => true,
            IOException => failure is not (FileNotFoundException or DirectoryNotFoundException),
            AuditUnavailableException { InnerException: { } cause } => MayPass(cause),
            AuditUnavailableException => true,
            _ => false,
        };

    /// <summary>Whether the store was not in reach at all, so that the next statement fares no better.</summary>
    public static bool IsOutOfReach(Exception failure) =>
        failure is SocketException or (NpgsqlException and not PostgresException);

    /// <summary>
    /// What a log gets beside the message: nothing of a store that is away, which is no fault of the program, and is met
    /// by every loop once a second for as long as it lasts.
    /// </summary>
    public static Exception? ForLog(Exception failure) => MayPass(failure) ? null : failure;

    // Classes of SQLSTATE: data exceptions, integrity, syntax and names, program limits (such as a key too long).
    private static bool IsOfTheRequest(string state) =>
        state.Length >= 2 && state[..2] is "22" or "23" or "42" or "54";
}
