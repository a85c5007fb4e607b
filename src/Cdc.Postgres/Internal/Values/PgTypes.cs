using Cdc.Postgres.Internal.Protocol;

namespace Cdc.Postgres.Internal.Values;

/// <summary>The meaning of PostgreSQL's types: the same as through Debezium's connector in its default modes.</summary>
internal static class PgTypes
{
    /// <summary>The type of a column.</summary>
    public static SourceType Of(in RelationColumn column)
    {
        // The one type whose arrays have another delimiter.
        if (column is { IsArray: true, BaseName: "box" }) return Make(ValueKind.String, PgForm.TextOnly) with { Name = column.TypeName };
        var element = Scalar(column.BaseName, column.Modifier, column.Kind == 'e', column.Labels);
        var type = column.IsArray ? Make(ValueKind.Array, PgForm.Array) with { Element = element } : element;
        return type with { Name = column.TypeName };
    }

    /// <summary>Whether the binary form of a value is read here; else a snapshot asks for its text.</summary>
    public static bool ReadsBinary(SourceType type) => (PgForm)type.Encoding switch
    {
        PgForm.TextOnly or PgForm.Money or PgForm.Bits or PgForm.Hstore => false,
        PgForm.Array => ReadsBinary(type.Element!),
        _ => true,
    };

    private static SourceType Scalar(string name, int modifier, bool isEnum, string? labels)
    {
        if (isEnum) return Make(ValueKind.Enum, PgForm.Text) with { Labels = labels };
        return name switch
        {
            "bool" => Make(ValueKind.Boolean, PgForm.Bool),
            "int2" => Make(ValueKind.Int16, PgForm.Integer),
            "int4" => Make(ValueKind.Int32, PgForm.Integer),
            "int8" => Make(ValueKind.Int64, PgForm.Integer),
            "oid" => Make(ValueKind.Int64, PgForm.Unsigned),
            "float4" => Make(ValueKind.Float32, PgForm.Float4),
            "float8" => Make(ValueKind.Float64, PgForm.Float8),
            "numeric" => modifier < 4 ? Make(ValueKind.Number, PgForm.Numeric)
                : Make(ValueKind.Decimal, PgForm.Numeric) with { Precision = ((modifier - 4) >> 16) & 0xFFFF, Scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024 },
            "money" => Make(ValueKind.Decimal, PgForm.Money) with { Precision = 19, Scale = 2 },
            "uuid" => Make(ValueKind.Uuid, PgForm.Uuid),
            "json" => Make(ValueKind.Json, PgForm.Text),
            "jsonb" => Make(ValueKind.Json, PgForm.Jsonb),
            "hstore" => Make(ValueKind.Map, PgForm.Hstore),
            "bytea" => Make(ValueKind.Bytes, PgForm.Bytea),
            "bit" => modifier is 1 or -1 ? Make(ValueKind.Boolean, PgForm.Bits) : Make(ValueKind.Bits, PgForm.Bits) with { Length = modifier },
            "varbit" => modifier == 1 ? Make(ValueKind.Boolean, PgForm.Bits) : Make(ValueKind.Bits, PgForm.Bits) with { Length = modifier },
            "date" => Make(ValueKind.Date, PgForm.Date),
            "time" => Make(ValueKind.Time, PgForm.Time, Digits(modifier)),
            "timetz" => Make(ValueKind.ZonedTime, PgForm.TimeTz, Digits(modifier)),
            "timestamp" => Make(ValueKind.Timestamp, PgForm.Timestamp, Digits(modifier)),
            "timestamptz" => Make(ValueKind.ZonedTimestamp, PgForm.TimestampTz, Digits(modifier)),
            "interval" => Make(ValueKind.Interval, PgForm.Interval),
            "point" => Make(ValueKind.Point, PgForm.Point),
            "geometry" or "geography" => Make(ValueKind.Geometry, PgForm.Geometry),
            "text" or "varchar" or "bpchar" or "name" or "citext" or "xml" => Make(ValueKind.String, PgForm.Text),
            _ => Make(ValueKind.String, PgForm.TextOnly),
        };
    }

    private static int Digits(int modifier) => modifier is >= 0 and <= 6 ? modifier : 6;

    private static SourceType Make(ValueKind kind, PgForm form, int precision = -1) => new(kind) { Encoding = (int)form, Precision = precision };
}
