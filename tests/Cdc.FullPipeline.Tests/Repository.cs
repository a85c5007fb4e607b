namespace Cdc.FullPipeline.Tests;

/// <summary>Where the checkout's files are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The sample as this build made it: its own folder, its own dependencies.</summary>
    public static string SampleAssembly { get; } = Path.Combine(
        Root, "samples", "FullPipeline", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "FullPipeline.dll");

    public static string Corpus(string name) => Path.Combine(Root, "tests", "corpus", "postgres", name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cdc.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run from a checkout: Cdc.slnx is in no folder above.");
    }
}
