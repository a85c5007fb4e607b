namespace Cdc;

/// <summary>A position that a source may be told: everything below it is done with.</summary>
/// <param name="Topic">The topic, or what stands for it.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Position">The offset of the next message to read.</param>
public readonly record struct Checkpoint(string Topic, int Partition, long Position);
