namespace Cdc.Debezium.Internal.Tables;

/// <summary>What a flattening may add to a row: members of a row that are no columns, below −1 in a <see cref="TableBinding.Row"/>.</summary>
internal static class FlatField
{
    /// <summary>A member that envelopes and the connector's other records have: the value may be no row at all.</summary>
    public const int OfOthers = -2;

    /// <summary>Added, but of no use here.</summary>
    public const int Other = -3;

    public const int Deleted = -4;
    public const int Operation = -5;
    public const int Sequence = -6;
    public const int Microseconds = -7;
    public const int Milliseconds = -8;
    public const int Database = -9;
    public const int Schema = -10;
    public const int Table = -11;
    public const int Transaction = -12;

    /// <summary>Which added field a name is; −1 for none.</summary>
    public static int Of(string name, string prefix)
    {
        if (name == "__deleted") return Deleted;
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return -1;
        return name[prefix.Length..] switch
        {
            "op" => Operation,
            "sequence" or "source_sequence" => Sequence,
            "source_ts_us" => Microseconds,
            "source_ts_ms" => Milliseconds,
            "db" or "source_db" => Database,
            "schema" or "source_schema" => Schema,
            "table" or "source_table" => Table,
            "transaction_id" => Transaction,
            _ => prefix.Length > 0 ? Other : -1,
        };
    }
}
