using System.Text;

/// <summary>Three messages as Debezium sends them, with the schema inside: in your service they come from Kafka.</summary>
internal static class Messages
{
    public static byte[] Key(int id) => Encoding.UTF8.GetBytes($$"""
        {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"shop.public.orders.Key"},"payload":{"id":{{id}} } }
        """);

    public static byte[] Value(int id) => Encoding.UTF8.GetBytes($$"""
        {"schema":{"type":"struct","name":"shop.public.orders.Envelope","optional":false,"fields":[{"field":"after","optional":true,"type":"struct","name":"shop.public.orders.Value","fields":[
        {"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"status"},
        {"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"total"}]}]},
        "payload":{"before":null,"after":{"id":{{id}},"status":"paid","total":"AUo="},
        "source":{"version":"3.3.1.Final","connector":"postgresql","name":"shop","ts_ms":1755866295123,"snapshot":"false","db":"shop","sequence":"[\"24023119\",\"2402312{{id}}\"]","schema":"public","table":"orders","txId":571,"lsn":2402312{{id}} },
        "op":"c","ts_ms":1755866295200} }
        """);
}
