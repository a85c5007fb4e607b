namespace Cdc;

/// <summary>Keeps what could not be applied, so that it is neither lost nor in the way.</summary>
public interface IDeadLetterSink : IAsyncDisposable
{
    /// <summary>Completes when the letter is durable.</summary>
    /// <param name="letter">The letter.</param>
    /// <param name="cancellationToken">Abandons the call; the letter may be kept or not.</param>
    /// <exception cref="CdcException">The letter could not be kept.</exception>
    ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken);
}
