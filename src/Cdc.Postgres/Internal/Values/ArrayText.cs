namespace Cdc.Postgres.Internal.Values;

/// <summary>Reads an array as the server writes it: <c>[0:1]={1,NULL,"a \"b\""}</c>.</summary>
internal ref struct ArrayText
{
    private readonly Cell cell;
    private readonly ReadOnlySpan<byte> text;

    public ArrayText(scoped in Cell cell, int position)
    {
        this.cell = cell;
        text = cell.Raw;
        Position = position;
    }

    public int Position { get; private set; }

    public readonly bool AtEnd => Position == text.Length;

    public bool Take(byte expected)
    {
        if (AtEnd || text[Position] != expected) return false;
        Position++;
        return true;
    }

    /// <summary>Passes over the bounds that stand before an array whose indexes do not begin at 1.</summary>
    public void SkipBounds()
    {
        if (AtEnd || text[0] != '[') return;
        var equals = text.IndexOf((byte)'=');
        if (equals < 0) throw PgDecoder.NotA(in cell, "an array");
        Position = equals + 1;
    }

    /// <summary>Takes the braces at the beginning.</summary>
    /// <returns>How many there are.</returns>
    public int TakeOpen()
    {
        SkipBounds();
        var count = 0;
        while (Take((byte)'{')) count++;
        return count > 0 ? count : throw PgDecoder.NotA(in cell, "an array");
    }

    /// <summary>Takes the next element of one dimension.</summary>
    /// <returns>False at the array's end.</returns>
    public bool TryTakeElement(out ReadOnlySpan<byte> raw, out CellState state, out byte token)
    {
        raw = default;
        state = CellState.Null;
        token = PgToken.Text;
        if (AtEnd) throw PgDecoder.NotA(in cell, "an array");
        if (text[Position] == '}') return Position == text.Length - 1 ? false : throw PgDecoder.NotA(in cell, "an array");
        if (text[Position - 1] != '{' && !Take((byte)',')) throw PgDecoder.NotA(in cell, "an array");
        TakeItem(out raw, out state, out token);
        return true;
    }

    /// <summary>Takes one element.</summary>
    public void TakeItem(out ReadOnlySpan<byte> raw, out CellState state, out byte token)
    {
        token = PgToken.Text;
        state = CellState.Value;
        if (Take((byte)'"'))
        {
            var start = Position;
            while (true)
            {
                var next = text[Position..].IndexOfAny((byte)'"', (byte)'\\');
                if (next < 0) throw PgDecoder.NotA(in cell, "an array");
                Position += next + 1;
                if (text[Position - 1] == '"') break;
                token = ArrayValues.Escaped;
                Position++;
                if (Position > text.Length) throw PgDecoder.NotA(in cell, "an array");
            }

            raw = text[start..(Position - 1)];
            return;
        }

        var length = text[Position..].IndexOfAny((byte)',', (byte)'}');
        if (length <= 0) throw PgDecoder.NotA(in cell, "an array");
        raw = text.Slice(Position, length);
        Position += length;
        if (raw.SequenceEqual("NULL"u8)) state = CellState.Null;
    }
}
