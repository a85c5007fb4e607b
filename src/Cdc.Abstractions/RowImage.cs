using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;

namespace Cdc;

/// <summary>
/// One image of a row inside a <see cref="ChangeEvent"/>: its key, or the row before or after the change.
/// A view over the message's bytes, valid as long as its event is.
/// </summary>
public sealed class RowImage
{
    private struct Slot
    {
        public int Start;
        public int Length;
        public CellState State;
        public byte Token;
    }

    private Slot[] slots = new Slot[16];
    private TableShape? shape;
    private bool ofKey;

    internal RowImage(ChangeEvent owner) => Owner = owner;

    internal ChangeEvent Owner { get; }

    /// <summary>Whether the message carries this image.</summary>
    public bool IsPresent => shape is not null;

    /// <summary>The columns that the image may have: the key's columns for a key, else all of the table's.</summary>
    public ReadOnlySpan<ColumnShape> Columns => shape is null ? [] : (ofKey ? shape.Key : shape.Columns).AsSpan();

    /// <summary>Where the image stands in its message, as a JSON path.</summary>
    public string Path { get; private set; } = "$";

    /// <summary>The bytes that the cells lie in.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The cell of a column.</summary>
    /// <param name="column">A position in <see cref="Columns"/>.</param>
    public Cell this[int column]
    {
        get
        {
            ref readonly var slot = ref slots[column];
            return new Cell(this, shape!, ofKey ? shape!.Key[column] : shape!.Columns[column], slot.State, slot.Token, Bytes.Span.Slice(slot.Start, slot.Length));
        }
    }

    /// <summary>What the message says of a column.</summary>
    /// <param name="column">A position in <see cref="Columns"/>.</param>
    public CellState GetState(int column) => slots[column].State;

    /// <summary>The row as an object, through canonical JSON; null when the image is not present.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="type">Its contract, from a System.Text.Json source generator.</param>
    /// <exception cref="System.Text.Json.JsonException">The row does not fit the object.</exception>
    public T? As<T>(JsonTypeInfo<T> type) where T : class => IsPresent ? CanonicalJson.Deserialize(this, type) : null;

    /// <summary>Starts an image, all of its cells absent: for readers.</summary>
    /// <param name="shape">The table.</param>
    /// <param name="ofKey">Whether the cells are those of <see cref="TableShape.Key"/>.</param>
    /// <param name="bytes">What the cells lie in.</param>
    /// <param name="path">Where the image stands in the message, as a JSON path.</param>
    public void Begin(TableShape shape, bool ofKey, ReadOnlyMemory<byte> bytes, string path)
    {
        ArgumentNullException.ThrowIfNull(shape);
        this.shape = shape;
        this.ofKey = ofKey;
        Bytes = bytes;
        Path = path;
        var count = ofKey ? shape.Key.Length : shape.Columns.Length;
        if (slots.Length < count) slots = new Slot[Math.Max(count, slots.Length * 2)];
        slots.AsSpan(0, count).Clear();
    }

    /// <summary>Sets a cell: for readers.</summary>
    /// <param name="column">A position in <see cref="Columns"/>.</param>
    /// <param name="state">What the message says of it.</param>
    /// <param name="token">What the decoder must know of its form.</param>
    /// <param name="start">Where its bytes begin in <see cref="Bytes"/>.</param>
    /// <param name="length">How many there are.</param>
    public void Set(int column, CellState state, byte token, int start, int length)
    {
        Debug.Assert((uint)(start + length) <= (uint)Bytes.Length, "a cell lies inside its image's bytes");
        slots[column] = new Slot { Start = start, Length = length, State = state, Token = token };
    }

    /// <summary>Makes the image absent: for readers.</summary>
    public void Clear()
    {
        shape = null;
        Bytes = default;
    }

    internal int DetachedSize
    {
        get
        {
            var size = 0;
            for (var i = 0; i < Columns.Length; i++) size += slots[i].Length;
            return size;
        }
    }

    internal int CopyTo(RowImage target, byte[] bytes, int start)
    {
        if (shape is null)
        {
            target.Clear();
            return start;
        }

        target.Begin(shape, ofKey, bytes, Path);
        for (var i = 0; i < Columns.Length; i++)
        {
            var slot = slots[i];
            Bytes.Span.Slice(slot.Start, slot.Length).CopyTo(bytes.AsSpan(start));
            target.Set(i, slot.State, slot.Token, start, slot.Length);
            start += slot.Length;
        }

        return start;
    }
}
