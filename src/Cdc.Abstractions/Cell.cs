using System.Buffers;

namespace Cdc;

/// <summary>
/// One column of one row, still in the bytes of the message. The sink pulls the value in the form that it stores;
/// every getter either gives exactly the value or refuses it by name.
/// </summary>
/// <remarks>
/// The getters throw <see cref="ChangeFormatException"/> when the bytes are not what the column's type says,
/// and <see cref="ValueRefusedException"/> when the value is right but does not fit what was asked for.
/// They may be called only while <see cref="State"/> is <see cref="CellState.Value"/>.
/// </remarks>
public readonly ref struct Cell
{
    /// <summary>What <see cref="GetDate"/> and <see cref="GetTimestamp"/> give for <c>infinity</c>.</summary>
    public const long PositiveInfinity = long.MaxValue;

    /// <summary>What <see cref="GetDate"/> and <see cref="GetTimestamp"/> give for <c>-infinity</c>.</summary>
    public const long NegativeInfinity = long.MinValue;

    private readonly RowImage? image;
    private readonly TableShape shape;

    internal Cell(RowImage? image, TableShape shape, ColumnShape column, CellState state, byte token, ReadOnlySpan<byte> raw)
        : this(image, shape, column, column.Type, state, token, raw)
    {
    }

    private Cell(RowImage? image, TableShape shape, ColumnShape column, SourceType type, CellState state, byte token, ReadOnlySpan<byte> raw)
    {
        this.image = image;
        this.shape = shape;
        Column = column;
        Type = type;
        State = state;
        Token = token;
        Raw = raw;
    }

    /// <summary>The column.</summary>
    public ColumnShape Column { get; }

    /// <summary>The type of the value: the column's, or an array's element's.</summary>
    public SourceType Type { get; }

    /// <summary>Whether there is a value.</summary>
    public CellState State { get; }

    /// <summary>What the reader noted of the value's form. Only its own decoder reads it.</summary>
    public byte Token { get; }

    /// <summary>The bytes of the value as the message carries them.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>True or false.</summary>
    public bool GetBoolean() => shape.Decoder.GetBoolean(in this);

    /// <summary>A signed integer.</summary>
    public long GetInt64() => shape.Decoder.GetInt64(in this);

    /// <summary>An unsigned integer.</summary>
    public ulong GetUInt64() => shape.Decoder.GetUInt64(in this);

    /// <summary>The nearest 32-bit floating-point number of the text that was sent.</summary>
    public float GetSingle() => shape.Decoder.GetSingle(in this);

    /// <summary>The nearest 64-bit floating-point number of the text that was sent.</summary>
    public double GetDouble() => shape.Decoder.GetDouble(in this);

    /// <summary>The unscaled value of a decimal, as two's complement, least significant byte first.</summary>
    /// <param name="precision">The digits that the target holds, 1 to 76.</param>
    /// <param name="scale">The digits after the point, 0 to <paramref name="precision"/>.</param>
    /// <param name="destination">4, 8, 16 or 32 bytes; all of them are written.</param>
    public void GetDecimal(int precision, int scale, Span<byte> destination) => shape.Decoder.GetDecimal(in this, precision, scale, destination);

    /// <summary>A UUID as the number of its 32 hexadecimal digits.</summary>
    public UInt128 GetUuid() => shape.Decoder.GetUuid(in this);

    /// <summary>Days since 1970-01-01 in the proleptic Gregorian calendar, or one of the infinities.</summary>
    public long GetDate() => shape.Decoder.GetDate(in this);

    /// <summary>A time of day or a duration, in units of 10⁻ᵈⁱᵍⁱᵗˢ seconds.</summary>
    /// <param name="digits">0, 3, 6 or 9. A value with more digits is refused.</param>
    public long GetTime(int digits) => shape.Decoder.GetTime(in this, digits);

    /// <summary>A point in time since 1970-01-01 UTC, in units of 10⁻ᵈⁱᵍⁱᵗˢ seconds, or one of the infinities.</summary>
    /// <param name="digits">0, 3, 6 or 9. A value with more digits is refused.</param>
    public long GetTimestamp(int digits) => shape.Decoder.GetTimestamp(in this, digits);

    /// <summary>The coordinates of a point.</summary>
    public (double X, double Y) GetPoint() => shape.Decoder.GetPoint(in this);

    /// <summary>The text of the value where the message's bytes already are that text.</summary>
    /// <param name="utf8">Valid UTF-8 inside the message, or empty.</param>
    /// <returns>False where the text must be made: use <see cref="CopyUtf8"/>.</returns>
    public bool TryGetUtf8(out ReadOnlySpan<byte> utf8) => shape.Decoder.TryGetUtf8(in this, out utf8);

    /// <summary>At least as many bytes as <see cref="CopyUtf8"/> writes.</summary>
    public int MaxUtf8Length => shape.Decoder.GetMaxUtf8Length(in this);

    /// <summary>
    /// Writes the value as text, whatever its kind: decimals in plain notation with all their digits, dates and times in ISO 8601,
    /// UUIDs in lower case, arrays, maps and points as JSON.
    /// </summary>
    /// <param name="destination">At least <see cref="MaxUtf8Length"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int CopyUtf8(Span<byte> destination) => shape.Decoder.CopyUtf8(in this, destination);

    /// <summary>At least as many bytes as <see cref="CopyBytes"/> writes.</summary>
    public int MaxByteLength => shape.Decoder.GetMaxByteLength(in this);

    /// <summary>Writes the bytes of a binary value, whatever the message's encoding of them.</summary>
    /// <param name="destination">At least <see cref="MaxByteLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int CopyBytes(Span<byte> destination) => shape.Decoder.CopyBytes(in this, destination);

    /// <summary>Steps through the elements of an array.</summary>
    /// <param name="position">0 at first; the decoder's own afterwards.</param>
    /// <param name="element">The element: a value or NULL.</param>
    /// <returns>False after the last element.</returns>
    public bool TryGetNextElement(ref int position, out Cell element) => shape.Decoder.TryGetNextElement(in this, ref position, out element);

    /// <summary>The value as text in a new string: for people and tests, not for the hot path.</summary>
    public string GetString()
    {
        if (TryGetUtf8(out var utf8)) return System.Text.Encoding.UTF8.GetString(utf8);
        var rented = ArrayPool<byte>.Shared.Rent(MaxUtf8Length);
        try
        {
            return System.Text.Encoding.UTF8.GetString(rented, 0, CopyUtf8(rented));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>A part of this cell as a cell of its own: for decoders.</summary>
    /// <param name="type">The part's type.</param>
    /// <param name="state">Whether it has a value.</param>
    /// <param name="token">What the decoder notes of its form.</param>
    /// <param name="raw">Its bytes.</param>
    public Cell Part(SourceType type, CellState state, byte token, ReadOnlySpan<byte> raw) => new(image, shape, Column, type, state, token, raw);

    /// <summary>The error of a value that is not what its type says.</summary>
    /// <param name="problem">What is wrong, without the value.</param>
    public ChangeFormatException Malformed(string problem) => new(problem)
    {
        Topic = image?.Owner.Topic,
        Partition = image?.Owner.Partition ?? 0,
        Offset = image?.Owner.Offset ?? 0,
        Path = image is null ? null : $"{image.Path}.{Column.Name}",
        Table = shape.Table,
    };

    /// <summary>The error of a value that the target cannot hold exactly.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="explanation">What to do about it, without the value; null where the reason says all.</param>
    public ValueRefusedException Refuse(RefusalReason reason, string? explanation = null) => new(shape.Table, Column.Name, reason, explanation)
    {
        Topic = image?.Owner.Topic,
        Partition = image?.Owner.Partition ?? 0,
        Offset = image?.Owner.Offset ?? 0,
    };
}
