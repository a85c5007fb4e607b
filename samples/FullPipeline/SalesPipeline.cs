using Cdc;
using Cdc.Debezium;

namespace FullPipeline;

/// <summary>The library's part of it: from Kafka, through Debezium's messages, into ClickHouse.</summary>
internal static class SalesPipeline
{
    /// <param name="folder">Where dead letters are kept.</param>
    /// <param name="transport">Where the messages are.</param>
    /// <param name="clickHouse">Where the tables are, or will be made.</param>
    /// <param name="catalog">The source's columns, for messages that come without their schema.</param>
    /// <param name="board">Sees the changes and the dead letters.</param>
    public static IHost Build(DataFolder folder, ITransport transport, ClickHouseServer clickHouse, SourceCatalog catalog, LiveBoard board)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddFilter(level => level >= LogLevel.Error).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddCdc("sales", cdc =>
        {
            transport.Configure(cdc);
            cdc.ToClickHouse(options => SalesTables.Configure(options, clickHouse))
                .Reader(_ => new RecentChanges(new DebeziumReader(new DebeziumOptions(), catalog), board.Changes))
                .DeadLetters(_ => new RecentLetters(new CaptureDeadLetters(folder.DeadLetters, append: true), board.Letters))
                .Pipeline(loop => (loop.FlushInterval, loop.ShutdownTimeout) = (TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(8)))
                .Hosting(hosting => (hosting.RestartDelay, hosting.MaxRestartDelay) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)));
        });
        return builder.Build();
    }

    /// <summary>The page's host hears Ctrl-C for both.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
