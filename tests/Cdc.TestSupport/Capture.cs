using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Cdc.TestSupport;

/// <summary>A capture of PostgreSQL with everything that is known of it. Read once for all tests.</summary>
public sealed class Capture
{
    private static readonly ConcurrentDictionary<string, Lazy<Capture>> All = new();

    private Capture(string name)
    {
        Name = name;
        Connector = Corpus.Connector(name);
        Mode = FeedMode.Parse(Connector);
        Messages = Corpus.Messages(name);
        TruthName = name.StartsWith("histories", StringComparison.Ordinal) ? $"{name}.truth" : "truth.final";
        var truth = Truth.Load(TruthName);
        Feed = new FeedIndex(Messages, Mode, truth);
        Tables = [.. truth.Where(t => Feed.Tables.Contains(t.ToString()))];
        Missing = [.. truth.Where(t => !Feed.Tables.Contains(t.ToString()))];
    }

    /// <summary>The capture's name.</summary>
    public string Name { get; }

    /// <summary>The truth file of its source.</summary>
    public string TruthName { get; }

    /// <summary>The connector's configuration as JSON.</summary>
    public string Connector { get; }

    /// <summary>What of it decides how values arrive.</summary>
    public FeedMode Mode { get; }

    /// <summary>The messages in the order in which they were consumed.</summary>
    public ImmutableArray<SourceMessage> Messages { get; }

    /// <summary>What the messages say of each row.</summary>
    public FeedIndex Feed { get; }

    /// <summary>The source's tables that the capture has messages of.</summary>
    public ImmutableArray<TruthTable> Tables { get; }

    /// <summary>The source's tables that it has none of.</summary>
    public ImmutableArray<TruthTable> Missing { get; }

    /// <summary>Reads a capture, or takes the one read before.</summary>
    public static Capture Load(string name) => All.GetOrAdd(name, n => new Lazy<Capture>(() => new Capture(n))).Value;
}
