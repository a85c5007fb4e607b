namespace Cdc.TestSupport.Values;

/// <summary>The column type that the design's type table gives, for the types where it depends on nothing but type and mode.</summary>
public static class PlannedType
{
    /// <summary>The ClickHouse type without <c>Nullable</c>, or null where the table leaves it to the plan.</summary>
    public static string? Of(PgType type, FeedMode mode)
    {
        if (type.IsArray)
        {
            if (type.Name == "interval") return null;
            return type.Name == "enum" && mode.HasSchema ? "Array(LowCardinality(Nullable(String)))" : Of(type.Element, mode) is { } element ? $"Array(Nullable({element}))" : null;
        }

        return type.Name switch
        {
            "boolean" => "Bool",
            "bit" when type.First == 1 => "Bool",
            "smallint" => "Int16",
            "integer" => "Int32",
            "bigint" or "oid" => "Int64",
            "real" => "Float32",
            "double precision" => "Float64",
            "numeric" when mode is { HasSchema: true, Decimals: "double" } => "Float64",
            "numeric" when mode is { HasSchema: true, Decimals: "string" } => "String",
            "numeric" when type.First < 0 => "String",
            "numeric" when type.Second >= 0 && type.Second <= type.First => $"Decimal({type.First}, {type.Second})",
            "numeric" => null,
            "money" => mode is { HasSchema: true, Decimals: "string" } ? "String" : null,
            "uuid" => "UUID",
            // A catalog names the type and does not say that it is an enumeration; a schema block does.
            "enum" => mode.HasSchema ? "LowCardinality(String)" : "String",
            "date" => "Date32",
            "time without time zone" => SecondDigits(type, mode) <= 3 ? "Time64(3)" : "Time64(6)",
            "timestamp without time zone" => SecondDigits(type, mode) <= 3 ? "DateTime64(3, 'UTC')" : "DateTime64(6, 'UTC')",
            // Only the source's catalog tells the digits of a ZonedTimestamp.
            "timestamp with time zone" => null,
            "interval" => mode.Intervals == "string" ? "String" : "Int64",
            "point" => "Tuple(x Nullable(Float64), y Nullable(Float64))",
            "line" or "lseg" or "box" or "path" or "polygon" or "circle" => null,
            _ => "String",
        };
    }

    private static int SecondDigits(PgType type, FeedMode mode) => mode is { HasSchema: true, Times: "connect" } ? 3 : type.SecondDigits;
}
