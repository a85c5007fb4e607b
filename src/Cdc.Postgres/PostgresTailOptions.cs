namespace Cdc.Postgres;

/// <summary>What a <see cref="PostgresTail"/> shows.</summary>
public sealed class PostgresTailOptions
{
    /// <summary>Where the database is, in Npgsql's words. Its role needs REPLICATION.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The publication whose tables are read; null for the only one that the database has.</summary>
    public string? Publication { get; set; }

    /// <summary>
    /// A slot whose changes are shown from its confirmed position on, and which stays as it is; nobody else may read from it meanwhile.
    /// Null for a temporary one, which shows what commits from now on and is gone with the connection.
    /// </summary>
    public string? Slot { get; set; }

    /// <summary>Tables that must be in the publication, as <c>schema.table</c>. None for whatever the publication has.</summary>
    public IList<string> Tables { get; } = [];

    /// <summary>
    /// Whether a missing <see cref="Publication"/> is created, for <see cref="Tables"/> or for every table with a key, and dropped at the end. The default is no.
    /// A table without a key is never put into it: the server would refuse its updates and deletes.
    /// </summary>
    public bool CreatePublication { get; set; }

    internal PostgresOptions ToSource(string slot)
    {
        var source = new PostgresOptions { ConnectionString = ConnectionString, Slot = slot, Publication = Publication ?? "the only one", CreatePublication = CreatePublication, CreateSlot = Slot is null, Snapshot = false };
        foreach (var table in Tables) source.Tables.Add(table);
        return source;
    }
}
