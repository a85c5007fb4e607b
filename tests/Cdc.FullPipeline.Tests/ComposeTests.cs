using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cdc.FullPipeline.Tests;

/// <summary>What can be known of the compose stack without Docker.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Whole =
    [
        "clickhouse", "connect", "generator", "kafdrop", "kafka", "kafka2", "kafka3", "pgadmin", "pipeline", "pipeline2", "postgres", "schemas", "setup", "superset", "superset-init",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Docker_compose_accepts_the_filled_in_example_with_every_profile()
    {
        var filled = string.Join('\n', ComposeFile.Example.Select(e => $"{e.Key}={(e.Value.Length > 0 ? e.Value : "secret1")}"));
        var (code, output, error) = await ComposeAsync(filled, "--profile", "cluster", "--profile", "schemas", "config", "--services");
        Assert.True(code == 0, error);
        Assert.Equal(Whole, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_key_that_is_unset_fails_with_its_name()
    {
        await Parallel.ForEachAsync(ComposeFile.Example.Keys, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop }, async (missing, _) =>
        {
            var filled = string.Join('\n', ComposeFile.Example.Where(e => e.Key != missing).Select(e => $"{e.Key}={(e.Value.Length > 0 ? e.Value : "secret1")}"));
            var (code, _, error) = await ComposeAsync(filled, "--profile", "cluster", "--profile", "schemas", "config");
            Assert.NotEqual(0, code);
            Assert.Contains(missing, error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_key_of_the_file_is_required_and_in_the_example_and_none_is_spare()
    {
        Assert.All(ComposeFile.Variables, v => Assert.StartsWith(":?", v.Then, StringComparison.Ordinal));
        Assert.Equal(ComposeFile.Example.Keys.Order(StringComparer.Ordinal), ComposeFile.Variables.Select(v => v.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_secret_is_in_the_repository()
    {
        Assert.All(ComposeFile.Example.Where(e => Secret().IsMatch(e.Key)), e => Assert.Empty(e.Value));
        var written = from service in ComposeFile.Services
                      from variable in service.Value.Environment
                      where Secret().IsMatch(variable.Key) && variable.Value is { } value && !value.StartsWith('$')
                      select $"{service.Key}: {variable.Key}";
        Assert.Empty(written);
    }

    [Fact]
    public void Every_service_has_a_pinned_image_and_a_check_and_waits_for_what_it_needs()
    {
        foreach (var (name, service) in ComposeFile.Services)
        {
            var image = Assert.IsType<string>(service["image"]);
            Assert.True(image.EndsWith(":local", StringComparison.Ordinal) || PinnedImage().IsMatch(image), $"{name}: {image} is not pinned");
            Assert.True(service.IsOneShot || service["healthcheck"] is not null, $"{name} has no health check");
            Assert.True(service.IsOneShot || (string?)service["restart"] == "unless-stopped", $"{name} does not come back");
            foreach (var (needed, condition) in service.Needs)
            {
                Assert.True(ComposeFile.Services.ContainsKey(needed), $"{name} needs {needed}, which there is not");
                Assert.Equal(ComposeFile.Services[needed].IsOneShot ? "service_completed_successfully" : "service_healthy", condition);
            }
        }
    }

    [Fact]
    public void Every_port_is_on_the_loopback_address_and_taken_once()
    {
        var ports = ComposeFile.Services.SelectMany(s => s.Value.Ports).ToList();
        Assert.All(ports, p => Assert.StartsWith("127.0.0.1:", p, StringComparison.Ordinal));
        var published = ports.Select(p => VariableName().Replace(p, m => ComposeFile.Example[m.Groups[1].Value])).Select(p => p[..p.LastIndexOf(':')]).ToList();
        Assert.Equal(published.Distinct(), published);
    }

    [Fact]
    public void Yamllint_finds_no_error()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/yamllint"), "yamllint is missing (Debian: apt-get install yamllint).");
        using var lint = Process.Start(new ProcessStartInfo("yamllint", ["-d", "{extends: relaxed, rules: {line-length: disable, indentation: disable}}", "docker-compose.yml", "compose"]) { WorkingDirectory = ComposeFile.Folder, RedirectStandardOutput = true })!;
        var found = lint.StandardOutput.ReadToEnd();
        lint.WaitForExit();
        Assert.True(lint.ExitCode == 0, found);
    }

    private static async Task<(int Code, string Output, string Error)> ComposeAsync(string environment, params string[] arguments)
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/docker-compose"), "docker-compose is missing (Debian: apt-get install docker-compose).");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, environment, Stop);
            var start = new ProcessStartInfo("docker-compose", ["--env-file", file, "-f", Path.Combine(ComposeFile.Folder, "docker-compose.yml"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var name in ComposeFile.Example.Keys) start.Environment.Remove(name);
            using var compose = Process.Start(start)!;
            var (output, error) = (compose.StandardOutput.ReadToEndAsync(Stop), compose.StandardError.ReadToEndAsync(Stop));
            await compose.WaitForExitAsync(Stop);
            return (compose.ExitCode, await output, await error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("PASSWORD$|SECRET")]
    private static partial Regex Secret();

    [GeneratedRegex(@":\d+(\.\d+)+(\.Final)?$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex(@"\$\{(\w+)[^}]*\}")]
    private static partial Regex VariableName();
}
