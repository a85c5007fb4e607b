namespace FullPipeline;

/// <summary>Takes from servers that are somebody's what a run made in them. A slot that stays keeps PostgreSQL's log from being removed, for ever.</summary>
internal static class Removal
{
    public static async Task RunAsync(DataFolder folder)
    {
        if (Environment.GetEnvironmentVariable("POSTGRES_URL") is not { Length: > 0 }) throw new SampleException("remove needs POSTGRES_URL: a PostgreSQL of the sample's own goes with its data folder (--fresh).");
        using var interrupt = new Interrupt();
        var connect = KafkaTransport.FromEnvironment(folder.Id);
        if (connect is not null) await connect.RemoveAsync(interrupt.Token);
        using var board = new LiveBoard(TimeProvider.System);
        await using var postgres = await PostgresServer.StartAsync(folder, board, interrupt.Token);
        var slot = connect?.Slot ?? new EmbeddedTransport(folder.Id).Slot;
        for (var tries = 0; ; tries++)
        {
            try
            {
                await SalesSchema.RemoveAsync(postgres.Data, slot, interrupt.Token);
                break;
            }
            catch (SampleException e) when (e.InnerException is not null && connect is not null && tries < 40)
            {
                await Task.Delay(500, interrupt.Token); // the connector is just ending
            }
        }

        Console.WriteLine($"Removed the slot and the publication {slot} and the schema franco{(connect is null ? "" : ", and the connector")}");
    }
}
