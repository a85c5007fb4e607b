namespace FullPipeline;

/// <summary>The files that the assembly carries.</summary>
internal static class Assets
{
    public static Stream Open(string name) => typeof(Assets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly carries no {name}.");

    public static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }
}
