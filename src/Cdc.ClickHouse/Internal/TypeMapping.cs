using System.Globalization;

namespace Cdc.ClickHouse.Internal;

/// <summary>From a source's type to ClickHouse's type: the table of DESIGN §6.</summary>
internal static class TypeMapping
{
    private const int MaxPrecision = 76;

    /// <summary>The type of a column, nullable where the source's is.</summary>
    /// <param name="type">The source's type.</param>
    /// <param name="nullable">Whether it may be NULL.</param>
    /// <param name="outOfRange">What the column does with values outside its range: Text makes it a String.</param>
    /// <param name="nullArray">What it does with NULL arrays: Text makes it a String.</param>
    /// <param name="time64">Whether the server knows Time64.</param>
    public static ClickHouseType For(SourceType type, bool nullable, OutOfRangePolicy outOfRange = OutOfRangePolicy.Refuse, NullArrayPolicy nullArray = NullArrayPolicy.Empty, bool time64 = true) =>
        ClickHouseType.Parse(Name(type, nullable || outOfRange == OutOfRangePolicy.Null, outOfRange, nullArray, time64));

    private static string Name(SourceType type, bool nullable, OutOfRangePolicy outOfRange, NullArrayPolicy nullArray, bool time64)
    {
        if (outOfRange == OutOfRangePolicy.Text) return Nullable("String", nullable);
        switch (type.Kind)
        {
            case ValueKind.Array:
                if (nullArray == NullArrayPolicy.Text) return Nullable("String", nullable);
                return $"Array({Name(type.Element ?? new SourceType(ValueKind.String), true, outOfRange, nullArray, time64)})";
            case ValueKind.Point:
                var coordinate = Nullable("Float64", nullable);
                return $"Tuple(x {coordinate}, y {coordinate})";
            case ValueKind.Enum:
                return $"LowCardinality({Nullable("String", nullable)})";
            default:
                return Nullable(Scalar(type, time64), nullable);
        }
    }

    private static string Scalar(SourceType type, bool time64) => type.Kind switch
    {
        ValueKind.Boolean => "Bool",
        ValueKind.Bits when type.Length == 1 => "Bool",
        ValueKind.Int8 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64 or ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64
            or ValueKind.Float32 or ValueKind.Float64 => type.Kind.ToString(),
        ValueKind.Interval => "Int64",
        ValueKind.Decimal => Decimal(type.Precision, type.Scale),
        ValueKind.Uuid => "UUID",
        ValueKind.Date => "Date32",
        ValueKind.Time => time64 ? $"Time64({Digits(type)})" : "Int64",
        ValueKind.Timestamp or ValueKind.ZonedTimestamp => $"DateTime64({Digits(type)}, 'UTC')",
        _ => "String",
    };

    private static int Digits(SourceType type) => type.Precision switch
    {
        >= 0 and <= 3 => 3,
        > 6 => 9,
        _ => 6,
    };

    private static string Decimal(int precision, int scale)
    {
        // Without a precision it is money, or a decimal of which only the scale is known: what needs more digits is refused.
        if (precision < 0 && scale is >= 0 and <= 19) return string.Create(CultureInfo.InvariantCulture, $"Decimal(19, {scale})");

        // A negative scale counts zeros before the point; a scale above the precision counts zeros behind it.
        if (precision < 1) return "String";
        var (digits, fraction) = scale < 0 ? (precision - scale, 0) : (Math.Max(precision, scale), scale);
        return digits <= MaxPrecision ? string.Create(CultureInfo.InvariantCulture, $"Decimal({digits}, {fraction})") : "String";
    }

    private static string Nullable(string type, bool nullable) => nullable ? $"Nullable({type})" : type;
}
