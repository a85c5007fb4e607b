using System.IO.Compression;
using Cdc.ClickHouse.Embedded;

namespace Cdc.Packages.Tests;

public sealed class PackageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-packages-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fresh_project_restores_the_packages_applies_messages_and_publishes_with_native_aot_without_a_warning()
    {
        var feed = Path.Combine(folder, "feed");
        await PackAsync(feed);

        var app = Path.Combine(folder, "app");
        Directory.CreateDirectory(app);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "samples/DebeziumToClickHouse"), "*.cs")) File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(app, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <PublishAot>{(HasLinker ? "true" : "false")}</PublishAot>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{folder}/packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Cdc.ClickHouse" Version="9.9.9" />
                <PackageReference Include="Cdc.Debezium" Version="9.9.9" />
              </ItemGroup>
            </Project>
            """, Cancelled);
        AssertComplete(feed);
        var published = await DotnetAsync(app, "publish", "-c", "Release", "-o", Path.Combine(app, "out"), "--nologo");
        Assert.DoesNotContain("warning", published, StringComparison.OrdinalIgnoreCase);
        Assert.SkipUnless(EmbeddedClickHouse.IsSupported, "The embedded engine runs on linux-x64 only; the packages were restored and published.");

        await using var engine = await EmbeddedClickHouse.StartAsync(cancellationToken: Cancelled);
        var (exitCode, output) = await Repository.RunAsync(app, Path.Combine(app, "out", "App"), [engine.Endpoint.ToString()], Cancelled);

        Assert.True(exitCode == 0, output);
        Assert.Contains("3 rows are durable", output, StringComparison.Ordinal);
        using var http = new HttpClient();
        var rows = await http.GetStringAsync(new Uri(engine.Endpoint, "/?query=" + Uri.EscapeDataString("SELECT id, status, total FROM public.orders_current ORDER BY id FORMAT CSV")), Cancelled);
        Assert.Equal("0,\"paid\",3.3\n1,\"paid\",3.3\n2,\"paid\",3.3\n", rows);
    }

    // NativeAOT links with the system's compiler; without one only that step is left out.
    private static bool HasLinker => new[] { "clang", "gcc" }.Any(c => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, c))));

    /// <summary>One pack of all of src, so that what the packages share is built once.</summary>
    private async Task PackAsync(string feed)
    {
        var solution = Path.Combine(folder, "src.slnx");
        var projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        await File.WriteAllTextAsync(solution, $"<Solution>{string.Concat(projects.Select(p => $"<Project Path=\"{p}\" />"))}</Solution>", Cancelled);
        await DotnetAsync(Repository.Root, "pack", solution, "-c", "Release", "-o", feed, "--nologo", "-v", "q", "-p:Version=9.9.9");
    }

    private static void AssertComplete(string feed)
    {
        foreach (var name in new[] { "Cdc.Abstractions", "Cdc.Debezium", "Cdc.ClickHouse", "Cdc.ClickHouse.Embedded", "Cdc.Kafka", "Cdc.Postgres", "Cdc.Hosting" })
        {
            using var package = ZipFile.OpenRead(Path.Combine(feed, $"{name}.9.9.9.nupkg"));
            var entries = package.Entries.Select(e => e.FullName).ToList();
            Assert.Contains("README.md", entries);
            Assert.Contains($"lib/net10.0/{name}.xml", entries);
            using var specification = new StreamReader(package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
            Assert.Contains("Apache-2.0", specification.ReadToEnd(), StringComparison.Ordinal);
        }

        Assert.True(File.Exists(Path.Combine(feed, "Cdc.Cli.9.9.9.nupkg")));
    }

    private static async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        var (exitCode, output) = await Repository.RunAsync(folder, "dotnet", arguments, Cancelled);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}");
        return output;
    }
}
