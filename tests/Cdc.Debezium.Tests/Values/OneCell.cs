using System.Text;
using Cdc.Debezium.Internal;
using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium.Tests.Values;

/// <summary>A row with one column, as a reader makes it of a JSON value.</summary>
internal sealed class OneCell
{
    private readonly ChangeEvent change = new();

    public OneCell(SourceType type, string json)
        : this(type, Encoding.UTF8.GetBytes(json))
    {
    }

    public OneCell(SourceType type, byte[] json)
    {
        var position = 0;
        Assert.True(JsonScan.TryReadValue(json, ref position, out var token, out var raw), "the test's JSON has a value");
        var quote = token is WireToken.PlainString or WireToken.EscapedString ? 1 : 0;
        Fill(type, token == WireToken.WholeJson ? CellState.Null : CellState.Value, token, json, quote, raw.Length);
    }

    /// <summary>A cell with any token and bytes, right or wrong.</summary>
    public OneCell(SourceType type, byte token, byte[] raw) => Fill(type, CellState.Value, token, raw, 0, raw.Length);

    public Cell Cell => change.After[0];

    public string Text
    {
        get
        {
            var cell = Cell;
            var buffer = new byte[cell.MaxUtf8Length];
            var text = Encoding.UTF8.GetString(buffer, 0, cell.CopyUtf8(buffer));
            if (cell.TryGetUtf8(out var utf8)) Assert.Equal(text, Encoding.UTF8.GetString(utf8));
            return text;
        }
    }

    public byte[] Bytes
    {
        get
        {
            var buffer = new byte[Cell.MaxByteLength];
            return buffer[..Cell.CopyBytes(buffer)];
        }
    }

    /// <summary>The unscaled number that a Decimal(76, scale) stores.</summary>
    public System.Numerics.BigInteger Decimal(int scale, int precision = 76, int bytes = 32)
    {
        var buffer = new byte[bytes];
        Cell.GetDecimal(precision, scale, buffer);
        return new System.Numerics.BigInteger(buffer);
    }

    public static SourceType Type(ValueKind kind, WireForm form = WireForm.Plain, int precision = -1, int scale = 0, int length = -1, SourceType? element = null) =>
        new(kind) { Encoding = (int)form, Precision = precision, Scale = scale, Length = length, Element = element };

    /// <summary>A type by the name of its form: theories cannot take internal values.</summary>
    public static SourceType Type(ValueKind kind, string form, int precision = -1) => Type(kind, Enum.Parse<WireForm>(form), precision);

    private void Fill(SourceType type, CellState state, byte token, byte[] bytes, int start, int length)
    {
        var shape = new TableShape(new TableId("db", "s", "t"), [new ColumnShape("c", type, true)], [], DebeziumDecoder.Instance, VersionLayout.Log);
        change.Begin(new SourceMessage("db.s.t", 2, 7, null, null));
        change.Shape = shape;
        change.After.Begin(shape, false, bytes, "$.after");
        change.After.Set(0, state, token, start, length);
    }
}
