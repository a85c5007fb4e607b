using System.Buffers.Binary;
using System.Buffers.Text;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Decodes the cells of this package's events, from PostgreSQL's text and from its binary form.</summary>
internal sealed class PgDecoder : CellDecoder
{
    /// <summary>The one decoder: it has no state.</summary>
    public static readonly PgDecoder Instance = new();

    private PgDecoder()
    {
    }

    public static bool IsBinary(scoped in Cell cell) => cell.Token == PgToken.Binary;

    public static PgForm Form(scoped in Cell cell) => (PgForm)cell.Type.Encoding;

    public static ChangeFormatException NotA(scoped in Cell cell, string what) => cell.Malformed($"The value is not {what}.");

    public static ChangeFormatException Contradicts(scoped in Cell cell) => cell.Malformed($"A value of type {cell.Type.Name ?? cell.Type.Kind.ToString()} was asked for as something else.");

    public override bool GetBoolean(in Cell cell) => IntegerValues.GetBoolean(in cell);

    public override long GetInt64(in Cell cell) => IntegerValues.GetInt64(in cell);

    public override ulong GetUInt64(in Cell cell)
    {
        var value = IntegerValues.GetInt64(in cell);
        return value >= 0 ? (ulong)value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    public override float GetSingle(in Cell cell) => Form(in cell) == PgForm.Float8 ? (float)FloatValues.GetDouble(in cell) : FloatValues.GetSingle(in cell);

    public override double GetDouble(in Cell cell) => Form(in cell) == PgForm.Float4 ? FloatValues.GetSingle(in cell) : FloatValues.GetDouble(in cell);

    public override void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination) => NumericValues.GetDecimal(in cell, precision, scale, destination);

    public override UInt128 GetUuid(in Cell cell)
    {
        if (Form(in cell) != PgForm.Uuid) throw Contradicts(in cell);
        if (IsBinary(in cell)) return cell.Raw.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(cell.Raw) : throw NotA(in cell, "a UUID");
        if (!Utf8Parser.TryParse(cell.Raw, out Guid value, out var consumed) || consumed != cell.Raw.Length) throw NotA(in cell, "a UUID");
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public override long GetDate(in Cell cell) => TimeValues.GetDate(in cell);

    public override long GetTime(in Cell cell, int digits) => TimeValues.GetTime(in cell, digits);

    public override long GetTimestamp(in Cell cell, int digits) => TimeValues.GetTimestamp(in cell, digits);

    public override (double X, double Y) GetPoint(in Cell cell) => PointValues.Get(in cell);

    public override bool TryGetUtf8(scoped in Cell cell, out ReadOnlySpan<byte> utf8)
    {
        if (!TextValues.IsPlain(in cell))
        {
            utf8 = default;
            return false;
        }

        utf8 = TextValues.Plain(in cell);
        return true;
    }

    public override int GetMaxUtf8Length(in Cell cell) => TextValues.GetMaxLength(in cell);

    public override int CopyUtf8(in Cell cell, Span<byte> destination) => TextValues.Copy(in cell, destination);

    public override int GetMaxByteLength(in Cell cell) => BytesValues.IsBytes(cell.Type) ? cell.Raw.Length + 16 : TextValues.GetMaxLength(in cell);

    public override int CopyBytes(in Cell cell, Span<byte> destination) => BytesValues.IsBytes(cell.Type) ? BytesValues.Copy(in cell, destination) : TextValues.Copy(in cell, destination);

    public override bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element) => ArrayValues.TryGetNextElement(in cell, ref position, out element);
}
