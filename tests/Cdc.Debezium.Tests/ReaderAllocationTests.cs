namespace Cdc.Debezium.Tests;

public sealed class ReaderAllocationTests
{
    [Theory]
    [InlineData("plain", "plain.franco.sales")]
    [InlineData("schema", "schema.franco.sales")]
    [InlineData("flattombstone", "flattombstone.franco.sales")]
    [InlineData("routedall", "routedall.all.sales")]
    public void Reading_messages_of_known_shape_allocates_nothing(string name, string topic)
    {
        var messages = Corpus.Messages(name).Where(message => message.Topic == topic && message.Value is { Length: > 100 }).ToArray();
        var reader = Corpus.Reader(name);
        var change = new ChangeEvent();
        foreach (var message in messages) reader.Read(in message, change);
        // The runtime's own objects (tiers of compiled code) may fall on this thread once; what the reader allocated would be there every time.
        Assert.Contains(0, Enumerable.Range(0, 10).Select(_ => Allocated()));

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++) reader.Read(in messages[i % messages.Length], change);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
