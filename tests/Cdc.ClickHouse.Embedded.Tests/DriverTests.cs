using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.Copy;
using ClickHouse.Driver.Utility;

namespace Cdc.ClickHouse.Embedded.Tests;

/// <summary>ClickHouse.Driver, unchanged, against the engine.</summary>
public sealed class DriverTests(EngineFixture fixture)
{
    private readonly Client client = fixture.Client;

    private string ConnectionString => $"Host=127.0.0.1;Port={fixture.Engine.Endpoint.Port};Username=default;Database=default";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Query_with_parameters_reads_typed_values(bool formData)
    {
        await using var connection = new ClickHouseConnection($"{ConnectionString};UseFormDataParameters={formData}");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand("SELECT {id:Int64} + 1 AS id, {name:String} AS name, toDateTime64('2025-01-02 03:04:05.123456', 6, 'UTC') AS at, [1, NULL]::Array(Nullable(Int8)) AS list");
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "id", Value = 41L });
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "name", Value = "O'Neill\\\n\tx" });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(reader.Read());
        Assert.Equal(42L, reader.GetInt64(0));
        Assert.Equal("O'Neill\\\n\tx", reader.GetString(1));
        Assert.Equal(new DateTime(2025, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(123456), reader.GetDateTime(2));
        Assert.Equal(new sbyte?[] { 1, null }, reader.GetValue(3));
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData(InsertQueryPlacement.Body)]
    [InlineData(InsertQueryPlacement.Url)]
    public async Task Binary_insert_arrives(InsertQueryPlacement placement)
    {
        var table = await client.CreateTableAsync();
        using var driver = new ClickHouseClient(ConnectionString);
        var rows = Enumerable.Range(0, 1000).Select(i => new object[] { i, $"name {i}" });
        var written = await driver.InsertBinaryAsync(
            table, ["id", "name"], rows, new InsertOptions { QueryPlacement = placement }, TestContext.Current.CancellationToken);
        Assert.Equal(1000, written);
        Assert.Equal("1000\tname 999", await client.QueryAsync($"SELECT count(), argMax(name, id) FROM {table}"));
    }

    [Fact]
    public async Task Parameterised_insert_and_error_code_work()
    {
        var table = await client.CreateTableAsync();
        await using var connection = new ClickHouseConnection(ConnectionString);
        await using var insert = connection.CreateCommand($"INSERT INTO {table} (id, name) VALUES ({{id:Int32}}, {{name:String}})");
        insert.Parameters.Add(new ClickHouseDbParameter { ParameterName = "id", Value = 7 });
        insert.Parameters.Add(new ClickHouseDbParameter { ParameterName = "name", Value = "seven" });
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal("7\tseven", await client.RowsAsync(table));

        await using var wrong = connection.CreateCommand("SELECT * FROM nowhere");
        var error = await Assert.ThrowsAsync<ClickHouseServerException>(() => wrong.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal(60, error.ErrorCode);
    }
}
