using System.Net;
using System.Runtime.CompilerServices;

namespace Cdc.EndToEnd.Host;

internal sealed class CrashingReader(IChangeReader inner, CrashPoint crash) : IChangeReader
{
    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        var kind = inner.Read(in message, change);
        crash.Pass("decode");
        return kind;
    }

    public string? SaveState(string topic, int partition) => inner.SaveState(topic, partition);

    public void RestoreState(Checkpoint position, string? state) => inner.RestoreState(position, state);

    public string? DeriveState(IReadOnlyList<string> states, bool isNewTopic) => inner.DeriveState(states, isNewTopic);

    public void Committed(Checkpoint position) => inner.Committed(position);
}

internal sealed class CrashingSink(IChangeSink inner, CrashPoint crash) : IChangeSink
{
    public bool TryAppend(ChangeEvent change)
    {
        var taken = inner.TryAppend(change);
        crash.Pass("append");
        return taken;
    }

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => inner.PrepareAsync(change, cancellationToken);

    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        var result = await inner.FlushAsync(cancellationToken);
        if (result.Tables.Count > 0) crash.Pass("flush");
        return result;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class CrashingLedger(ILedger inner, CrashPoint crash) : ILedger
{
    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => inner.ReadAsync(cancellationToken);

    public async ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        crash.Pass("before-ledger");
        await inner.WriteAsync(entries, cancellationToken);
        crash.Pass("before-commit");
    }
}

internal sealed class CrashingSource(IChangeSource inner, CrashPoint crash) : IChangeSource
{
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in inner.ReadAsync(cancellationToken)) yield return batch;
    }

    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        await inner.CommitAsync(checkpoints, cancellationToken);
        crash.Pass("after-commit");
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => inner.ReadAgainAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class CrashingDeadLetters(IDeadLetterSink inner, CrashPoint crash) : IDeadLetterSink
{
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        var writing = inner.WriteAsync(letter, cancellationToken);
        crash.Pass("letter-sent");
        await writing;
        crash.Pass("letter-kept");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Dies when half of an insert's body is sent, or when the answer of an insert is there and nobody has read it: with several tables, between two of them.</summary>
internal sealed class CrashingHandler(CrashPoint crash) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isInsert = request.RequestUri!.Query.Contains("FORMAT%20Native", StringComparison.Ordinal);
        if (isInsert && crash.Is("half-body"))
        {
            var whole = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            request.Content = new HalfContent(whole, crash);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (isInsert) crash.Pass("answered");
        return response;
    }

    private sealed class HalfContent(byte[] whole, CrashPoint crash) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(whole.AsMemory(0, whole.Length / 2));
            await stream.FlushAsync();
            crash.Die();
            await stream.WriteAsync(whole.AsMemory(whole.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = whole.Length;
            return true;
        }
    }
}
