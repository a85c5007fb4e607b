using System.Buffers;

namespace Cdc;

/// <summary>Writes a change as a message: the opposite of an <see cref="IChangeReader"/>.</summary>
/// <remarks>A writer is used by one caller at a time.</remarks>
public interface IChangeWriter
{
    /// <summary>Writes a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="key">Where its key goes; nothing is written when it has none.</param>
    /// <param name="value">Where its value goes.</param>
    /// <returns>Whether there is a key: without one the message's key is null.</returns>
    /// <exception cref="ChangeFormatException">A value is not what its type says.</exception>
    /// <exception cref="ValueRefusedException">The format has no form for a value.</exception>
    bool Write(ChangeEvent change, IBufferWriter<byte> key, IBufferWriter<byte> value);

    /// <summary>The name of the header that <see cref="WriteOldKey"/> fills, or null for none.</summary>
    string? OldKeyHeader => null;

    /// <summary>Writes the old key of an insert that comes from a change of key.</summary>
    /// <param name="change">The change.</param>
    /// <param name="header">Where it goes.</param>
    /// <returns>False when the change has no old key: the message has no such header then.</returns>
    bool WriteOldKey(ChangeEvent change, IBufferWriter<byte> header) => false;

    /// <summary>Writes the message of a transaction's beginning. Its changes, until <see cref="EndTransaction"/>, say their place in it.</summary>
    /// <param name="first">Its first change, which is written next.</param>
    /// <param name="key">Where the message's key goes.</param>
    /// <param name="value">Where its value goes.</param>
    /// <returns>False when the format has no such message.</returns>
    bool BeginTransaction(ChangeEvent first, IBufferWriter<byte> key, IBufferWriter<byte> value) => false;

    /// <summary>Writes the message of the end of the transaction that was begun.</summary>
    /// <param name="position">The position of the end in the source's log; 0 where it is not known.</param>
    /// <param name="key">Where the message's key goes.</param>
    /// <param name="value">Where its value goes.</param>
    /// <returns>False when none was begun.</returns>
    bool EndTransaction(long position, IBufferWriter<byte> key, IBufferWriter<byte> value) => false;
}
