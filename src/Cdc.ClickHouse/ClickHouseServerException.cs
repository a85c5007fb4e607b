namespace Cdc.ClickHouse;

/// <summary>The server refused a query or did not answer it. The message holds the error's name, never a value.</summary>
public class ClickHouseServerException : ChangeSinkException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What happened and what to do next, without a value.</param>
    /// <param name="code">ClickHouse's code, 0 where the answer was not ClickHouse's.</param>
    /// <param name="queryId">The query's id, as in <c>system.query_log</c>.</param>
    /// <param name="isTransient">Whether the same request may succeed later.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public ClickHouseServerException(string message, int code, string queryId, bool isTransient, Exception? innerException = null)
        : base(message, isTransient, innerException)
    {
        Code = code;
        QueryId = queryId;
    }

    /// <summary>ClickHouse's code, 0 where the answer was not ClickHouse's.</summary>
    public int Code { get; }

    /// <summary>The query's id, as in <c>system.query_log</c>.</summary>
    public string QueryId { get; }

    internal bool IsAway { get; init; }
}

/// <summary>The server refused an insert for good. What may still heal is retried and never thrown.</summary>
public sealed class ClickHouseInsertException : ClickHouseServerException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What happened and what to do next, without a value.</param>
    /// <param name="code">ClickHouse's code, 0 where the answer was not ClickHouse's.</param>
    /// <param name="queryId">The query's id, as in <c>system.query_log</c>.</param>
    /// <param name="isTransient">Whether the same request may succeed later.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public ClickHouseInsertException(string message, int code, string queryId, bool isTransient, Exception? innerException = null)
        : base(message, code, queryId, isTransient, innerException)
    {
    }
}
