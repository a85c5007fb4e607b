using System.Buffers.Text;

namespace Cdc.Postgres.Internal.Values;

/// <summary>The text of a value of any kind.</summary>
internal static class TextValues
{
    private const int MaxScalarLength = 64;

    /// <summary>Whether the message holds the value's text as it is.</summary>
    public static bool IsPlain(scoped in Cell cell) => cell.Token != ArrayValues.Escaped && (PgDecoder.Form(in cell) switch
    {
        PgForm.Text or PgForm.TextOnly or PgForm.Jsonb => true,
        PgForm.Numeric => !PgDecoder.IsBinary(in cell),
        _ => false,
    });

    /// <summary>That text.</summary>
    public static ReadOnlySpan<byte> Plain(scoped in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Jsonb || !PgDecoder.IsBinary(in cell)) return cell.Raw;
        return cell.Raw is [1, .. var json] ? json : throw PgDecoder.NotA(in cell, "jsonb of version 1");
    }

    public static int GetMaxLength(in Cell cell) => PgDecoder.Form(in cell) switch
    {
        PgForm.Text or PgForm.TextOnly or PgForm.Jsonb => cell.Raw.Length,
        PgForm.Numeric or PgForm.Money => NumericValues.GetMaxLength(in cell),
        PgForm.Array => ArrayValues.GetMaxLength(in cell),
        PgForm.Point => PointValues.MaxLength,
        PgForm.Hstore => checked((6 * cell.Raw.Length) + 16),
        PgForm.Bytea or PgForm.Bits or PgForm.Geometry => Math.Max(MaxScalarLength, Base64.GetMaxEncodedToUtf8Length(cell.Raw.Length + 1)),
        _ => MaxScalarLength,
    };

    public static int Copy(in Cell cell, Span<byte> destination)
    {
        if (IsPlain(in cell)) return Append(Plain(in cell), destination);
        switch (PgDecoder.Form(in cell))
        {
            case PgForm.Text or PgForm.TextOnly or PgForm.Jsonb:
                return ArrayValues.Unescape(cell.Raw, destination);
            case PgForm.Hstore:
                return HstoreValues.Copy(in cell, destination);
            case PgForm.Array:
                return ArrayValues.Copy(in cell, destination);
            case PgForm.Point:
                return PointValues.Copy(in cell, destination);
            case PgForm.Uuid:
                return CopyUuid(in cell, destination);
            case PgForm.Date or PgForm.Time or PgForm.TimeTz or PgForm.Timestamp or PgForm.TimestampTz:
                return TimeValues.Copy(in cell, destination);
            case PgForm.Float4 or PgForm.Float8 or PgForm.Numeric or PgForm.Money or PgForm.Integer or PgForm.Unsigned or PgForm.Interval:
                return NumericValues.Copy(in cell, destination);
            default:
                if (cell.Type.Kind == ValueKind.Boolean) return Append(IntegerValues.GetBoolean(in cell) ? "true"u8 : "false"u8, destination);
                Base64.EncodeToUtf8InPlace(destination, BytesValues.Copy(in cell, destination), out var written);
                return written;
        }
    }

    private static int CopyUuid(in Cell cell, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, PgDecoder.Instance.GetUuid(in cell));
        new Guid(bytes, bigEndian: true).TryFormat(destination, out var written);
        return written;
    }

    private static int Append(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
