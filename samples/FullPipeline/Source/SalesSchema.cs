using Npgsql;

namespace FullPipeline;

/// <summary>The schema franco in PostgreSQL.</summary>
internal static class SalesSchema
{
    /// <summary>The tables, referenced ones first.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["sales_territory", "employee", "customer", "sales"];

    /// <param name="data">The database.</param>
    /// <param name="fresh">Whether a schema that an earlier run made goes first, with its rows.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="SampleException">The database has a schema of that name which is not the sample's.</exception>
    public static async Task CreateAsync(NpgsqlDataSource data, bool fresh, CancellationToken cancellationToken)
    {
        await ThrowIfNotOursAsync(data, cancellationToken);
        await using var create = data.CreateCommand((fresh ? "DROP SCHEMA IF EXISTS franco CASCADE;" : "") + Assets.Text("schema.sql"));
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes the schema and everything in it, a replication slot and its publication from the database.</summary>
    /// <exception cref="SampleException">The schema is not the sample's, or somebody reads the slot.</exception>
    public static async Task RemoveAsync(NpgsqlDataSource data, string slot, CancellationToken cancellationToken)
    {
        await ThrowIfNotOursAsync(data, cancellationToken);
        try
        {
            await using var drop = data.CreateCommand("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1");
            drop.Parameters.Add(new NpgsqlParameter { Value = slot });
            await drop.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
        {
            throw new SampleException($"The slot {slot} is being read: stop what reads it (with a connector of yours, set KAFKA_BOOTSTRAP and CONNECT_URL too), then try again.", e);
        }

        await using var rest = data.CreateCommand($"DROP PUBLICATION IF EXISTS \"{slot}\"; DROP SCHEMA IF EXISTS franco CASCADE");
        await rest.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ThrowIfNotOursAsync(NpgsqlDataSource data, CancellationToken cancellationToken)
    {
        await using var comment = data.CreateCommand("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'franco'");
        await using var found = await comment.ExecuteReaderAsync(cancellationToken);
        if (await found.ReadAsync(cancellationToken) && (await found.IsDBNullAsync(0, cancellationToken) || found.GetString(0) != "made by samples/FullPipeline"))
        {
            throw new SampleException("The database of POSTGRES_URL has a schema franco that this sample did not make. Name another database.");
        }
    }
}
