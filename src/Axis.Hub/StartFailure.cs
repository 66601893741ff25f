using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub;

/// <summary>
/// What keeps the program from starting and lies with those who run it, said in a few lines. Anything else is a fault of
/// the program itself, and its stack trace is wanted.
/// </summary>
public static class StartFailure
{
    /// <summary>Null: a fault of the program.</summary>
    public static string? InWords(Exception failure) =>
        failure switch
        {
            OptionsValidationException settings => OfSettings(settings.Failures),
            AggregateException several
                when several.InnerExceptions.All(one => one is OptionsValidationException) =>
                OfSettings(
                    several
                        .InnerExceptions.Cast<OptionsValidationException>()
                        .SelectMany(one => one.Failures)
                ),
            UnusableSettingException => OfSettings([failure.Message]),
            NpgsqlException or SocketException =>
                $"Không kết nối được PostgreSQL. PostgreSQL cannot be used: {failure.Message}",
            IOException or UnauthorizedAccessException or CryptographicException => failure.Message,
            _ => null,
        };

    private static string OfSettings(IEnumerable<string> failures) =>
        string.Join(
            '\n',
            failures
                .Select(failure => "  " + failure)
                .Prepend("Cấu hình chưa dùng được. The settings cannot be used:")
                .Append("Every key is explained in docs/operations.md, Settings.")
        );
}

/// <summary>A file or value that a setting names will not do; the message says which and why.</summary>
public sealed class UnusableSettingException(string message, Exception? cause = null)
    : InvalidOperationException(message, cause);
