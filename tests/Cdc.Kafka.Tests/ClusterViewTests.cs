using Cdc.Kafka.Internal;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class ClusterViewTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task A_view_that_is_disposed_while_it_asks_ends_its_calls_and_takes_no_more()
    {
        cluster.Create("t", 3);
        for (var i = 0; i < 50; i++)
        {
            var view = new ClusterView(new ClientConfiguration(cluster.BootstrapServers, new Dictionary<string, string>()), TimeSpan.FromSeconds(10), _ => { });
            var asking = view.OffsetsAsync([new TopicPartition("t", 0), new TopicPartition("t", 2)]);
            view.Dispose();
            Assert.Equal(2, (await asking.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Count);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => view.OffsetsAsync([]));
        }
    }
}
