using System.Collections.Immutable;

namespace Cdc.ClickHouse.Internal;

/// <summary>A type as ClickHouse writes it: a name and arguments, which are types, numbers, texts or labels.</summary>
internal sealed class ClickHouseType
{
    internal ClickHouseType(string name, ImmutableArray<ClickHouseTypeArgument> arguments)
    {
        Name = name;
        Arguments = arguments;
    }

    /// <summary>The name without arguments, such as <c>Decimal</c>.</summary>
    public string Name { get; }

    public ImmutableArray<ClickHouseTypeArgument> Arguments { get; }

    public bool IsNullable => Name == "Nullable" || (Name == "LowCardinality" && Inner.IsNullable);

    /// <summary>The first argument as a type.</summary>
    public ClickHouseType Inner => (Arguments.IsEmpty ? null : Arguments[0].Type) ?? throw new FormatException($"{this} holds no type");

    /// <summary>The type without Nullable and LowCardinality around it.</summary>
    public ClickHouseType Bare => Name is "Nullable" or "LowCardinality" ? Inner.Bare : this;

    /// <summary>An argument that is a number.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public int Number(int index) =>
        index < Arguments.Length && Arguments[index] is { Type: null, Label: null, Verbatim: null, Value: >= 0 and <= int.MaxValue and var value } ? (int)value
        : throw new FormatException($"{this} lacks a number as its argument {index + 1}");

    /// <exception cref="FormatException">The text is no type.</exception>
    public static ClickHouseType Parse(string text)
    {
        var parser = new ClickHouseTypeParser(text);
        var type = parser.ReadType();
        parser.End();
        return type;
    }

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ClickHouseType? type)
    {
        try
        {
            type = Parse(text);
            return true;
        }
        catch (FormatException)
        {
            type = null;
            return false;
        }
    }

    public override string ToString() => Arguments.IsEmpty ? Name : $"{Name}({string.Join(", ", Arguments)})";
}
