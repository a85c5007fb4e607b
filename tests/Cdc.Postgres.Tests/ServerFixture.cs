[assembly: AssemblyFixture(typeof(Cdc.Postgres.Tests.ServerFixture))]

namespace Cdc.Postgres.Tests;

/// <summary>One server for all tests that do not stop it; each takes tables, publications and slots of its own names.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private DatabaseServer? server;

    internal DatabaseServer Server
    {
        get
        {
            Assert.SkipWhen(server is null, DatabaseServer.Missing ?? "");
            return server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (DatabaseServer.Missing is null) server = await DatabaseServer.StartAsync("-c max_replication_slots=40 -c max_wal_senders=40 -c max_connections=200 -c max_prepared_transactions=10");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
    }
}
