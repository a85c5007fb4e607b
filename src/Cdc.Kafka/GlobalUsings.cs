global using Consumer = Confluent.Kafka.IConsumer<byte, byte>;
