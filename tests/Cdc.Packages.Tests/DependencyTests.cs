using System.Reflection;

namespace Cdc.Packages.Tests;

public class DependencyTests
{
    [Theory]
    [InlineData("Cdc.Abstractions")]
    [InlineData("Cdc.Debezium", "Cdc.Abstractions")]
    [InlineData("Cdc.ClickHouse", "Cdc.Abstractions")]
    [InlineData("Cdc.ClickHouse.Embedded")]
    [InlineData("Cdc.Kafka", "Cdc.Abstractions")]
    [InlineData("Cdc.Postgres", "Cdc.Abstractions")]
    [InlineData("Cdc.Hosting", "Cdc.Abstractions", "Cdc.ClickHouse", "Cdc.Debezium", "Cdc.Kafka", "Cdc.Postgres")]
    public void A_room_knows_its_own_format_only(string assembly, params string[] allowed)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name!).Where(n => n.StartsWith("Cdc.", StringComparison.Ordinal));

        Assert.Empty(references.Except(allowed));
    }
}
