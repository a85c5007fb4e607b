using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cdc.EndToEnd.Host;

/// <summary>Where the process dies by its own hand, as if by kill -9: at the n-th passage of a named point ("flush:2"). "flush:2:freeze" stops it there until somebody wakes it.</summary>
internal sealed partial class CrashPoint(string text)
{
    private readonly string[] parts = text.Split(':');
    private int left = int.Parse(text.Split(':')[1], CultureInfo.InvariantCulture);

    public bool Is(string point) => parts[0] == point && Interlocked.Decrement(ref left) == 0;

    public void Pass(string point)
    {
        if (Is(point)) Die();
    }

    public void Die()
    {
        const int stop = 19;
        if (parts.Length < 3) Process.GetCurrentProcess().Kill();
        Console.WriteLine("frozen");
        if (Send(Environment.ProcessId, stop) != 0) throw new InvalidOperationException("the process could not be stopped");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
