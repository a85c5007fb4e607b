namespace Cdc.Kafka.Tests;

public sealed class CheckTests(RealBroker broker)
{
    [Fact]
    public async Task Missing_topics_and_patterns_without_a_topic_are_named_together_before_anything_is_consumed()
    {
        using var cluster = new MockCluster();
        cluster.Create("there");
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "there", "not.there", "nor.there", "^nothing[.].*")));
        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => reading.Done.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.All(["topic not.there", "topic nor.there", "topics ^nothing[.].*"], n => Assert.Contains(n, failure.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("topic there", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_a_transient_failure()
    {
        var options = Topics.Options("127.0.0.1:1", "g", "t");
        options.RequestTimeout = TimeSpan.FromSeconds(1);
        await using var reading = new Reading(new KafkaChangeSource(options));
        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => reading.Done.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.True(failure.IsTransient);
        Assert.Contains("127.0.0.1:1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_topics_that_endanger_messages_are_found()
    {
        var (brief, compact, good) = (Topics.NewName("brief"), Topics.NewName("compact"), Topics.NewName("good"));
        await Topics.CreateAsync(broker.Servers, brief, 1, ("retention.ms", "60000"));
        await Topics.CreateAsync(broker.Servers, compact, 1, ("cleanup.policy", "compact"));
        await Topics.CreateAsync(broker.Servers, good, 1, ("retention.ms", "-1"));
        await using var source = new KafkaChangeSource(Topics.Options(broker.Servers, good, brief, compact, good));
        var findings = await source.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [(KafkaFindingSeverity.Warning, $"topic {brief}"), (KafkaFindingSeverity.Note, $"topic {compact}")],
            findings.Select(f => (f.Severity, f.Subject)));
    }

    [Fact]
    public async Task The_consumer_protocol_is_seen_to_be_offered()
    {
        var topic = Topics.NewName("check");
        await Topics.CreateAsync(broker.Servers, topic, 1);
        var options = Topics.Options(broker.Servers, topic, topic);
        options.GroupProtocol = KafkaGroupProtocol.Consumer;
        await using var source = new KafkaChangeSource(options);
        Assert.Empty(await source.CheckAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_regular_expression_takes_its_topics_and_leaves_out_the_excluded_ones()
    {
        using var cluster = new MockCluster();
        foreach (var topic in new[] { "db.public.a", "db.public.b", "db.heartbeat", "other" })
        {
            cluster.Create(topic);
            Topics.Fill(cluster.BootstrapServers, topic, 1, 5);
        }

        var options = Topics.Options(cluster.BootstrapServers, "g", "^db[.]");
        options.ExcludeTopics.Add("^db[.]heartbeat$");
        await using var reading = new Reading(new KafkaChangeSource(options));
        await reading.WaitAsync(() => reading.Messages.Count >= 10);
        await reading.WaitAsync(() => reading.Batches > 4);
        Assert.Equal(["db.public.a", "db.public.b"], reading.Messages.Select(m => m.Topic).Distinct().Order());
    }
}
