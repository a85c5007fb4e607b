namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>A block of one layout, with its technical columns at hand and its size known without asking every column for every row.</summary>
internal sealed class RowBlock : IDisposable
{
    private const int MaxUnchecked = 256;
    private readonly Block block;
    private readonly int maxRows;
    private readonly long maxBytes;
    private int nextCheck;

    public RowBlock(RowLayout layout, ClickHouseOptions options)
    {
        Encoders = layout.CreateEncoders();
        block = new Block([.. layout.Names.Zip(Encoders, static (name, encoder) => new BlockColumn(name, encoder))]);
        maxRows = options.MaxBlockRows;
        maxBytes = options.MaxBlockBytes;
    }

    public Columns.ColumnEncoder[] Encoders { get; }

    public int Rows => block.Rows;

    /// <summary>The encoded bytes as of the last look.</summary>
    public long Bytes { get; private set; }

    public bool IsFull => block.Rows >= maxRows || Bytes >= maxBytes;

    public ReadOnlySpan<RowOrigin> Origins => block.Origins;

    public void EndRow(RowOrigin origin)
    {
        block.EndRow(origin);
        if (block.Rows >= nextCheck) Look();
    }

    public void Truncate(int rows) => block.Truncate(rows);

    public BlockContent Content(int first, int count) => block.Content(first, count);

    public void Clear()
    {
        block.Clear();
        Bytes = 0;
        nextCheck = 0;
    }

    public void Dispose() => block.Dispose();

    /// <summary>Looks at the size, and says when next: sooner the larger the rows are and the fuller the block.</summary>
    private void Look()
    {
        var bytes = block.Rows * 16L;
        foreach (var encoder in Encoders) bytes += encoder.Bytes;
        Bytes = bytes;
        var perRow = Math.Max(1, Bytes / block.Rows);
        nextCheck = block.Rows + (int)Math.Clamp((maxBytes - Bytes) / (8 * perRow), 1, MaxUnchecked);
    }
}
