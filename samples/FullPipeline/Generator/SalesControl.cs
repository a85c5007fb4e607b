using Npgsql;

namespace FullPipeline;

/// <summary>How the page speaks to the generator, in whichever process it runs: through the database.</summary>
internal static class SalesControl
{
    public const string Channel = "full_pipeline", Burst = "burst", Poison = "poison";

    /// <summary>Every transaction of the generator holds this lock in common; who takes it alone, holds the generator.</summary>
    public const int Lock = 5080;

    public static async Task AskAsync(NpgsqlDataSource data, string wish, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand("SELECT pg_notify($1, $2)");
        command.Parameters.Add(new NpgsqlParameter { Value = Channel });
        command.Parameters.Add(new NpgsqlParameter { Value = wish });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
