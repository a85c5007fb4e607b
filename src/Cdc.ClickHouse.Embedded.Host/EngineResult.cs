using System.Globalization;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>A result in the engine's own memory, freed on dispose.</summary>
internal sealed unsafe class EngineResult : IDisposable
{
    private void* handle;

    /// <summary>Takes the handle over; an error in it is thrown and the handle freed.</summary>
    public EngineResult(void* handle)
    {
        if (handle is null) throw new EngineException(1001, "The engine gave no result", "STD_EXCEPTION");
        this.handle = handle;
        if (Engine.Text(Chdb.Error(handle)) is { } error)
        {
            Dispose();
            throw new EngineException(error);
        }
    }

    public long Length => checked((long)Chdb.Length(handle));

    public Stream Open() => Length == 0 ? Stream.Null : new UnmanagedMemoryStream(Chdb.Buffer(handle), Length);

    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"read_rows":"{{Chdb.StorageRowsRead(handle)}}","read_bytes":"{{Chdb.StorageBytesRead(handle)}}","written_rows":"{{Chdb.RowsWritten(handle)}}","written_bytes":"{{Chdb.BytesWritten(handle)}}","total_rows_to_read":"0","result_rows":"{{Chdb.RowsRead(handle)}}","result_bytes":"{{Length}}","elapsed_ns":"{{(long)(Chdb.Elapsed(handle) * 1e9)}}"}""");

    public override string ToString()
    {
        using var reader = new StreamReader(Open());
        return reader.ReadToEnd();
    }

    public void Dispose()
    {
        if (handle is not null) Chdb.DestroyResult(handle);
        handle = null;
    }
}
