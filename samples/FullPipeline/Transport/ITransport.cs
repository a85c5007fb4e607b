using Cdc.Hosting;

namespace FullPipeline;

/// <summary>Carries PostgreSQL's changes to the pipeline: the one place that knows by what.</summary>
internal interface ITransport : IAsyncDisposable
{
    /// <summary>What captures the changes, for the picture.</summary>
    string Producer { get; }

    /// <summary>What keeps them until the pipeline has them, for the picture.</summary>
    string Broker { get; }

    /// <summary>The replication slot that it reads.</summary>
    string Slot { get; }

    /// <summary>Begins to capture; completes when changes flow.</summary>
    /// <param name="postgres">The source.</param>
    /// <param name="clickHouse">The target, where a producer of our own remembers how far it is.</param>
    /// <param name="isOwner">Whether what captures is set up here, or by another part of a stack.</param>
    /// <param name="progress">Hears what goes on.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="SampleException">It cannot, and waiting would not help.</exception>
    Task StartAsync(PostgresServer postgres, ClickHouseServer clickHouse, bool isOwner, IProgress<string> progress, CancellationToken cancellationToken);

    /// <summary>Tells the pipeline where its messages are.</summary>
    void Configure(CdcBuilder cdc);

    /// <summary>How the producer fares.</summary>
    Task<ProducerState> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>How a producer fares.</summary>
/// <param name="State">RUNNING, or what else it says.</param>
/// <param name="Error">Its first line about what went wrong, or null.</param>
public sealed record ProducerState(string State, string? Error)
{
    public bool IsRunning => State == "RUNNING";
}
