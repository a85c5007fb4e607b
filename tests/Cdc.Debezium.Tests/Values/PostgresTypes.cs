using System.Globalization;
using Cdc.Debezium.Internal;

namespace Cdc.Debezium.Tests.Values;

/// <summary>The types that a reader gives to the columns of PostgreSQL under the corpus' three configurations.</summary>
internal static class PostgresTypes
{
    public static SourceType Of(string type, string configuration)
    {
        if (type.EndsWith("[]", StringComparison.Ordinal)) return OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: Of(type[..^2], configuration));
        var (name, first, second) = Split(type);
        var precise = configuration == "plain";
        return name switch
        {
            "boolean" => OneCell.Type(ValueKind.Boolean),
            "bit" when first == 1 => OneCell.Type(ValueKind.Boolean),
            "bit" or "bit varying" => OneCell.Type(ValueKind.Bits, WireForm.BytesBase64, length: first),
            "smallint" => OneCell.Type(ValueKind.Int16),
            "integer" or "types.posint" => OneCell.Type(ValueKind.Int32),
            "bigint" or "oid" => OneCell.Type(ValueKind.Int64),
            "real" => OneCell.Type(ValueKind.Float32),
            "double precision" => OneCell.Type(ValueKind.Float64),
            "numeric" when first < 0 => OneCell.Type(ValueKind.Number, precise ? WireForm.DecimalStruct : WireForm.DecimalText),
            "numeric" => OneCell.Type(ValueKind.Decimal, precise ? WireForm.DecimalBase64 : WireForm.DecimalText, first, second, second < 0 ? second + 2048 : -1),
            "types.price" => OneCell.Type(ValueKind.Decimal, precise ? WireForm.DecimalBase64 : WireForm.DecimalText, 10, 2),
            "money" => OneCell.Type(ValueKind.Decimal, precise ? WireForm.DecimalBase64 : WireForm.DecimalText, 19, 2),
            "bytea" => OneCell.Type(ValueKind.Bytes, configuration == "full" ? WireForm.BytesHex : WireForm.BytesBase64),
            "uuid" => OneCell.Type(ValueKind.Uuid),
            "json" or "jsonb" => OneCell.Type(ValueKind.Json),
            "types.mood" => OneCell.Type(ValueKind.Enum),
            "hstore" => configuration == "strings" ? OneCell.Type(ValueKind.Map, WireForm.StringMap) : OneCell.Type(ValueKind.Json),
            "point" => OneCell.Type(ValueKind.Point, WireForm.PointStruct),
            "line" or "lseg" or "box" or "path" or "polygon" or "circle" or "interval[]" => OneCell.Type(ValueKind.Unknown, configuration == "full" ? WireForm.BytesHex : WireForm.BytesBase64),
            "date" => OneCell.Type(ValueKind.Date, configuration == "full" ? WireForm.IsoText : WireForm.EpochDays),
            "time without time zone" => OneCell.Type(ValueKind.Time, Unit(configuration, first), first),
            "timestamp without time zone" => OneCell.Type(ValueKind.Timestamp, Unit(configuration, first), first),
            "time with time zone" => OneCell.Type(ValueKind.ZonedTime, WireForm.IsoText, first),
            "timestamp with time zone" => OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText, first),
            "interval" => precise ? OneCell.Type(ValueKind.Interval, WireForm.Microseconds) : OneCell.Type(ValueKind.IntervalText),
            _ => OneCell.Type(ValueKind.String),
        };
    }

    /// <summary><c>timestamp(3) with time zone</c> as its name without the numbers, and the numbers.</summary>
    public static (string Name, int First, int Second) Split(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        if (open < 0) return (type, -1, 0);
        var close = type.IndexOf(')', StringComparison.Ordinal);
        var numbers = type[(open + 1)..close].Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return (type[..open] + type[(close + 1)..], numbers[0], numbers.Length > 1 ? numbers[1] : 0);
    }

    private static WireForm Unit(string configuration, int precision) => configuration switch
    {
        "full" => WireForm.IsoText,
        "strings" => WireForm.Milliseconds,
        _ => precision is >= 0 and <= 3 ? WireForm.Milliseconds : WireForm.Microseconds,
    };
}
