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
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (var i = 0; i < 10_000; i++) reader.Read(in messages[i % messages.Length], change);
        }));
    }
}
