using System.Buffers.Binary;
using System.Text.Json;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Map(String, String) and Map(String, Nullable(String)): the end of each row among the pairs, the keys, the values.</summary>
internal sealed class MapColumn : ColumnEncoder
{
    private readonly ByteBuffer ends = new();
    private readonly StringColumn keys = new(ClickHouseType.Parse("String"));
    private readonly StringColumn values = new(ClickHouseType.Parse("String"));
    private readonly ByteBuffer nulls = new();
    private readonly bool nullable;
    private byte[] scratch = [];
    private int pairs;

    public MapColumn(ClickHouseType type)
        : base(type) => nullable = type.Arguments[1].Type!.IsNullable;

    public override long Bytes => ends.Length + keys.Bytes + nulls.Length + values.Bytes;

    public static bool IsTextMap(ClickHouseType type) =>
        type is { Name: "Map", Arguments.Length: 2 } && $"{type.Arguments[0]}" == "String" && $"{type.Arguments[1]}" is "String" or "Nullable(String)";

    public override void AppendValue(scoped in Cell cell)
    {
        if (!cell.TryGetUtf8(out var text)) text = cell.GetTextBytes();
        if (scratch.Length < text.Length) scratch = new byte[text.Length];
        try
        {
            AppendObject(in cell, text);
        }
        catch (JsonException)
        {
            throw cell.Malformed("the map is no JSON");
        }

        ends.AddInt64(pairs);
    }

    public override void AppendDefault() => ends.AddInt64(pairs);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        for (var count = RowBinary.ReadVarUInt(ref from); count > 0; count--)
        {
            keys.AppendRowBinary(ref from);
            if (nullable && RowBinary.ReadByte(ref from) != 0) AppendNullValue();
            else AppendValue(RowBinary.ReadString(ref from));
        }

        ends.AddInt64(pairs);
    }

    public override void Truncate(int rows)
    {
        if (ends.Length > rows * sizeof(long)) ends.Truncate(rows * sizeof(long));
        pairs = EndOf(rows - 1);
        keys.Truncate(pairs);
        values.Truncate(pairs);
        nulls.Truncate(pairs);
    }

    public override void Collect(int first, int count, SegmentList segments)
    {
        if (count == 0) return;
        var start = EndOf(first - 1);
        var moved = new byte[count * sizeof(long)];
        for (var i = 0; i < count; i++) BinaryPrimitives.WriteInt64LittleEndian(moved.AsSpan(i * sizeof(long)), EndOf(first + i) - start);
        segments.Add(moved);
        var size = EndOf(first + count - 1) - start;
        keys.Collect(start, size, segments);
        if (nullable) segments.Add(nulls.Slice(start, size));
        values.Collect(start, size, segments);
    }

    public override void Dispose()
    {
        ends.Dispose();
        keys.Dispose();
        values.Dispose();
        nulls.Dispose();
    }

    private void AppendObject(scoped in Cell cell, ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw cell.Refuse(RefusalReason.Type, "the document is no object, so it is no map; use String");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            keys.AppendBytes(scratch.AsSpan(0, reader.CopyString(scratch)));
            reader.Read();
            if (reader.TokenType == JsonTokenType.String) AppendValue(scratch.AsSpan(0, reader.CopyString(scratch)));
            else if (reader.TokenType != JsonTokenType.Null) throw cell.Refuse(RefusalReason.Type, "a value of the map is no text; use String");
            else if (nullable) AppendNullValue();
            else throw cell.Refuse(RefusalReason.Null, "a value of the map is NULL; use Map(String, Nullable(String))");
        }
    }

    private void AppendValue(ReadOnlySpan<byte> value)
    {
        values.AppendBytes(value);
        nulls.Add(0);
        pairs++;
    }

    private void AppendNullValue()
    {
        values.AppendDefault();
        nulls.Add(1);
        pairs++;
    }

    private int EndOf(int row) => row < 0 ? 0 : (int)BinaryPrimitives.ReadInt64LittleEndian(ends.Written[(row * sizeof(long))..]);
}
