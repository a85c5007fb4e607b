namespace Cdc.Kafka.Tests;

public sealed class OptionsTests
{
    private const string Secret = "hunter2-canary";

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var options = new KafkaSourceOptions { MaxBufferedBytes = 1, MaxMessageBytes = 0, GroupInstanceId = "", SessionTimeout = TimeSpan.Zero, GroupProtocol = (KafkaGroupProtocol)7, OnGap = (KafkaTopicPolicy)7 };
        options.Topics.Add("not a topic");
        options.ExcludeTopics.Add("a,b");
        options.Configuration["enable.auto.commit"] = "true";
        options.Configuration["auto.offset.reset"] = "latest";
        options.Configuration["dotnet.consumer.consume.result.fields"] = "none";
        var message = Assert.Throws<ArgumentException>(() => new KafkaChangeSource(options)).Message;
        string[] named =
        [
            "BootstrapServers", "GroupId", "'not a topic'", "ExcludeTopics", "GroupProtocol", "GroupInstanceId", "MaxBufferedBytes", "MaxMessageBytes", "OnGap",
            "SessionTimeout", "enable.auto.commit", "auto.offset.reset", "dotnet.consumer",
        ];
        Assert.All(named, n => Assert.Contains(n, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Dead_letters_refuse_settings_that_would_lose_a_letter()
    {
        var options = new KafkaDeadLetterOptions();
        options.Configuration["acks"] = "1";
        options.Configuration["enable.idempotence"] = "false";
        var message = Assert.Throws<ArgumentException>(() => new KafkaDeadLetters(options)).Message;
        Assert.All(["BootstrapServers", "Topic", "['acks']", "['enable.idempotence']"], n => Assert.Contains(n, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no.such.setting", Secret)]
    [InlineData("ssl.key.pem", Secret)]
    [InlineData("sasl.oauthbearer.config", Secret)]
    public async Task A_setting_that_the_client_refuses_is_named_and_no_secret_is(string name, string value)
    {
        var options = WithSecrets("127.0.0.1:1");
        options.Configuration[name] = value;
        await using var source = new KafkaChangeSource(options);
        var texts = new List<string> { options.ToString()! };
        source.Happened += e => texts.Add(e.ToString());
        try
        {
            await source.CheckAsync(TestContext.Current.CancellationToken);
        }
        catch (ArgumentException refused)
        {
            texts.Add(refused.ToString());
            if (name == "no.such.setting") Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(texts, t => t.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Brokers_that_refuse_the_credentials_do_not_bring_them_into_any_text()
    {
        using var cluster = new MockCluster();
        var options = WithSecrets(cluster.BootstrapServers);
        options.RequestTimeout = TimeSpan.FromSeconds(3);
        options.Configuration["debug"] = "security,conf";
        await using var source = new KafkaChangeSource(options);
        var texts = new List<string>();
        source.Happened += e =>
        {
            lock (texts) texts.Add(e.ToString());
        };
        var findings = await source.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(findings, f => f is { Severity: KafkaFindingSeverity.Fatal, Subject: "brokers" });
        lock (texts)
        {
            texts.AddRange(findings.Select(f => f.ToString()));
            Assert.NotEmpty(texts);
            Assert.DoesNotContain(texts, t => t.Contains(Secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Given_secrets_are_taken_out_of_a_text_and_other_settings_stay()
    {
        var configuration = new Internal.ClientConfiguration("b:1", WithSecrets("b:1").Configuration);
        Assert.Equal("user 'kim' said ***", configuration.Redact($"user 'kim' said {Secret}"));
    }

    private static KafkaSourceOptions WithSecrets(string servers)
    {
        var options = new KafkaSourceOptions { BootstrapServers = servers, GroupId = "g", RequestTimeout = TimeSpan.FromSeconds(1) };
        options.Topics.Add("t");
        options.Configuration["security.protocol"] = "sasl_plaintext";
        options.Configuration["sasl.mechanism"] = "PLAIN";
        options.Configuration["sasl.username"] = "kim";
        options.Configuration["sasl.password"] = Secret;
        return options;
    }
}
