namespace Cdc.Postgres.Internal.Protocol;

/// <summary>The shapes made so far: the same Relation message gives the same instance, wherever it comes from.</summary>
internal sealed class Shapes
{
    // More forms of one table than a stream and its snapshots mix at a time.
    private const int Kept = 8;

    private readonly Dictionary<uint, List<TableBinding>> known = [];

    public TableBinding Of(ReadOnlySpan<byte> message)
    {
        var relation = Relation.Read(message);
        if (!known.TryGetValue(relation.Oid, out var forms)) known[relation.Oid] = forms = [];
        foreach (var form in forms)
        {
            if (message.SequenceEqual(form.Message)) return form;
        }

        var binding = new TableBinding(relation, message.ToArray());
        if (forms.Count == Kept) forms.RemoveAt(0);
        forms.Add(binding);
        return binding;
    }
}
