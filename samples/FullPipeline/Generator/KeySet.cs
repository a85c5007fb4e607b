namespace FullPipeline;

/// <summary>The keys of a table's rows, of which any can be picked or removed at once.</summary>
internal sealed class KeySet
{
    private readonly List<long> keys = [];
    private readonly Dictionary<long, int> places = [];

    public int Count => keys.Count;

    public void Add(long key)
    {
        places[key] = keys.Count;
        keys.Add(key);
    }

    public void Clear()
    {
        keys.Clear();
        places.Clear();
    }

    public long Pick(Random random) => keys[random.Next(keys.Count)];

    public void Remove(long key)
    {
        if (!places.Remove(key, out var place)) return;
        var last = keys[^1];
        keys.RemoveAt(keys.Count - 1);
        if (last == key) return;
        (keys[place], places[last]) = (last, place);
    }
}
