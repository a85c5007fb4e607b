using System.Diagnostics;
using System.Globalization;

namespace Cdc.EndToEnd.Host;

/// <summary>Where the process dies by its own hand, as if by kill -9: at the n-th passage of a named point.</summary>
internal sealed class CrashPoint(string text)
{
    private readonly string name = text.Split(':')[0];
    private int left = int.Parse(text.Split(':')[1], CultureInfo.InvariantCulture);

    public bool Is(string point) => name == point && Interlocked.Decrement(ref left) == 0;

    public void Pass(string point)
    {
        if (Is(point)) Die();
    }

    public static void Die() => Process.GetCurrentProcess().Kill();
}
