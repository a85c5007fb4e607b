using System.Globalization;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>The type that a source's column wants, and which types hold all values of which others.</summary>
internal static class ColumnTypes
{
    private const int MaxPrecision = 76;

    public readonly record struct WantedType(string? Type, string? Remark);

    /// <summary>The type for a source's column, and what is worth knowing of it.</summary>
    public static WantedType Wanted(ColumnShape column, ClickHouseColumnOptions? options, ServerVersion server)
    {
        options ??= new ClickHouseColumnOptions();
        var type = options.Type is { } chosen
            ? ClickHouseType.Parse(chosen)
            : TypeMapping.For(column.Type, column.Nullable, options.OutOfRange, options.NullArray, server.HasTime64);
        var remark = column.Nullable && type.Name == "Array" && options.NullArray == NullArrayPolicy.Empty ? "a NULL array is stored as []"
            : options.OutOfRange == OutOfRangePolicy.Clamp ? "a value out of range is stored as the nearest limit"
            : options.OutOfRange == OutOfRangePolicy.Null ? "a value out of range is stored as NULL"
            : null;
        return new WantedType(type.ToString(), remark);
    }

    public static bool CanEnter(ColumnShape source, string target, ClickHouseColumnOptions? options)
    {
        if (!ClickHouseType.TryParse(target, out var type) || !TypeFit.Accepts(source.Type, type, options?.Type is not null)) return false;
        try
        {
            ColumnFactory.Create(type, ColumnRules.Default).Dispose();
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    public static bool IsNullable(string type) => ClickHouseType.Parse(type).IsNullable;

    public static bool Same(string a, string b) =>
        a == b || (ClickHouseType.TryParse(a, out var one) && ClickHouseType.TryParse(b, out var other) && one.ToString() == other.ToString());

    /// <summary>The type with NULL, or null where it has none.</summary>
    public static string? Nullable(string type)
    {
        var parsed = ClickHouseType.Parse(type);
        return parsed.IsNullable ? type
            : parsed.Name == "LowCardinality" ? $"LowCardinality(Nullable({parsed.Inner}))"
            : parsed.Name is "Array" or "Tuple" or "Map" ? null
            : $"Nullable({parsed})";
    }

    /// <summary>Whether every value of one type is a value of the other.</summary>
    public static bool Widens(string from, string to) =>
        ClickHouseType.TryParse(from, out var narrow) && ClickHouseType.TryParse(to, out var wide) && Widens(narrow, wide);

    /// <summary>The least type that holds the values of both, or null where there is none.</summary>
    public static string? Join(string a, string b)
    {
        if (!ClickHouseType.TryParse(a, out var one) || !ClickHouseType.TryParse(b, out var other)) return null;
        var nullable = one.IsNullable || other.IsNullable;
        var (x, y) = (one.Bare, other.Bare);
        var bare = Widens(x, y) ? y.ToString() : Widens(y, x) ? x.ToString() : JoinDecimals(x, y);
        return bare is null ? null : nullable ? Nullable(bare) : bare;
    }

    private static bool Widens(ClickHouseType from, ClickHouseType to)
    {
        if (from.IsNullable && !to.IsNullable) return false;
        var (a, b) = (from.Bare, to.Bare);
        if (a.ToString() == b.ToString()) return true;
        return (a.Name, b.Name) switch
        {
            ("Array", "Array") => Widens(a.Inner, b.Inner),
            ("Decimal", "Decimal") => b.Number(1) >= a.Number(1) && b.Number(0) - b.Number(1) >= a.Number(0) - a.Number(1),
            ("Float32", "Float64") or ("Date", "Date32") => true,
            // DateTime64(9) covers fewer years than (6).
            ("DateTime64", "DateTime64") => b.Number(0) >= a.Number(0) && b.Number(0) <= 8,
            ("Time64", "Time64") => b.Number(0) >= a.Number(0),
            _ => Integer(a.Name) is { } narrow && Integer(b.Name) is { } wide && (narrow.Signed == wide.Signed ? wide.Bits > narrow.Bits : wide.Signed && wide.Bits > narrow.Bits),
        };
    }

    private static string? JoinDecimals(ClickHouseType a, ClickHouseType b)
    {
        if (a.Name != "Decimal" || b.Name != "Decimal") return null;
        var scale = Math.Max(a.Number(1), b.Number(1));
        var precision = scale + Math.Max(a.Number(0) - a.Number(1), b.Number(0) - b.Number(1));
        return precision > MaxPrecision ? null : string.Create(CultureInfo.InvariantCulture, $"Decimal({precision}, {scale})");
    }

    private static (bool Signed, int Bits)? Integer(string name)
    {
        var signed = name.StartsWith("Int", StringComparison.Ordinal);
        if (!signed && !name.StartsWith("UInt", StringComparison.Ordinal)) return null;
        return int.TryParse(name.AsSpan(signed ? 3 : 4), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? (signed, bits) : null;
    }
}
