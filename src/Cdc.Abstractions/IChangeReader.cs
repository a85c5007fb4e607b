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
}
