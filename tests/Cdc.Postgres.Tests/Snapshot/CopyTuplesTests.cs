using System.Buffers.Binary;
using Cdc.Postgres.Internal.Snapshot;

namespace Cdc.Postgres.Tests.Snapshot;

public sealed class CopyTuplesTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tuple_is_found_only_when_all_of_it_is_there()
    {
        var bytes = await CopyAsync("SELECT i, repeat('x', i % 50), NULL::int, '\\x00ff'::bytea FROM generate_series(1, 100) i");
        var at = 0;
        for (var cut = 0; at == 0; cut++) at = CopyTuples.Header(bytes.AsSpan(0, cut));
        Assert.Equal(19, at);
        var rows = 0;
        while (true)
        {
            var length = CopyTuples.Tuple(bytes.AsSpan(at), out _);
            if (length == CopyTuples.End) break;
            for (var cut = 0; cut < length; cut++)
            {
                Assert.Equal(0, CopyTuples.Tuple(bytes.AsSpan(at, cut), out var needed));
                Assert.InRange(needed, cut + 1, length);
            }

            at += length;
            rows++;
        }

        Assert.Equal(100, rows);
        Assert.Equal(bytes.Length, at + 2);
    }

    [Fact]
    public async Task What_is_no_copy_is_refused()
    {
        var bytes = await CopyAsync("SELECT 1");
        Assert.Throws<ChangeFormatException>(() => CopyTuples.Header([.. bytes.Select((b, i) => i == 7 ? (byte)0xFE : b)]));
        Assert.Throws<ChangeFormatException>(() => CopyTuples.Header([.. bytes.Select((b, i) => i == 12 ? (byte)1 : b)]));
        Assert.Throws<ChangeFormatException>(() => CopyTuples.Tuple([0xFF, 0xFE], out _));
        Assert.Throws<ChangeFormatException>(() => CopyTuples.Tuple([0, 1, 0xFF, 0xFF, 0xFF, 0xFE], out _));
    }

    private async Task<byte[]> CopyAsync(string query)
    {
        await using var connection = await fixture.Server.Data.OpenConnectionAsync(Token);
        await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY ({query}) TO STDOUT (FORMAT binary)", Token);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Token);
        Assert.True(BinaryPrimitives.ReadInt32BigEndian(bytes.GetBuffer()) != 0);
        return bytes.ToArray();
    }
}
