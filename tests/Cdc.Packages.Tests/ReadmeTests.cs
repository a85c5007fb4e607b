namespace Cdc.Packages.Tests;

public class ReadmeTests
{
    [Fact]
    public void The_code_of_the_readme_is_the_sample_that_is_compiled()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "DebeziumToClickHouse", "Program.cs"));

        Assert.Contains($"```csharp\n{sample}```", File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samples/FullPipeline/FullPipeline.csproj")]
    [InlineData("benchmarks/results")]
    [InlineData("tests/corpus/README.md")]
    public void What_the_readme_points_at_is_there(string path) => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path);
}
