using System.Runtime.InteropServices;
using System.Text;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The engine of this process, which lives as long as this keeps its first connection open.</summary>
internal sealed unsafe class Engine : IDisposable
{
    private readonly EngineConnection first;
    private readonly CountdownEvent users = new(1);

    private Engine(string folder)
    {
        Folder = folder;
        first = new EngineConnection(folder);
        Timezone = first.Query("SELECT timezone()").TrimEnd('\n');
        Version = first.Query("SELECT version()").TrimEnd('\n');
    }

    public string Folder { get; }

    public string Timezone { get; }

    public string Version { get; }

    public static Engine Start(string library, string folder)
    {
        Directory.CreateDirectory(folder);
        Chdb.Load(library);
        return new Engine(folder);
    }

    /// <summary>Opens another connection, to be used on the calling thread only (0.2 ms).</summary>
    public EngineConnection Connect() => new(Folder);

    /// <summary>Counts a thread that uses a connection: the engine is not closed under it.</summary>
    public void Enter() => users.AddCount();

    public void Leave() => users.Signal();

    /// <summary>Asks the queries that run to end, and waits for their threads. A query that does not look (sleep, for one) goes on.</summary>
    /// <returns>Whether all ended in time, so that the engine may be closed.</returns>
    public bool Drain(TimeSpan patience)
    {
        first.Query("SYSTEM STOP MERGES"); // an OPTIMIZE cannot be killed
        first.Query("KILL QUERY WHERE query_id != currentQueryID() ASYNC");
        users.Signal();
        return users.Wait(patience);
    }

    public void Dispose()
    {
        first.Dispose();
        users.Dispose();
    }

    internal static string? Text(byte* utf8) => Marshal.PtrToStringUTF8((IntPtr)utf8);

    /// <summary>A string literal of ClickHouse's SQL.</summary>
    internal static string Quote(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    internal static string QuoteName(string name) =>
        "`" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal) + "`";

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
