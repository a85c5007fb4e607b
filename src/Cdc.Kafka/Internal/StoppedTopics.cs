using System.Collections.Immutable;

namespace Cdc.Kafka.Internal;

/// <summary>The topics that are stopped, for good as far as this source goes.</summary>
internal sealed class StoppedTopics
{
    private ImmutableArray<KafkaStoppedTopic> all = [];

    public ImmutableArray<KafkaStoppedTopic> All => all;

    public bool Contains(string topic) => all.Any(s => s.Topic == topic);

    /// <summary>Adds a topic, unless it is stopped already. Only the poll thread calls it.</summary>
    public bool Add(KafkaStoppedTopic topic)
    {
        if (Contains(topic.Topic)) return false;
        ImmutableInterlocked.Update(ref all, list => list.Add(topic));
        return true;
    }
}
