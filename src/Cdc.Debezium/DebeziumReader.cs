using Cdc.Debezium.Internal;
using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Order;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium;

/// <summary>
/// Reads the messages of a Debezium connector: JSON envelopes with and without schema block, and rows flattened by ExtractNewRecordState.
/// Every message tells its form itself, key and value apart.
/// </summary>
/// <remarks>
/// A reader is used by one caller at a time, and must see each partition's messages in their order. It remembers the order that it gave
/// (epochs, lone tombstones), so messages delivered again get the same versions; <see cref="Committed"/> lets go of what is committed.
/// </remarks>
public sealed class DebeziumReader : IChangeReader
{
    private readonly DebeziumOptions options;
    private readonly TableBinder binder;
    private readonly Dictionary<string, TopicState> topics = new(StringComparer.Ordinal);
    private readonly ChangeReading reading;
    private TopicState? last;

    /// <summary>Makes a reader.</summary>
    /// <param name="options">What the connector was told; null for its defaults.</param>
    /// <param name="catalog">The tables of the source: needed for messages without a schema block.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public DebeziumReader(DebeziumOptions? options = null, SourceCatalog? catalog = null)
    {
        this.options = options ??= new DebeziumOptions();
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The options of the reader are wrong: {string.Join("; ", problems)}.", nameof(options));
        binder = new TableBinder(options, catalog);
        reading = new ChangeReading(options, binder);
        if (options is { Flattened: true, DeleteTombstoneHandling: DeleteTombstoneHandling.Drop })
        {
            binder.Warn("the connector drops deletes (delete.tombstone.handling.mode=drop): rows deleted at the source stay in the target");
        }
    }

    /// <summary>What was passed over or taken on trust so far, each once.</summary>
    public IReadOnlyCollection<string> Warnings => binder.Warnings;

    /// <inheritdoc/>
    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        change.Begin(in message);
        var topic = Topic(message.Topic);
        var order = topic.Order(message.Partition);
        try
        {
            var kind = reading.Read(in message, change, topic, order);
            order.Close(message.Offset, reading.IsDelete, reading.KeyBytes);
            return kind;
        }
        catch (MessageProblem problem)
        {
            order.Close(message.Offset, reading.IsDelete, reading.KeyBytes);
            throw Format(in message, topic, problem);
        }
        catch (ValueRefusedException)
        {
            order.Close(message.Offset, reading.IsDelete, reading.KeyBytes);
            throw;
        }
    }

    /// <inheritdoc/>
    public string? SaveState(string topic, int partition) => topics.TryGetValue(topic, out var known) ? known.Save(partition) : null;

    /// <inheritdoc/>
    public void RestoreState(Checkpoint position, string? state) =>
        OfState(position, () => Topic(position.Topic).Restore(position.Partition, position.Position, state));

    /// <inheritdoc/>
    public string? DeriveState(IReadOnlyList<string> states, bool isNewTopic)
    {
        string? derived = null;
        OfState(null, () => derived = PartitionOrder.Derive(states, isNewTopic));
        return derived;
    }

    /// <inheritdoc/>
    public void Committed(Checkpoint position)
    {
        if (topics.TryGetValue(position.Topic, out var topic)) topic.Forget(position.Partition, position.Position);
    }

    private static void OfState(Checkpoint? position, Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            throw new ChangeFormatException("The state of the reader that the ledger keeps is not one of this version's, or its epochs are used up: delete the ledger's entries of the topic and read it from its beginning into new tables.", failure)
            {
                Topic = position?.Topic,
                Partition = position?.Partition ?? 0,
                Offset = position?.Position ?? 0,
            };
        }
    }

    private TopicState Topic(string name)
    {
        if (last is not null && (ReferenceEquals(last.Topic, name) || last.Topic == name)) return last;
        if (!topics.TryGetValue(name, out var topic)) topics[name] = topic = new TopicState(name, options.Epoch);
        return last = topic;
    }

    private static ChangeFormatException Format(in SourceMessage message, TopicState topic, MessageProblem problem)
    {
        var bytes = problem.InKey ? message.Key : message.Value;
        var path = problem.Path ?? (bytes is { } json && problem.Position >= 0 ? JsonPath.At(json.Span, problem.Position) : "$");
        return new ChangeFormatException($"{char.ToUpperInvariant(problem.Message[0])}{problem.Message.AsSpan(1)}")
        {
            Topic = message.Topic,
            Partition = message.Partition,
            Offset = message.Offset,
            Path = problem.InKey ? $"key {path}" : path,
            Table = topic.HasSeveralTables ? null : topic.Last?.Shape.Table,
        };
    }
}
