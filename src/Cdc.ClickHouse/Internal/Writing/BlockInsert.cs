using Cdc.ClickHouse.Internal.Errors;
using Cdc.ClickHouse.Internal.Http;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>
/// Brings one sealed block into the server: the same bytes until they are acknowledged, in halves where rows are to blame or too many.
/// It ends when every row is stored, refused by name, or held by a stopped table. Only cancellation makes it throw.
/// </summary>
internal sealed class BlockInsert(RowBlock block, TableBinding binding, TableState state, ServerConnection server, ClickHouseOptions options, TimeProvider time)
{
    // A few bad rows are the rows' fault; when most are bad it is the table's.
    private const int FewRows = 10;
    private readonly List<(int Row, string Detail)> bad = [];
    private bool checkedDrift;
    private TableStoppedException? stop;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SendAsync(0, block.Rows, cancellationToken).ConfigureAwait(false);
        foreach (var (row, detail) in bad)
        {
            // A stopped table's messages come again: nothing of it goes among the dead letters now.
            if (stop is not null) state.Hold(block.Origins[row]);
            else state.Reject(block.Origins[row], null, DeadLetterReason.TargetRefused, detail);
        }
    }

    private async Task SendAsync(int start, int count, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.Retry, time);
        var tries = 0;
        var lastCode = -1;
        while (true)
        {
            if (state.Stopped is not null)
            {
                stop ??= state.Stopped;
                Hold(start, count);
                return;
            }

            using var content = block.Content(start, count);
            var size = content.Headers.ContentLength ?? 0;
            var (queryId, error) = await InsertAsync(content, cancellationToken).ConfigureAwait(false);
            var rule = error?.Rule ?? new ErrorRule(ErrorClass.Success);
            if (error is null || rule.Class == ErrorClass.Success)
            {
                state.Applied(count, size);
                return;
            }

            tries = error.Code == lastCode ? tries + 1 : 1;
            lastCode = error.Code;
            if (rule.Halve && count > 1 && (tries > 1 || error.Code is not (241 or 173)))
            {
                await HalveAsync(start, count, cancellationToken).ConfigureAwait(false);
                return;
            }

            var reason = (rule.Tries > 0 && tries >= rule.Tries) || (rule.Halve && count == 1) ? rule.Then : rule.Class;
            switch (reason)
            {
                case ErrorClass.Transient or ErrorClass.Ambiguous or ErrorClass.Long:
                    state.Retrying($"{error.Describe()} (query id {queryId})");
                    // New credentials deserve a prompt try; refused ones again do not.
                    var pace = rule.Credentials && tries == 1 && options.CredentialProvider is not null ? ErrorClass.Transient : reason;
                    await backoff.WaitAsync(pace, error.IsAway, error.RetryAfter, cancellationToken).ConfigureAwait(false);
                    continue;
                case ErrorClass.Schema or ErrorClass.Data when !checkedDrift:
                    checkedDrift = true;
                    if (await FindDriftAsync(cancellationToken).ConfigureAwait(false) is { } drift)
                    {
                        Stop(drift, error, queryId);
                        Hold(start, count);
                        return;
                    }

                    if (reason == ErrorClass.Schema && !binding.Converts)
                    {
                        Stop("the server cannot read the block although the table is as planned", error, queryId);
                        Hold(start, count);
                        return;
                    }

                    continue;
                case ErrorClass.Data when count > 1:
                    await HalveAsync(start, count, cancellationToken).ConfigureAwait(false);
                    return;
                case ErrorClass.Data:
                    bad.Add((start, $"{error.Describe()} (query id {queryId})"));
                    if (bad.Count > Math.Max(FewRows, block.Rows / 2)) Stop("the server refuses most rows of a block", error, queryId);
                    return;
                default:
                    Stop("the server refuses its inserts for good", error, queryId);
                    Hold(start, count);
                    return;
            }
        }
    }

    private async Task<InsertReply> InsertAsync(BlockContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await server.InsertAsync(binding.Target, content, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The server may answer, or the caller give up, before the whole body went out: until then its bytes must stay.
            await content.Released.ConfigureAwait(false);
        }
    }

    private async Task HalveAsync(int start, int count, CancellationToken cancellationToken)
    {
        var half = count / 2;
        await SendAsync(start, half, cancellationToken).ConfigureAwait(false);
        await SendAsync(start + half, count - half, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the table again. A column that only became wider is converted by the server, once that is known to lose nothing.</summary>
    private async Task<string?> FindDriftAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.Retry, time);
        while (true)
        {
            try
            {
                var table = await ServerTable.ReadAsync(server, binding.Plan.Database, binding.Plan.Table, cancellationToken).ConfigureAwait(false);
                return binding.Drift(table);
            }
            catch (ClickHouseServerException failure) when (failure.IsTransient)
            {
                state.Retrying(failure.Message);
                await backoff.WaitAsync(ErrorClass.Transient, failure.IsAway, null, cancellationToken).ConfigureAwait(false);
            }
            catch (ClickHouseServerException failure)
            {
                return $"the table cannot be read: {failure.Message}";
            }
        }
    }

    private void Stop(string reason, ServerError error, string queryId)
    {
        var failure = new ClickHouseInsertException($"ClickHouse refused an insert: {error.Describe()} (query id {queryId})", error.Code, queryId, false, error.Cause);
        state.Stop($"{reason}: {error.Describe()} (query id {queryId}). Put that right and start again: its changes were not committed", failure);
        stop = state.Stopped;
    }

    private void Hold(int start, int count)
    {
        for (var i = start; i < start + count; i++) state.Hold(block.Origins[i]);
    }
}
