using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>What all clients share: their log and errors, without secrets.</summary>
internal static class Clients
{
    /// <summary>Builds a client; a setting that librdkafka refuses is named without its value.</summary>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    public static T Build<T>(ClientConfiguration configuration, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidOperationException or KafkaException)
        {
            // No inner exception: it may quote a value.
            throw new ArgumentException($"The client's settings are wrong: {configuration.Redact(refused.Message)}");
        }
    }

    public static void Tell(Action<KafkaSourceEvent> tell, ClientConfiguration configuration, LogMessage line)
    {
        if (line.Level <= SyslogLevel.Warning) tell(new KafkaSourceEvent(KafkaSourceEventKind.Log, configuration.Redact($"{line.Facility}: {line.Message}")));
    }

    public static void Tell(Action<KafkaSourceEvent> tell, ClientConfiguration configuration, Error error) =>
        tell(new KafkaSourceEvent(KafkaSourceEventKind.Error, configuration.Redact($"{error.Code}: {error.Reason}")));
}
