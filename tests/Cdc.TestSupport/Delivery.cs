namespace Cdc.TestSupport;

/// <summary>
/// Ways in which Kafka and its producers may deliver the same history. Each takes a list of messages and gives another;
/// they compose. The same seed gives the same list.
/// </summary>
public static class Delivery
{
    /// <summary>Every message twice in a row, as a producer without idempotence does.</summary>
    public static IReadOnlyList<SourceMessage> Twice(IReadOnlyList<SourceMessage> messages) => [.. messages.SelectMany(m => new[] { m, m })];

    /// <summary>The whole history a second time, as after a reset of the consumer group.</summary>
    public static IReadOnlyList<SourceMessage> FromTheStartAgain(IReadOnlyList<SourceMessage> messages) => [.. messages, .. messages];

    /// <summary>
    /// Suffixes again (… e1 e2 e3 | e2 e3 e4 …): what follows a crash of the connector or of the consumer.
    /// First deliveries keep their order.
    /// </summary>
    public static Func<IReadOnlyList<SourceMessage>, IReadOnlyList<SourceMessage>> SuffixesAgain(int seed, int crashes = 20, int longest = 200) => messages =>
    {
        var random = new Random(seed);
        var at = Enumerable.Range(0, crashes).Select(_ => random.Next(1, messages.Count + 1)).ToHashSet();
        var delivered = new List<SourceMessage>(messages.Count + (crashes * longest / 2));
        for (var i = 0; i < messages.Count; i++)
        {
            delivered.Add(messages[i]);
            if (!at.Contains(i + 1)) continue;
            for (var again = Math.Max(0, i + 1 - random.Next(1, longest)); again <= i; again++) delivered.Add(messages[again]);
        }

        return delivered;
    };

    /// <summary>Partitions interleaved at random; the order inside each partition is kept, as Kafka keeps it.</summary>
    public static Func<IReadOnlyList<SourceMessage>, IReadOnlyList<SourceMessage>> Interleaved(int seed) => messages =>
    {
        var random = new Random(seed);
        var partitions = messages.GroupBy(m => (m.Topic, m.Partition)).Select(g => new Queue<SourceMessage>(g)).ToList();
        var delivered = new List<SourceMessage>(messages.Count);
        while (partitions.Count > 0)
        {
            var index = random.Next(partitions.Count);
            for (var run = random.Next(1, 20); run > 0 && partitions[index].Count > 0; run--) delivered.Add(partitions[index].Dequeue());
            if (partitions[index].Count == 0) partitions.RemoveAt(index);
        }

        return delivered;
    };

    /// <summary>
    /// Any order at all, as if partitions and restarts kept none. Tombstones are left out: a bare tombstone has no version.
    /// <paramref name="keepsOrder"/> names the messages that must follow each other per key (rows with unchanged TOAST values).
    /// </summary>
    public static Func<IReadOnlyList<SourceMessage>, IReadOnlyList<SourceMessage>> Shuffled(int seed, Func<SourceMessage, bool> keepsOrder) => messages =>
    {
        var random = new Random(seed);
        var shuffled = messages.Where(m => m.Value is not null).ToArray();
        random.Shuffle(shuffled);
        var places = Enumerable.Range(0, shuffled.Length).Where(i => keepsOrder(shuffled[i])).ToList();
        var ordered = places.Select(p => shuffled[p]).OrderBy(m => m.Topic, StringComparer.Ordinal).ThenBy(m => m.Partition).ThenBy(m => m.Offset).ToList();
        for (var i = 0; i < places.Count; i++) shuffled[places[i]] = ordered[i];
        return shuffled;
    };

    /// <summary>
    /// What two writers of the same partitions get in a rebalance that the first has not noticed: it applied and committed the start of each
    /// partition, the second goes on from there, and so does the first up to a random point. <paramref name="mayStartAt"/> names the
    /// messages that the second may find first.
    /// </summary>
    public static (IReadOnlyList<SourceMessage> Committed, IReadOnlyList<SourceMessage> Zombie, IReadOnlyList<SourceMessage> Successor) ForTwoWriters(IReadOnlyList<SourceMessage> messages, int seed, Func<SourceMessage, bool> mayStartAt)
    {
        var random = new Random(seed);
        var cuts = messages.GroupBy(m => (m.Topic, m.Partition)).ToDictionary(g => g.Key, g =>
        {
            var offsets = g.Select(m => m.Offset).Distinct().Order().ToList();
            var from = random.Next(offsets.Count);
            while (from > 0 && !g.Any(m => m.Offset == offsets[from] && mayStartAt(m))) from--;
            return (From: offsets[from], To: offsets[random.Next(from, offsets.Count)]);
        });
        (long From, long To) Cut(SourceMessage message) => cuts[(message.Topic, message.Partition)];
        return ([.. messages.Where(m => m.Offset < Cut(m).From)], [.. messages.Where(m => m.Offset >= Cut(m).From && m.Offset <= Cut(m).To)], [.. messages.Where(m => m.Offset >= Cut(m).From)]);
    }
}
