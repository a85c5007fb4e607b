using System.Collections.Concurrent;
using System.Text;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// Marks in the log, written by <c>pg_logical_emit_message</c>: no table, no lock, no right beyond a connection. When the stream brings one,
/// it has brought every transaction whose commit lies below it.
/// </summary>
internal sealed class Watermarks(string slot)
{
    private readonly ConcurrentDictionary<string, (TaskCompletionSource<ulong> Completion, Action<ulong> Arrived)> awaited = [];

    /// <summary>The prefix of the messages of this slot.</summary>
    public string Prefix { get; } = $"cdc:{slot}";

    /// <summary>Writes a mark in a transaction of its own and waits until the stream brings it.</summary>
    /// <param name="data">Where to.</param>
    /// <param name="arrived">Told its position on the stream's thread, before anything behind it is delivered.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>The final LSN of its transaction.</returns>
    public async Task<ulong> WriteAsync(NpgsqlDataSource data, Action<ulong> arrived, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var completion = new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously);
        awaited[id] = (completion, arrived);
        try
        {
            // The mark holds no data: it must not wait for a standby that others wait for.
            await using (var command = data.CreateCommand("SELECT set_config('synchronous_commit', 'local', true), pg_logical_emit_message(true, @prefix, @id)"))
            {
                command.Parameters.Add(new("prefix", Prefix));
                command.Parameters.Add(new("id", id));
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            return await completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            awaited.TryRemove(id, out _);
        }
    }

    /// <summary>Takes a message of the stream.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="content">Its content.</param>
    /// <param name="commit">The final LSN of its transaction.</param>
    /// <returns>Whether it is a mark that is waited for.</returns>
    public bool Arrived(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content, ulong commit)
    {
        if (awaited.IsEmpty || Encoding.UTF8.GetString(prefix) != Prefix) return false;
        var id = Encoding.UTF8.GetString(content);
        if (!awaited.TryGetValue(id, out var mark)) return false;

        // At once, on the stream's own thread: what follows in the stream must find it done.
        mark.Arrived(commit);
        mark.Completion.TrySetResult(commit);
        return true;
    }
}
