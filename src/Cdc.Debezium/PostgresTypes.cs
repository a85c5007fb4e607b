using System.Globalization;

namespace Cdc.Debezium;

/// <summary>PostgreSQL's types by the names that <c>format_type</c> gives them.</summary>
public static class PostgresTypes
{
    /// <summary>The meaning of a type.</summary>
    /// <param name="name">The name: <c>numeric(10,2)[]</c>, <c>timestamp(3) without time zone</c>, <c>varchar(10)</c>.</param>
    /// <param name="aliases">The base types of domains, and types that are known by other names; null for none.</param>
    /// <returns>
    /// The type. A name that is unknown here (an enumeration or a domain that <paramref name="aliases"/> lacks) is text or a number,
    /// as the message has it.
    /// </returns>
    public static SourceType Parse(string name, IReadOnlyDictionary<string, string>? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.EndsWith("[]", StringComparison.Ordinal))
        {
            var element = name[..^2];
            while (element.EndsWith("[]", StringComparison.Ordinal)) element = element[..^2];
            return new SourceType(ValueKind.Array) { Element = Parse(element, aliases), Name = name };
        }

        if (aliases is not null && aliases.TryGetValue(name, out var known)) return Parse(known);
        var (bare, first, second) = Split(name);
        return Kind(bare, first, second) with { Name = name };
    }

    /// <summary>Whether <see cref="Parse"/> knew the name of a type that it made.</summary>
    internal static bool IsKnown(SourceType type) =>
        type.Element is { } element ? IsKnown(element) : type.Kind != ValueKind.String || type.Name is null || TextTypes.Contains(Split(type.Name).Bare);

    private static readonly HashSet<string> TextTypes =
    [
        "text", "character varying", "varchar", "character", "char", "bpchar", "citext", "name", "xml", "inet", "cidr", "macaddr", "macaddr8", "ltree", "lquery",
        "ltxtquery", "tsvector", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "\"char\"", "isbn",
    ];

    private static SourceType Kind(string bare, int? first, int? second) => bare switch
    {
        "boolean" or "bool" => new(ValueKind.Boolean),
        "smallint" or "int2" or "smallserial" => new(ValueKind.Int16),
        "integer" or "int" or "int4" or "serial" => new(ValueKind.Int32),
        "bigint" or "int8" or "bigserial" or "oid" => new(ValueKind.Int64),
        "real" or "float4" => new(ValueKind.Float32),
        "double precision" or "float8" => new(ValueKind.Float64),
        "numeric" or "decimal" => first is null ? new(ValueKind.Number) : new(ValueKind.Decimal) { Precision = first.Value, Scale = second ?? 0 },
        "money" => new(ValueKind.Decimal) { Precision = 19, Scale = 2 },
        "uuid" => new(ValueKind.Uuid),
        "json" or "jsonb" => new(ValueKind.Json),
        "hstore" => new(ValueKind.Map),
        "bytea" => new(ValueKind.Bytes),
        "bit" => first is null or 1 ? new(ValueKind.Boolean) : new(ValueKind.Bits) { Length = first.Value },
        "bit varying" or "varbit" => first is 1 ? new(ValueKind.Boolean) : new(ValueKind.Bits) { Length = first ?? -1 },
        "date" => new(ValueKind.Date),
        "time" or "time without time zone" => new(ValueKind.Time) { Precision = first ?? 6 },
        "timetz" or "time with time zone" => new(ValueKind.ZonedTime) { Precision = first ?? 6 },
        "timestamp" or "timestamp without time zone" => new(ValueKind.Timestamp) { Precision = first ?? 6 },
        "timestamptz" or "timestamp with time zone" => new(ValueKind.ZonedTimestamp) { Precision = first ?? 6 },
        "interval" => new(ValueKind.Interval),
        "point" => new(ValueKind.Point),
        "geometry" or "geography" => new(ValueKind.Geometry),
        "line" or "lseg" or "box" or "path" or "polygon" or "circle" or "pg_lsn" or "tsquery" or "xid" or "xid8" or "txid_snapshot" or "pg_snapshot"
            or "int4multirange" or "int8multirange" or "nummultirange" or "tsmultirange" or "tstzmultirange" or "datemultirange" => new(ValueKind.Unknown),
        _ => new(ValueKind.String),
    };

    /// <summary>Takes the modifiers out of a name: they may stand in its middle (<c>time(3) with time zone</c>).</summary>
    private static (string Bare, int? First, int? Second) Split(string name)
    {
        var open = name.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf(')', open);
        if (close < 0) return (name, null, null);
        var bare = $"{name.AsSpan(0, open).TrimEnd()}{name.AsSpan(close + 1)}";
        var modifiers = name[(open + 1)..close].Split(',');
        return (bare, Number(modifiers[0]), modifiers.Length > 1 ? Number(modifiers[1]) : null);
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
