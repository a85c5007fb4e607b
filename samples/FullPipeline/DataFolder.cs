using System.Security.Cryptography;
using System.Text;

namespace FullPipeline;

/// <summary>The folder that outlives a run. It belongs to one run at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream held;
    private readonly string identity;

    private DataFolder(string path, FileStream held)
    {
        this.held = held;
        Engine = Path.Combine(path, "clickhouse");
        RecordedEngine = Path.Combine(path, "clickhouse-recorded");
        DeadLetters = Path.Combine(path, "dead-letters.jsonl");
        Postgres = Path.Combine(path, "postgres");
        PostgresElsewhere = Path.Combine("/var/lib/cdc-full-pipeline", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 6)));
        identity = Path.Combine(path, "id");
    }

    public string Engine { get; }

    public string RecordedEngine { get; }

    public string DeadLetters { get; }

    public string Postgres { get; }

    /// <summary>Where PostgreSQL's files are when its account cannot reach the folder: below root's home, for instance.</summary>
    public string PostgresElsewhere { get; }

    /// <summary>Tells the topics, the slot and the consumer group of one data folder from another's; a fresh folder has a new one.</summary>
    public string Id
    {
        get
        {
            if (Environment.GetEnvironmentVariable("PIPELINE_ID") is { Length: > 0 } given) return given; // of a stack, whose parts share no folder
            if (!File.Exists(identity)) File.WriteAllText(identity, RandomNumberGenerator.GetHexString(8, lowercase: true));
            return File.ReadAllText(identity);
        }
    }

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
        foreach (var made in (string[])[Engine, RecordedEngine, Postgres, PostgresElsewhere])
        {
            if (Directory.Exists(made)) Directory.Delete(made, recursive: true);
        }

        File.Delete(DeadLetters);
        File.Delete(identity);
    }
}
