using System.Runtime.InteropServices;

namespace FullPipeline;

/// <summary>What a compose stack runs beside the host: the one-shot setup, and the generator.</summary>
internal static class StackRun
{
    /// <summary>Makes everything that the host needs, and ends. Running it again changes nothing.</summary>
    public static async Task SetUpAsync(SampleOptions options, DataFolder folder)
    {
        var transport = KafkaTransport.FromEnvironment(folder.Id) ?? throw new SampleException("Setting up a stack needs KAFKA_BOOTSTRAP and CONNECT_URL.");
        using var interrupt = new Interrupt();
        var stop = interrupt.Token;
        using var board = new LiveBoard(TimeProvider.System);
        await using var postgres = await PostgresServer.StartAsync(folder, board, stop);
        await using var carried = transport;
        await using var clickHouse = await ClickHouseEngine.StartAsync(folder.Engine, board, stop);
        if (options.Command == SampleCommand.Schemas)
        {
            await transport.StartAsync(postgres, clickHouse.Server, isOwner: true, board, stop);
            return;
        }

        board.Report("Making the sales schema, the replication role and the publication");
        await SalesSchema.CreateAsync(postgres.Data, fresh: false, stop);
        await using (var generator = new SalesGenerator(postgres.Connection, 0, options.Seed, TimeProvider.System)) await generator.PrepareAsync(stop);
        await transport.StartAsync(postgres, clickHouse.Server, isOwner: true, board, stop);

        board.Report("Copying the tables, so that ClickHouse has them");
        using var queries = new ClickHouseQueries(clickHouse.Server);
        using var pipeline = SalesPipeline.Build(folder, transport, clickHouse.Server, await SalesCatalog.ReadAsync(postgres.Data, stop), board);
        await pipeline.StartAsync(stop);
        await Analytics.CreateAsync(queries, stop);
        await pipeline.StopAsync(CancellationToken.None);
        board.Report("Everything is set up");
    }

    /// <summary>Changes the database that POSTGRES_URL names until it is stopped.</summary>
    public static async Task GenerateAsync(SampleOptions options)
    {
        using var interrupt = new Interrupt();
        if (Environment.GetEnvironmentVariable("POSTGRES_URL") is not { Length: > 0 } url) throw new SampleException("The generator alone needs POSTGRES_URL.");
        await using var generator = new SalesGenerator(PostgresUrl.Parse(url), options.Rate, options.Seed, TimeProvider.System);
        await generator.PrepareAsync(interrupt.Token);
        Console.WriteLine($"Making {options.Rate} changes a second");
        await generator.RunAsync(interrupt.Token);
    }

    /// <summary>Ctrl-C, and what a container's stop sends.</summary>
    private sealed class Interrupt : IDisposable
    {
        private readonly CancellationTokenSource source = new();
        private readonly PosixSignalRegistration[] signals;

        public Interrupt() => signals = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM]).Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            source.Cancel();
        }))];

        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            foreach (var signal in signals) signal.Dispose();
            source.Dispose();
        }
    }
}
