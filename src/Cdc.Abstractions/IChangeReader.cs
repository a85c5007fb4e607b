namespace Cdc;

/// <summary>Turns one message into one event: the only room that knows the message's format.</summary>
public interface IChangeReader
{
    /// <summary>Reads a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="change">Filled when the result is <see cref="MessageKind.Change"/>; a view over the message's bytes.</param>
    /// <returns>What the message is.</returns>
    /// <exception cref="ChangeFormatException">The message is not what its format says. The next message can be read.</exception>
    /// <exception cref="ValueRefusedException">The message is well-formed but names no row that may be changed. The next message can be read.</exception>
    /// <exception cref="TableStoppedException">The table's history is broken: no further change of it may be applied.</exception>
    MessageKind Read(in SourceMessage message, ChangeEvent change);

    /// <summary>What the reader must know to go on after the last message that it read of a partition, as text.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <returns>The state, which holds no value of a row; null for a reader that keeps nothing.</returns>
    string? SaveState(string topic, int partition) => null;

    /// <summary>Forgets what was known of a partition and goes on at a position.</summary>
    /// <param name="position">The partition and the offset of its next message.</param>
    /// <param name="state">What <see cref="SaveState"/> gave there, or null where that is unknown.</param>
    /// <exception cref="ChangeFormatException">The state is not one of this reader's.</exception>
    void RestoreState(Checkpoint position, string? state)
    {
    }

    /// <summary>Lets go of what is needed only for messages below a position: they will not be delivered again.</summary>
    /// <param name="position">The partition and the offset below which everything is durable.</param>
    void Committed(Checkpoint position)
    {
    }
}
