namespace Cdc.Debezium.Internal.Json;

/// <summary>What is wrong with a message, before its coordinates are known: the reader makes a <see cref="ChangeFormatException"/> of it.</summary>
internal sealed class MessageProblem : Exception
{
    public MessageProblem(string problem, int position = -1, string? path = null, bool inKey = false)
        : base(problem)
    {
        Position = position;
        Path = path;
        InKey = inKey;
    }

    /// <summary>The byte where it stands, or −1.</summary>
    public int Position { get; }

    /// <summary>The JSON path where it stands, or null: it is made from the position.</summary>
    public string? Path { get; }

    /// <summary>Whether it stands in the key.</summary>
    public bool InKey { get; init; }
}
