namespace Cdc;

/// <summary>Any failure of change data capture. No message of any of them holds a value of a row or a secret.</summary>
public abstract class CdcException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What happened and what to do next.</param>
    /// <param name="innerException">Its cause, or null.</param>
    protected CdcException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the same call may succeed later without anybody's doing.</summary>
    public virtual bool IsTransient => false;
}

/// <summary>A message is not what its format says.</summary>
public sealed class ChangeFormatException : CdcException
{
    private readonly string problem;

    /// <summary>Makes the failure.</summary>
    /// <param name="problem">What is wrong, without a value.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public ChangeFormatException(string problem, Exception? innerException = null)
        : base(problem, innerException) => this.problem = problem;

    /// <summary>The topic of the message, or null where unknown.</summary>
    public string? Topic { get; init; }

    /// <summary>The partition of the message.</summary>
    public int Partition { get; init; }

    /// <summary>The offset of the message.</summary>
    public long Offset { get; init; }

    /// <summary>Where in the message, as a JSON path, or null.</summary>
    public string? Path { get; init; }

    /// <summary>The table, as far as the message was understood.</summary>
    public TableId? Table { get; init; }

    /// <summary>What is wrong, without the coordinates.</summary>
    public string Problem => problem;

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            var at = Topic is null ? "" : $" (topic {Topic}, partition {Partition}, offset {Offset}{(Path is null ? "" : $", at {Path}")})";
            return $"{problem}{at}";
        }
    }
}

/// <summary>Why a value cannot be stored exactly.</summary>
public enum RefusalReason
{
    /// <summary>The value lies outside the range of the target's type.</summary>
    OutOfRange,

    /// <summary>The value is an infinity and the target's type has none.</summary>
    Infinity,

    /// <summary>The value is NaN and the target's type has none.</summary>
    NotANumber,

    /// <summary>The value has more digits than the target's type holds.</summary>
    Precision,

    /// <summary>The value is NULL and the target's column is not nullable.</summary>
    Null,

    /// <summary>The value's type cannot become the target's type.</summary>
    Type,

    /// <summary>The message's key is not the row's primary key, so the message names no row.</summary>
    Key,

    /// <summary>An unchanged value was not sent.</summary>
    Unavailable,

    /// <summary>The value is larger than the target takes.</summary>
    TooLarge,
}

/// <summary>A value is right, but the target cannot hold it exactly: the row is refused, by the column's name.</summary>
public sealed class ValueRefusedException : CdcException
{
    /// <summary>Makes the refusal.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="reason">Why.</param>
    /// <param name="explanation">What to do about it, without the value; null where the reason says all.</param>
    public ValueRefusedException(TableId table, string column, RefusalReason reason, string? explanation = null)
        : base($"{table}.{column}: {explanation ?? Words(reason)}")
    {
        Table = table;
        Column = column;
        Reason = reason;
    }

    /// <summary>The table.</summary>
    public TableId Table { get; }

    /// <summary>The column.</summary>
    public string Column { get; }

    /// <summary>Why.</summary>
    public RefusalReason Reason { get; }

    /// <summary>The topic of the message, or null where unknown.</summary>
    public string? Topic { get; init; }

    /// <summary>The partition of the message.</summary>
    public int Partition { get; init; }

    /// <summary>The offset of the message.</summary>
    public long Offset { get; init; }

    private static string Words(RefusalReason reason) => reason switch
    {
        RefusalReason.OutOfRange => "the value is outside the range of the column's type",
        RefusalReason.Infinity => "the value is infinite and the column's type has no infinity",
        RefusalReason.NotANumber => "the value is NaN and the column's type has none",
        RefusalReason.Precision => "the value has more digits than the column holds",
        RefusalReason.Null => "the value is NULL and the column is not nullable",
        RefusalReason.Type => "the value's type cannot become the column's type",
        RefusalReason.Key => "the key of the message is not the primary key of the row",
        RefusalReason.Unavailable => "the value is unchanged and was not sent (set REPLICA IDENTITY FULL on the source's table)",
        RefusalReason.TooLarge => "the value is too large",
        _ => "the value is refused",
    };
}

/// <summary>A table takes no further change until somebody acts. Other tables go on.</summary>
public sealed class TableStoppedException : CdcException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="table">The table.</param>
    /// <param name="reason">Why it stopped and the way out.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public TableStoppedException(TableId table, string reason, Exception? innerException = null)
        : base($"{table} is stopped: {reason}", innerException)
    {
        Table = table;
        Reason = reason;
    }

    /// <summary>The table.</summary>
    public TableId Table { get; }

    /// <summary>Why it stopped and the way out.</summary>
    public string Reason { get; }
}

/// <summary>The target refused or did not answer.</summary>
public class ChangeSinkException : CdcException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What happened and what to do next.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public ChangeSinkException(string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <inheritdoc/>
    public override bool IsTransient { get; }
}
