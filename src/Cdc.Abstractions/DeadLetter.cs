namespace Cdc;

/// <summary>Why a message is among the dead letters.</summary>
public enum DeadLetterReason
{
    /// <summary>The bytes are not what the format says.</summary>
    Malformed,

    /// <summary>A value cannot be stored exactly.</summary>
    ValueRefused,

    /// <summary>An unchanged value was not sent and the target does not hold it either.</summary>
    UnavailableValue,

    /// <summary>The message does not name the row that it changes.</summary>
    KeyRefused,

    /// <summary>The target refused the row.</summary>
    TargetRefused,
}

/// <summary>A message that was not applied, and why.</summary>
/// <param name="Position">The partition and the message's own offset.</param>
/// <param name="Table">The table, or null when the message does not even tell that.</param>
/// <param name="Column">The column that is to blame, or null.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">The explanation: never a value.</param>
/// <param name="Message">The message itself, or null when it could not be read again.</param>
public sealed record DeadLetter(Checkpoint Position, TableId? Table, string? Column, DeadLetterReason Reason, string Detail, SourceMessage? Message);
