using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>Dead letters that are logged and counted once they are durable: where they came from and why, never what they hold.</summary>
internal sealed class LoggedDeadLetters(IDeadLetterSink inner, string pipeline, PipelineMetrics metrics, ILogger logger) : IDeadLetterSink
{
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await inner.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
        metrics.DeadLetter(pipeline, letter);
        Log.DeadLetter(logger, pipeline, letter.Position.Topic, letter.Position.Partition, letter.Position.Position, letter.Column, letter.Reason, letter.Detail);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
