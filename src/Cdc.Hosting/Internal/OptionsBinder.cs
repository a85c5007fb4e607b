using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Cdc.Hosting.Internal;

/// <summary>
/// Puts a configuration section into options and notes everything that is wrong with it by its path, never by its value.
/// The general binder stops at the first problem, quotes the value, and passes over a scalar where a list is meant.
/// </summary>
internal sealed class OptionsBinder(List<string> problems)
{
    /// <summary>Binds.</summary>
    /// <param name="section">The section.</param>
    /// <param name="targets">Options that share the section; a key belongs to the first that has it.</param>
    public void Bind(IConfigurationSection section, params object[] targets)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            problems.Add($"{section.Path} is a section of settings, not a value");
            return;
        }

        foreach (var child in section.GetChildren())
        {
            var found = targets.Select(t => (Target: t, Property: Find(t.GetType(), child.Key))).FirstOrDefault(f => f.Property is not null);
            if (found.Property is null) problems.Add($"{child.Path} is no setting{SimilarName.Hint(child.Key, targets.SelectMany(t => t.GetType().GetProperties()).Select(p => p.Name))}");
            else Set(child, found.Target, found.Property);
        }
    }

    private static PropertyInfo? Find(Type type, string key)
    {
        // Debezium's own names are these words with dots or underscores between.
        var name = key.Replace(".", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private void Set(IConfigurationSection section, object target, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (SettingText.IsScalar(type))
        {
            if (property.CanWrite && TryRead(section, type, out var value)) property.SetValue(target, value);
        }
        else if (property.GetValue(target) is IDictionary dictionary)
        {
            BindEntries(section, dictionary, type.GetGenericArguments()[1]);
        }
        else if (property.GetValue(target) is IList list)
        {
            BindItems(section, list);
        }
        else if (type.Namespace?.StartsWith("Cdc", StringComparison.Ordinal) == true && property.GetValue(target) is { } nested)
        {
            Bind(section, nested);
        }
        else
        {
            problems.Add($"{section.Path} can be set in code only");
        }
    }

    private bool TryRead(IConfigurationSection section, Type type, out object? value)
    {
        value = null;
        if (section.GetChildren().Any()) problems.Add($"{section.Path} is one value, not a section or a list");
        else if (section.Value is null || SettingText.TryParse(section.Value, type, out value)) return section.Value is not null;
        else problems.Add($"{section.Path} is {SettingText.Expectation(type)}");
        return false;
    }

    private void BindItems(IConfigurationSection section, IList list)
    {
        if (!string.IsNullOrEmpty(section.Value)) problems.Add($"{section.Path} is a list: name its entries {section.Path}:0, {section.Path}:1 …");
        foreach (var item in section.GetChildren())
        {
            if (TryRead(item, typeof(string), out var value)) list.Add(value);
        }
    }

    private void BindEntries(IConfigurationSection section, IDictionary dictionary, Type type)
    {
        if (!string.IsNullOrEmpty(section.Value)) problems.Add($"{section.Path} is a section of named entries, not a value");
        foreach (var entry in section.GetChildren())
        {
            if (SettingText.IsScalar(type))
            {
                if (TryRead(entry, type, out var value)) dictionary[entry.Key] = value;
                continue;
            }

            var options = dictionary[entry.Key] ??= Activator.CreateInstance(type)!;
            Bind(entry, options);
        }
    }
}
