using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>
/// What a test calls its devices, for people: "gpu (0000:01:00.0)" says more than an address. The model knows names alone; texts get
/// the aliases on their way out, in one place, so that no message can have forgotten them. Never changed: each host has its own.
/// </summary>
internal sealed class DeviceAliases
{
    private readonly ImmutableSortedDictionary<string, string> _aliases;
    private readonly Regex? _names;

    private DeviceAliases(ImmutableSortedDictionary<string, string> aliases)
    {
        _aliases = aliases;
        _names = aliases.IsEmpty ? null : new Regex(string.Join('|', aliases.Select(static pair => Pattern(pair.Key, pair.Value))));
    }

    /// <summary>Of devices that have none.</summary>
    public static DeviceAliases None { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>A device's alias, or null.</summary>
    public string? Of(string name) => _aliases.GetValueOrDefault(name);

    /// <summary>The same, and one more, or with null one less.</summary>
    /// <exception cref="ArgumentException">It is blank, or another device is called so.</exception>
    public DeviceAliases With(string name, string? alias)
    {
        if (alias is null)
        {
            return new DeviceAliases(_aliases.Remove(name));
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(alias);
        if (_aliases.FirstOrDefault(pair => pair.Value == alias && pair.Key != name).Key is { } other)
        {
            throw new ArgumentException($"{other} is called \"{alias}\" already.", nameof(alias));
        }

        return new DeviceAliases(_aliases.SetItem(name, alias));
    }

    /// <summary>How a device is called: "gpu (0000:01:00.0)", or by its name where it has no alias.</summary>
    public string TitleOf(string name) => Of(name) is { } alias ? $"{alias} ({name})" : name;

    /// <summary>The name of the device that is called so, by its alias or its name.</summary>
    public string NameOf(string called) => _aliases.FirstOrDefault(pair => pair.Value == called).Key ?? called;

    /// <summary>A text, with the titles of devices in place of their names. A text that has them already stays as it is.</summary>
    public string In(string text) => _names?.Replace(text, match => TitleOf(match.Value)) ?? text;

    /// <summary>A name that is a word of its own, and not in the brackets behind its alias.</summary>
    private static string Pattern(string name, string alias) =>
        $@"(?<![\w:.\-]|{Regex.Escape(alias)} \(){Regex.Escape(name)}(?![\w\-]|:\w|\.\w)";
}
