using System.Buffers;
using System.Collections.ObjectModel;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>One connection, which is one session. The engine wants all its calls on one thread.</summary>
internal sealed unsafe class EngineConnection : IDisposable
{
    private const int ChunkSize = 256 * 1024;
    private static readonly IReadOnlyDictionary<string, string> None = ReadOnlyDictionary<string, string>.Empty;
    private void** handle;

    public EngineConnection(string folder)
    {
        fixed (byte* program = "clickhouse\0"u8)
        fixed (byte* path = Engine.Bytes($"--path={folder}\0"))
        {
            var arguments = stackalloc byte*[] { program, path };
            handle = Chdb.Connect(2, arguments);
        }

        // The reason was written to standard error by the engine itself.
        if (handle is null) throw new EngineException(76, $"The engine could not open the data folder {folder}", "CANNOT_OPEN_FILE");
    }

    public string Query(string sql)
    {
        using var result = Query(Engine.Bytes(sql), "TSVRaw", None);
        return result.ToString();
    }

    public EngineResult Query(ReadOnlySpan<byte> sql, string format, IReadOnlyDictionary<string, string> parameters)
    {
        using var values = new NativeParameters(parameters);
        var formatBytes = Engine.Bytes(format);
        fixed (byte* query = sql)
        fixed (byte* formatName = formatBytes)
        {
            return new EngineResult(Chdb.Query(
                *handle, query, (nuint)sql.Length, formatName, (nuint)formatBytes.Length,
                values.Names, values.NameLengths, values.Values, values.ValueLengths, values.Count));
        }
    }

    /// <summary>Inserts what <paramref name="data"/> delivers up to its end; if reading fails, nothing is committed.</summary>
    public EngineResult Insert(ReadOnlySpan<byte> sql, string format, Stream data, IReadOnlyDictionary<string, string> parameters)
    {
        var insert = Begin(sql, format, parameters);
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            Check(insert);
            int read;
            while ((read = data.Read(chunk, 0, ChunkSize)) > 0)
            {
                fixed (byte* bytes = chunk)
                {
                    if (Chdb.Append(insert, bytes, (nuint)read) != 0) Check(insert);
                }
            }

            return new EngineResult(Chdb.Done(insert));
        }
        catch (Exception e) when (e is not EngineException)
        {
            // The body did not arrive whole: "done" would commit its beginning.
            Chdb.CancelInsert(insert);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
            Chdb.DestroyInsert(insert);
        }
    }

    private void* Begin(ReadOnlySpan<byte> sql, string format, IReadOnlyDictionary<string, string> parameters)
    {
        using var values = new NativeParameters(parameters);
        var formatBytes = Engine.Bytes(format);
        fixed (byte* query = sql)
        fixed (byte* formatName = formatBytes)
        {
            return Chdb.BeginInsert(
                *handle, query, (nuint)sql.Length, formatName, (nuint)formatBytes.Length,
                values.Names, values.NameLengths, values.Values, values.ValueLengths, values.Count);
        }
    }

    private static void Check(void* insert)
    {
        if (Engine.Text(Chdb.InsertError(insert)) is { } error) throw new EngineException(error);
    }

    public void Dispose()
    {
        if (handle is not null) Chdb.Close(handle);
        handle = null;
    }
}
