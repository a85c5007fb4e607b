using Cdc.ClickHouse.Embedded;

// A process whose engine a test looks at while this one lives, and after it was killed.
try
{
    await using var engine = await EmbeddedClickHouse.StartAsync();
    Console.WriteLine($"{engine.ProcessId} {engine.DataFolder} {engine.Endpoint}");
    await engine.WaitForExitAsync();
}
catch (EmbeddedClickHouseException e)
{
    Console.WriteLine(e.Message);
}
