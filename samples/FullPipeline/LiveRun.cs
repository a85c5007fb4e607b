using Cdc.Hosting;

namespace FullPipeline;

/// <summary>The whole pipeline, alive: PostgreSQL, what captures and carries its changes, ClickHouse, and the page.</summary>
internal static class LiveRun
{
    public static async Task RunAsync(SampleOptions options, DataFolder folder, ITransport transport)
    {
        using var board = new LiveBoard(TimeProvider.System);
        var actions = new PageActions();
        await using var app = await LiveWeb.StartAsync(options.Port, board, actions);
        var stop = app.Lifetime.ApplicationStopping;
        Console.WriteLine($"The page is {app.Urls.First()} (Ctrl-C stops everything)");
        using var ended = stop.Register(() => Console.WriteLine("Stopping everything, as asked"));

        // The source, and what makes it change.
        await using var postgres = await PostgresServer.StartAsync(folder, board, stop);
        var isWhole = options.Command == SampleCommand.Everything; // in a stack other services set up and generate
        if (isWhole) await SalesSchema.CreateAsync(postgres.Data, options.Fresh && !postgres.IsOwn, stop);
        await using var generator = new SalesGenerator(postgres.Connection, options.Rate, options.Seed, TimeProvider.System);
        if (isWhole) await generator.PrepareAsync(stop);

        // The target.
        await using var clickHouse = await ClickHouseEngine.StartAsync(folder.Engine, board, stop);
        using var queries = new ClickHouseQueries(clickHouse.Server);

        // Between them.
        await using var carried = transport;
        await transport.StartAsync(postgres, clickHouse.Server, isWhole, board, stop);
        var catalog = await SalesCatalog.ReadAsync(postgres.Data, stop);
        using var pipeline = SalesPipeline.Build(folder, transport, clickHouse.Server, catalog, board);
        await pipeline.StartAsync(stop);
        board.Report("Copying the tables");
        var comparer = new Comparer(postgres.Data, queries, () => board.IsBehind, TimeProvider.System);
        var pipelines = pipeline.Services.GetRequiredService<CdcPipelines>();
        board.Use(new LiveBoard.Parts(postgres, clickHouse, queries, transport, pipelines, comparer));
        actions.Use(postgres.Data, clickHouse);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> running = [board.RunAsync(ending.Token), clickHouse.KeepAsync(board.Notice, ending.Token), AnswerAsync(queries, comparer, board, ending.Token), PostgresEndAsync(postgres, ending.Token)];
        if (isWhole) running.Add(generator.RunAsync(ending.Token));
        try
        {
            await await Task.WhenAny([.. running, app.WaitForShutdownAsync(CancellationToken.None)]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default); // the first failure is on its way already
            if (clickHouse.IsStopped) pipeline.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(clickHouse.IsStopped ? 1 : 10));
            await pipeline.StopAsync(patience.Token);
            if (isWhole && !postgres.IsOwn) Console.WriteLine($"PostgreSQL keeps its log for the slot {transport.Slot} until the sample goes on. If it will not: dotnet run --project samples/FullPipeline -- remove");
        }
    }

    /// <summary>Makes the calendar and the views once the tables are there, and then compares without end.</summary>
    private static async Task AnswerAsync(ClickHouseQueries queries, Comparer comparer, LiveBoard board, CancellationToken cancellationToken)
    {
        await Analytics.CreateAsync(queries, cancellationToken);
        board.Report("Streaming");
        await comparer.RunAsync(cancellationToken);
    }

    private static async Task PostgresEndAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        await postgres.WaitForExitAsync(cancellationToken);
        throw new SampleException("PostgreSQL ended by itself. Start the sample again; its data is kept.");
    }
}
