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

    /// <summary>
    /// What a partition begins with of which nothing is remembered, as far as other partitions of its topic tell: the incarnation of the source's log,
    /// without which its changes would lose to what is stored.
    /// </summary>
    /// <param name="states">What <see cref="SaveState"/> gave for the others.</param>
    /// <param name="isNewTopic">Whether the others were of a topic of this name that was deleted: then a new incarnation begins.</param>
    /// <returns>A state for <see cref="RestoreState"/>, or null for a reader that keeps nothing.</returns>
    /// <exception cref="ChangeFormatException">A state is not one of this reader's.</exception>
    string? DeriveState(IReadOnlyList<string> states, bool isNewTopic) => null;

    /// <summary>Lets go of what is needed only for messages below a position: they will not be delivered again.</summary>
    /// <param name="position">The partition and the offset below which everything is durable.</param>
    void Committed(Checkpoint position)
    {
    }
}
