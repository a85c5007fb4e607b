namespace Cdc.Packages.Tests;

public class RepositoryTests
{
    // Put together here so that this file does not name what it looks for.
    private static readonly string[] Forbidden = ["nuget" + ".org", "npmjs" + ".org", "registry" + ".npm", "deb.debian" + ".org", "/" + "work/main", "/" + "root/"];

    [Fact]
    public async Task No_committed_text_names_a_registry_or_a_path_of_the_machine_it_was_made_on()
    {
        var (exitCode, output) = await Repository.RunAsync(Repository.Root, "git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], TestContext.Current.CancellationToken);
        if (exitCode != 0) Assert.Skip("This is no git checkout, so what is committed cannot be listed.");

        var found = from name in output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
                    where !name.StartsWith("tests/corpus/", StringComparison.Ordinal) && Path.GetExtension(name) is not (".gz" or ".png")
                    let path = Path.Combine(Repository.Root, name)
                    where File.Exists(path)
                    let text = File.ReadAllText(path)
                    from word in Forbidden
                    where text.Contains(word, StringComparison.OrdinalIgnoreCase)
                    select $"{name}: {word}";

        Assert.Empty(found);
    }
}
