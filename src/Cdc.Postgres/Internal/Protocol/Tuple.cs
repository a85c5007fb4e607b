namespace Cdc.Postgres.Internal.Protocol;

/// <summary>The columns of one tuple of a message: where each begins and what it is. Reused for the next message.</summary>
internal sealed class Tuple
{
    private Field[] fields = new Field[16];

    /// <summary>What pgoutput says of a column: <c>n</c>, <c>u</c>, <c>t</c> or <c>b</c>, and where its bytes are.</summary>
    public readonly record struct Field(byte Form, int Start, int Length);

    public int Count { get; private set; }

    public Field this[int column] => fields[column];

    /// <summary>Reads a tuple of pgoutput.</summary>
    public void Read(ref WireReader bytes)
    {
        Begin(bytes.UInt16());
        for (var i = 0; i < Count; i++)
        {
            var form = bytes.Byte();
            switch (form)
            {
                case (byte)'n' or (byte)'u':
                    fields[i] = new Field(form, 0, 0);
                    break;
                case (byte)'t' or (byte)'b':
                    var length = (int)bytes.UInt32();
                    fields[i] = new Field(form, bytes.Position, length);
                    bytes.Take(length);
                    break;
                default:
                    throw new ProtocolProblem("a column is neither null, unchanged, text nor binary");
            }
        }
    }

    /// <summary>Reads a tuple of COPY.</summary>
    public void ReadCopy(ref WireReader bytes, bool[] isBinary)
    {
        Begin(bytes.UInt16());
        if (Count != isBinary.Length) throw new ProtocolProblem("the row has another number of columns than its relation");
        for (var i = 0; i < Count; i++)
        {
            var length = (int)bytes.UInt32();
            if (length == -1)
            {
                fields[i] = new Field((byte)'n', 0, 0);
                continue;
            }

            fields[i] = new Field(isBinary[i] ? (byte)'b' : (byte)'t', bytes.Position, length);
            bytes.Take(length);
        }
    }

    /// <summary>Fills the image of a row.</summary>
    /// <param name="image">The image.</param>
    /// <param name="binding">The relation.</param>
    /// <param name="message">The message.</param>
    /// <param name="path">Where the tuple stands in it.</param>
    /// <param name="onlyIdentity">Whether only the columns of the replica identity are real.</param>
    public void Fill(RowImage image, TableBinding binding, ReadOnlyMemory<byte> message, string path, bool onlyIdentity = false)
    {
        var columns = binding.Relation.Columns;
        if (Count != columns.Length) throw new ProtocolProblem("the row has another number of columns than its relation");
        image.Begin(binding.Shape, ofKey: false, message, path);
        for (var i = 0; i < Count; i++)
        {
            // Read as text, such bytes would be another value.
            if (fields[i].Form == 'b' && !binding.IsBinary[i]) throw new ProtocolProblem("a column is in a binary form that is not read here");
            if (!onlyIdentity || columns[i].IsIdentity) Set(image, i, in fields[i]);
        }
    }

    /// <summary>Fills the image of a key.</summary>
    public void FillKey(RowImage image, TableBinding binding, ReadOnlyMemory<byte> message, string path)
    {
        if (binding.Key.Length == 0) return;
        image.Begin(binding.Shape, ofKey: true, message, path);
        for (var i = 0; i < binding.Key.Length; i++) Set(image, i, in fields[binding.Key[i]]);
    }

    /// <summary>Whether another tuple of the same message has the same key. An unchanged column that was not sent is the same.</summary>
    public bool HasSameKey(Tuple other, TableBinding binding, ReadOnlySpan<byte> message)
    {
        foreach (var column in binding.Key)
        {
            var (form, start, length) = fields[column];
            var (otherForm, otherStart, otherLength) = other.fields[column];
            if (form == 'u' || otherForm == 'u') continue;
            if (form != otherForm || !message.Slice(start, length).SequenceEqual(message.Slice(otherStart, otherLength))) return false;
        }

        return true;
    }

    /// <summary>Takes the key's unchanged columns from another tuple of the same message.</summary>
    public void CompleteKey(Tuple old, TableBinding binding)
    {
        foreach (var column in binding.Key)
        {
            if (fields[column].Form == 'u') fields[column] = old.fields[column];
        }
    }

    /// <summary>Takes unchanged columns that were not sent from the whole row before.</summary>
    public void Complete(Tuple old)
    {
        for (var i = 0; i < Math.Min(Count, old.Count); i++)
        {
            if (fields[i].Form == 'u') fields[i] = old.fields[i];
        }
    }

    private static void Set(RowImage image, int column, in Field field)
    {
        var state = field.Form switch { (byte)'n' => CellState.Null, (byte)'u' => CellState.Unavailable, _ => CellState.Value };
        image.Set(column, state, field.Form, field.Start, field.Length);
    }

    private void Begin(int count)
    {
        Count = count;
        if (fields.Length < count) fields = new Field[Math.Max(count, fields.Length * 2)];
    }
}
