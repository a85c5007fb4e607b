using System.Reflection;
using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The part of chDB's C API that the host calls.</summary>
internal static unsafe partial class Chdb
{
    private const string Library = "chdb";

    public static void Load(string path)
    {
        var handle = NativeLibrary.Load(path);
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(),
            (name, _, _) => name == Library ? handle : IntPtr.Zero);

        // Without this the engine takes over the signals of the process, .NET's included.
        SetSignalHandlersEnabled(0);
    }

    [LibraryImport(Library, EntryPoint = "chdb_set_signal_handlers_enabled")]
    private static partial void SetSignalHandlersEnabled(int enabled);

    [LibraryImport(Library, EntryPoint = "chdb_connect")]
    public static partial void** Connect(int argc, byte** argv);

    [LibraryImport(Library, EntryPoint = "chdb_close_conn")]
    public static partial void Close(void** connection);

    [LibraryImport(Library, EntryPoint = "chdb_query_with_params_n")]
    public static partial void* Query(
        void* connection, byte* query, nuint queryLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_with_params_n")]
    public static partial void* BeginInsert(
        void* connection, byte* query, nuint queryLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_append")]
    public static partial int Append(void* insert, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "chdb_stream_done")]
    public static partial void* Done(void* insert);

    [LibraryImport(Library, EntryPoint = "chdb_stream_cancel_insert")]
    public static partial void CancelInsert(void* insert);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_error")]
    public static partial byte* InsertError(void* insert);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_insert_stream")]
    public static partial void DestroyInsert(void* insert);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_query_result")]
    public static partial void DestroyResult(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_buffer")]
    public static partial byte* Buffer(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_length")]
    public static partial nuint Length(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_error")]
    public static partial byte* Error(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_elapsed")]
    public static partial double Elapsed(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_rows_read")]
    public static partial ulong RowsRead(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_storage_rows_read")]
    public static partial ulong StorageRowsRead(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_storage_bytes_read")]
    public static partial ulong StorageBytesRead(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_rows_written")]
    public static partial ulong RowsWritten(void* result);

    [LibraryImport(Library, EntryPoint = "chdb_result_bytes_written")]
    public static partial ulong BytesWritten(void* result);
}
