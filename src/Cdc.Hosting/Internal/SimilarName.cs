namespace Cdc.Hosting.Internal;

/// <summary>Finds what a mistyped name may have meant.</summary>
internal static class SimilarName
{
    /// <summary>Words to put behind the complaint; empty where nothing is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var nearest = known.Distinct(StringComparer.OrdinalIgnoreCase).Select(k => (Name: k, Distance: Distance(name.ToUpperInvariant(), k.ToUpperInvariant()))).OrderBy(k => k.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(2, name.Length / 3) ? $"; is {nearest.Name} meant?" : "";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1);
                (diagonal, row[j]) = (row[j], next);
            }
        }

        return row[b.Length];
    }
}
