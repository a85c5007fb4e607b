namespace FullPipeline;

/// <summary>The folder that outlives a run. It belongs to one run at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream held;

    private DataFolder(string path, FileStream held)
    {
        this.held = held;
        Engine = Path.Combine(path, "clickhouse");
        DeadLetters = Path.Combine(path, "dead-letters.jsonl");
    }

    public string Engine { get; }

    public string DeadLetters { get; }

    /// <param name="path">The folder; made when it is missing.</param>
    /// <param name="fresh">Whether what an earlier run left goes. Only what a run makes is touched, whatever folder was named.</param>
    /// <exception cref="SampleException">Another run has it, or it cannot be used.</exception>
    public static DataFolder Open(string path, bool fresh)
    {
        try
        {
            Directory.CreateDirectory(path);
            var folder = new DataFolder(path, Hold(path));
            if (fresh) folder.Empty();
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SampleException($"The data folder {path} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => held.Dispose();

    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new SampleException($"The data folder {path} is in use by another run: stop that one, or name another with --data.", e);
        }
    }

    private void Empty()
    {
        if (Directory.Exists(Engine)) Directory.Delete(Engine, recursive: true);
        File.Delete(DeadLetters);
    }
}
