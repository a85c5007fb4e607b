namespace Cdc.ClickHouse.Embedded;

/// <summary>The engine could not be fetched or did not start. The message says what to do about it.</summary>
public sealed class EmbeddedClickHouseException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, and the way out.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public EmbeddedClickHouseException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
