using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace FullPipeline;

/// <summary>SVG's element <c>text</c>, a name that Razor keeps for itself.</summary>
public sealed class SvgText : ComponentBase
{
    /// <summary>The middle of the text.</summary>
    [Parameter, EditorRequired]
    public decimal X { get; set; }

    /// <summary>Its base line.</summary>
    [Parameter, EditorRequired]
    public decimal Y { get; set; }

    /// <summary>The text.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", Show.Number(X));
        builder.AddAttribute(2, "y", Show.Number(Y));
        builder.AddContent(3, Text);
        builder.CloseElement();
    }
}
