namespace Cdc.Postgres.Tests.Values;

[Collection(nameof(ValueRun))]
public sealed class ReaderAllocationTests(ValueRun run)
{
    [Theory]
    [InlineData('I')]
    [InlineData('|')]
    public void Reading_messages_of_known_shape_and_pulling_their_values_allocates_nothing(char kind)
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var reader = new PostgresReader();
        var change = new ChangeEvent();
        var rows = new List<SourceMessage>();
        foreach (var message in run.Messages)
        {
            if (reader.Read(in message, change) == MessageKind.Change && message.Value!.Value.Span[0] == kind) rows.Add(message);
        }

        // A snapshot's rows are those of one table.
        if (kind == '|') rows = [.. rows.Where(r => r.Topic == rows[^1].Topic)];
        else reader.Read(run.Messages.First(m => m.Value!.Value.Span[0] == 'B'), change);
        Assert.True(rows.Count > 1);
        var buffer = new byte[1 << 20];

        Assert.Equal(0, Allocation.Least(() =>
        {
            foreach (var message in rows)
            {
                reader.Read(in message, change);
                for (var i = 0; i < change.After.Columns.Length; i++)
                {
                    if (change.After.GetState(i) == CellState.Value) change.After[i].CopyUtf8(buffer);
                }
            }
        }));
    }
}
