namespace Cdc;

/// <summary>
/// What the numbers in a <see cref="RowVersion"/> are. Versions of different layouts cannot be compared,
/// so a table keeps the layout it was created with (DESIGN §4).
/// </summary>
public enum VersionLayout : byte
{
    /// <summary>No version was given.</summary>
    None = 0,

    /// <summary>Epoch, commit position and event position in the source's log: the order in which the source committed.</summary>
    Log = 1,

    /// <summary>
    /// Epoch and offset of the message: the order of arrival. Right only while a key stays in one partition,
    /// the topic is never created anew and no producer sends an old event late.
    /// </summary>
    Offset = 2,
}
