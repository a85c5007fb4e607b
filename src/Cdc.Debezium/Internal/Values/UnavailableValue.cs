namespace Cdc.Debezium.Internal.Values;

/// <summary>Tells the placeholder of an unchanged, unsent value from values, in every shape that Debezium gives it.</summary>
internal sealed class UnavailableValue
{
    /// <summary>Debezium's own placeholder.</summary>
    public const string DefaultPlaceholder = "__debezium_unavailable_value";

    private readonly byte[] text;

    /// <summary>Computes the shapes of a placeholder.</summary>
    /// <param name="placeholder">The connector's <c>unavailable.value.placeholder</c>: text, or <c>hex:</c> and octets.</param>
    public UnavailableValue(string placeholder) => text = System.Text.Encoding.UTF8.GetBytes(placeholder);

    /// <summary>Whether a value is the placeholder.</summary>
    /// <param name="type">The value's type, with its form.</param>
    /// <param name="token">The value's <see cref="WireToken"/>.</param>
    /// <param name="raw">The value as a cell has it.</param>
    public bool Is(SourceType type, byte token, ReadOnlySpan<byte> raw) => token == WireToken.PlainString && raw.SequenceEqual(text);
}
