namespace Cdc.ClickHouse.Embedded.Internal;

/// <summary>Finds the native library: named, cached, or fetched.</summary>
internal static class EngineLibrary
{
    public const string FileName = "libchdb.so";
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    public static async Task<string> LocateAsync(EmbeddedClickHouseOptions options, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("CDC_CHDB_LIBRARY") is { Length: > 0 } named)
        {
            return File.Exists(named) ? Path.GetFullPath(named) : throw new EmbeddedClickHouseException($"CDC_CHDB_LIBRARY names {named}, which does not exist.");
        }

        var folder = options.CacheFolder is { } chosen ? Path.GetFullPath(chosen) : DefaultFolder();
        var path = Path.Combine(folder, FileName);
        if (IsComplete(path)) return path;

        Directory.CreateDirectory(folder);
        using var held = await LockAsync(Path.Combine(folder, ".lock"), options.Progress, cancellationToken).ConfigureAwait(false);
        if (!IsComplete(path)) await EnginePackage.FetchAsync(path, options.Progress, cancellationToken).ConfigureAwait(false);
        return path;
    }

    internal static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable("CDC_CHDB_HOME") is { Length: > 0 } home) return Path.GetFullPath(home);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache");
        return Path.Combine(cache, "cdc", $"chdb-{EnginePackage.Version}");
    }

    // A file arrives by rename, after its hash was checked: its size tells it from a stranger's.
    private static bool IsComplete(string path) => new FileInfo(path) is { Exists: true, Length: EnginePackage.LibrarySize };

    /// <summary>A lock that the operating system lets go when its holder dies.</summary>
    private static async Task<FileStream> LockAsync(string path, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (attempt == 0) progress?.Report("Another process is fetching the ClickHouse engine; waiting for it");
                await Task.Delay(LockPoll, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
