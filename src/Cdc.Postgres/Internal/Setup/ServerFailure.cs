using System.Net.Sockets;
using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>What the server's and the network's failures mean.</summary>
internal static class ServerFailure
{
    /// <summary>Whether the same may succeed later without anybody's doing: the network, a server that starts or stops, a limit that is reached for now, a table that was dropped while it was looked at.</summary>
    public static bool IsTransient(Exception failure) => failure switch
    {
        PostgresException refused => refused.IsTransient || refused.SqlState is
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or "25P03" or
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.UndefinedTable
            || (refused.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidParameterValue && refused.MessageText.Contains("snapshot", StringComparison.OrdinalIgnoreCase)),
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => true,
        AggregateException several => several.InnerExceptions.All(IsTransient),
        _ => false,
    };

    /// <summary>The failure in words that hold no value of a row: a server's detail and where clause may.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        PostgresException { SqlState: ['2', '2', ..] } refused => $"a value is refused by the server (SQLSTATE {refused.SqlState}, {refused.Routine})",
        PostgresException refused => $"{refused.MessageText} (SQLSTATE {refused.SqlState})",
        AggregateException several => Describe(several.InnerExceptions[0]),
        NpgsqlException { InnerException: { } inner } => inner.Message,
        _ => failure.Message,
    };
}
