using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cdc.Hosting.Internal;

/// <summary>Checks the settings of all pipelines before any of them connects.</summary>
internal sealed class StartupCheck(IEnumerable<PipelineDefinition> definitions, IServiceProvider services, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var definition in definitions)
        {
            var settings = new PipelineSettings(definition, services.GetService<IConfiguration>());
            problems.AddRange(settings.Problems);
            var parts = PipelineParts.Create(definition, settings, services, time, problems);
            if (parts is not null) await parts.DisposeAsync().ConfigureAwait(false);
            Note(definition, "Pipeline", () => _ = new ChangePipeline(NoSource.Instance, NoSource.Instance, NoSource.Instance, options: settings.Loop), problems);
            if (definition.Reader is null) Note(definition, "Debezium", () => _ = new Debezium.DebeziumReader(settings.Debezium), problems);
        }

        if (problems.Count > 0) throw new CdcConfigurationException(problems);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Note(PipelineDefinition definition, string part, Action make, List<string> problems)
    {
        try
        {
            make();
        }
        catch (ArgumentException failure)
        {
            problems.Add($"{definition.Name}: {part}: {failure.Message}");
        }
    }

    /// <summary>Parts that do nothing: only options are checked with them.</summary>
    private sealed class NoSource : IChangeSource, IChangeReader, IChangeSink
    {
        public static NoSource Instance { get; } = new();

        public IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => throw new NotSupportedException();

        public MessageKind Read(in SourceMessage message, ChangeEvent change) => throw new NotSupportedException();

        public bool TryAppend(ChangeEvent change) => throw new NotSupportedException();

        public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
