using Npgsql;

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
    /// <exception cref="SampleException">There is no such database, or nobody set it up.</exception>
    public static async Task GenerateAsync(SampleOptions options, DataFolder folder)
    {
        using var interrupt = new Interrupt();
        if (Environment.GetEnvironmentVariable("POSTGRES_URL") is not { Length: > 0 }) throw new SampleException("The generator alone needs POSTGRES_URL.");
        using var board = new LiveBoard(TimeProvider.System);
        await using var postgres = await PostgresServer.StartAsync(folder, board, interrupt.Token);
        await using var generator = new SalesGenerator(postgres.Connection, options.Rate, options.Seed, TimeProvider.System);
        try
        {
            await generator.PrepareAsync(interrupt.Token);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new SampleException("The database of POSTGRES_URL has no sales schema: run setup first.", e);
        }

        Console.WriteLine($"Making {options.Rate} changes a second");
        await generator.RunAsync(interrupt.Token);
    }
}
