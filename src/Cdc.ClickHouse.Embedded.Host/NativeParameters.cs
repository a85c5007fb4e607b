using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The values of <c>{name:Type}</c> placeholders as the arrays that the C API takes.</summary>
internal sealed unsafe class NativeParameters : IDisposable
{
    private readonly byte** pointers;
    private readonly nuint* lengths;
    private readonly int count;

    public NativeParameters(IReadOnlyDictionary<string, string> values)
    {
        count = values.Count;
        pointers = (byte**)NativeMemory.AllocZeroed((nuint)(2 * count + 1), (nuint)sizeof(byte*));
        lengths = (nuint*)NativeMemory.AllocZeroed((nuint)(2 * count + 1), (nuint)sizeof(nuint));
        var i = 0;
        foreach (var (name, value) in values)
        {
            Put(i, name);
            Put(count + i, value);
            i++;
        }
    }

    public nuint Count => (nuint)count;

    public byte** Names => count == 0 ? null : pointers;

    public nuint* NameLengths => count == 0 ? null : lengths;

    public byte** Values => count == 0 ? null : pointers + count;

    public nuint* ValueLengths => count == 0 ? null : lengths + count;

    private void Put(int at, string text)
    {
        var bytes = Engine.Bytes(text);
        pointers[at] = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(pointers[at], bytes.Length));
        pointers[at][bytes.Length] = 0;
        lengths[at] = (nuint)bytes.Length;
    }

    public void Dispose()
    {
        for (var i = 0; i < 2 * count; i++) NativeMemory.Free(pointers[i]);
        NativeMemory.Free(pointers);
        NativeMemory.Free(lengths);
    }
}
