using System.Runtime.InteropServices;
using System.Text;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The engine of this process, which lives as long as this keeps its first connection open.</summary>
internal sealed unsafe class Engine : IDisposable
{
    private readonly EngineConnection first;

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

    public void Dispose() => first.Dispose();

    internal static string? Text(byte* utf8) => Marshal.PtrToStringUTF8((IntPtr)utf8);

    /// <summary>A string literal of ClickHouse's SQL.</summary>
    internal static string Quote(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    internal static string QuoteName(string name) =>
        "`" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal) + "`";

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
