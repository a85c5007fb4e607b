using System.Buffers;
using System.Text;
using System.Text.Json;
using Cdc;

namespace FullPipeline;

/// <summary>A change, with what it replaced; rows are JSON objects.</summary>
public sealed record RecentChange(DateTimeOffset At, string Table, string Operation, string Key, IReadOnlyList<ChangedColumn> Columns);

/// <summary>A column that a change gave another value.</summary>
public sealed record ChangedColumn(string Name, string? Before, string? After);

/// <summary>Reads with another reader and remembers the last changes for the page.</summary>
internal sealed class RecentChanges : IChangeReader
{
    private const int Kept = 20;
    private readonly IChangeReader reader;
    private readonly Latest latest;

    public RecentChanges(IChangeReader reader, Latest latest) => (this.reader, this.latest) = (reader, latest);

    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        var kind = reader.Read(in message, change);
        if (kind == MessageKind.Change && !change.IsSnapshot) latest.Add(change);
        return kind;
    }

    public string? SaveState(string topic, int partition) => reader.SaveState(topic, partition);

    public void RestoreState(Checkpoint position, string? state) => reader.RestoreState(position, state);

    public string? DeriveState(IReadOnlyList<string> states, bool isNewTopic) => reader.DeriveState(states, isNewTopic);

    public void Committed(Checkpoint position) => reader.Committed(position);

    /// <summary>The last changes. One thread adds, any reads.</summary>
    internal sealed class Latest(TimeProvider time)
    {
        private readonly Lock gate = new();
        private readonly Queue<RecentChange> changes = new(Kept);
        private readonly ArrayBufferWriter<byte> buffer = new();
        private long second;
        private int inSecond;

        public IReadOnlyList<RecentChange> Changes
        {
            get
            {
                lock (gate) return [.. changes.Reverse()];
            }
        }

        public void Add(ChangeEvent change)
        {
            // Nobody reads more than twenty a second, so no more are turned into text.
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            if (now != second) (second, inSecond) = (now, 0);
            if (++inSecond > Kept) return;
            var (key, before, after) = (Values(change.Key), Values(change.Before), Values(change.After));
            var names = after.Count > 0 ? after.Keys : before.Keys;
            ChangedColumn[] columns = [.. from name in names
                                          let was = before.GetValueOrDefault(name)
                                          let becomes = after.GetValueOrDefault(name)
                                          where was != becomes
                                          select new ChangedColumn(name, was, becomes)];
            var one = new RecentChange(
                DateTimeOffset.UnixEpoch.AddTicks(change.SourceTimestamp * TimeSpan.TicksPerMicrosecond), change.Shape.Table.Name, change.Operation.ToString().ToLowerInvariant(), string.Join(", ", key.Values), columns);
            lock (gate)
            {
                if (changes.Count == Kept) changes.Dequeue();
                changes.Enqueue(one);
            }
        }

        private Dictionary<string, string?> Values(RowImage row)
        {
            var values = new Dictionary<string, string?>();
            if (!row.IsPresent) return values;
            for (var i = 0; i < row.Columns.Length; i++)
            {
                if (row.GetState(i) is CellState.Value) values[row.Columns[i].Name] = Text(row[i]);
                else if (row.GetState(i) is CellState.Null) values[row.Columns[i].Name] = null;
            }

            return values;
        }

        private string Text(in Cell cell)
        {
            buffer.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                try
                {
                    CanonicalJson.Write(in cell, writer);
                }
                catch (CdcException)
                {
                    return "(not a value of its type)"; // the sink says so too, and why
                }
            }

            return Encoding.UTF8.GetString(buffer.WrittenSpan).Trim('"');
        }
    }
}
