using System.Globalization;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An argument of an operation, in its place on the line.</summary>
/// <param name="Shape">How the description of the language writes it: "OFFSET".</param>
/// <param name="Read">Takes its words and gives the fields that they say.</param>
/// <param name="Write">The words that say the fields of an event; empty where it has none of them.</param>
internal sealed record Argument(string Shape, Func<Words, IEnumerable<StepField>> Read, Func<JsonObject, string> Write)
{
    public const int MostBytes = 4096;

    private const int LastVector = 2047;
    private const int PageSize = 4096;
    private const string Capability = "CAP";
    private const string ExtendedCapability = "ECAP";

    private static readonly Dictionary<string, int> Capabilities = new()
    {
        ["PM"] = CapabilityId.PowerManagement,
        ["VPD"] = CapabilityId.VitalProductData,
        ["MSI"] = CapabilityId.Msi,
        ["MSIX"] = CapabilityId.MsiX,
        ["EXP"] = CapabilityId.Express,
        ["AF"] = CapabilityId.AdvancedFeatures,
    };

    /// <summary>
    /// An offset in configuration space: a number, or a capability by its name (PM, VPD, MSI, MSIX, EXP, AF) or by its
    /// hexadecimal number (CAP09, ECAP0001) and what is to be added to where it stands.
    /// </summary>
    public static Argument Offset { get; } = new(
        "OFFSET", static words => [new StepField("off", OffsetOf(words))], static asked => Said(asked, "off"));

    /// <summary>A BAR by its number, the first of memory that is a page or more (M), or the first of I/O ports (IO).</summary>
    public static Argument Bar { get; } = new(
        "BAR", static words => [new StepField("bar", BarOf(words))], static asked => Said(asked, "bar"));

    /// <summary>How a device asks for attention: by its pin, which it may let go, or by a message.</summary>
    public static Argument Interrupt { get; } = new(
        "intx [off]|msi VECTOR|msix VECTOR",
        static words =>
        {
            string kind = words.OneOf(words.Take("one of intx, msi, msix"), ["intx", "msi", "msix"]);
            Argument more = kind == "intx" ? Flag("off", "off") : Number("vector", "VECTOR", LastVector);
            return [StepField.Of("kind", kind), .. more.Read(words)];
        },
        static asked => $"{asked["kind"]} {(asked["off"] is null ? Said(asked, "vector") : "off")}");

    /// <summary>How many bytes are read.</summary>
    public static Argument Length { get; } = Number("len", "LENGTH", MostBytes);

    /// <summary>How many bytes of a BAR are read: a ROM is read at once.</summary>
    public static Argument LongLength { get; } = Number("len", "LENGTH", InputLimits.Bytes);

    /// <summary>The width of one access to memory.</summary>
    public static Argument Width { get; } = new(
        "WIDTH",
        static words =>
        {
            string width = words.OneOf(words.Take("a width, 1, 2, 4 or 8"), ["1", "2", "4", "8"]);
            return [StepField.Of("len", long.Parse(width, CultureInfo.InvariantCulture))];
        },
        static asked => Said(asked, "len"));

    /// <summary>The words up to the end of the line; none for an empty value.</summary>
    public static Argument Text { get; } = new(
        "[VALUE…]",
        static words => [StepField.Of("value", string.Join(' ', words.TakeAll()))],
        static asked => Said(asked, "value"));

    /// <summary>The bytes that are written, and how many they are.</summary>
    public static Argument Bytes(int most = MostBytes) => new(
        "HEX",
        words =>
        {
            byte[] bytes = words.Bytes(words.Take("the bytes to write"), most);
            return [StepField.Of("len", bytes.Length), StepField.Of("value", Convert.ToHexStringLower(bytes))];
        },
        static asked => Said(asked, "value"));

    /// <summary>A number.</summary>
    public static Argument Number(string field, string shape, long most = uint.MaxValue)
    {
        string what = shape.ToLowerInvariant();
        return new Argument(
            shape,
            words => [StepField.Of(field, words.Number(words.Take($"{what}, a number"), what, most))],
            asked => Said(asked, field));
    }

    /// <summary>A name of one's own choice.</summary>
    public static Argument Name(string field, string shape) => new(
        shape,
        words => [StepField.Of(field, words.Take(shape.ToLowerInvariant()).Text)],
        asked => Said(asked, field));

    /// <summary>One of a few words.</summary>
    public static Argument OneOf(string field, params string[] known) => new(
        string.Join('|', known),
        words => [StepField.Of(field, words.OneOf(words.Take($"one of {string.Join(", ", known)}"), known))],
        asked => Said(asked, field));

    /// <summary>Some of a few words, with bars between them; recordings also have commas, or nothing.</summary>
    public static Argument SomeOf(string field, params string[] known) => new(
        string.Join('|', known),
        words =>
        {
            Word word = words.Take($"one of {string.Join(", ", known)}");
            string rest = known.Aggregate(word.Text, static (text, one) => text.Replace(one, "", StringComparison.Ordinal)).Trim('|', ',');
            return rest.Length == 0
                ? [StepField.Of(field, word.Text)]
                : throw words.Expected($"one of {string.Join(", ", known)}", word with { Text = rest });
        },
        asked => Said(asked, field));

    /// <summary>A word that may be left out; if it is there, so is the field.</summary>
    public static Argument Flag(string text, string field) => new(
        $"[{text}]",
        words => words.TryTake(text) ? [StepField.Of(field, true)] : [],
        asked => asked[field] is null ? "" : text);

    /// <summary>Bytes that may be left out.</summary>
    public static Argument MaybeBytes(string field, int most) => new(
        "[HEX]",
        words => words.Next is { Key: null }
            ? [StepField.Of(field, Convert.ToHexStringLower(words.Bytes(words.Take("bytes"), most)))]
            : [],
        asked => Said(asked, field));

    private static string Said(JsonObject asked, string field) => asked[field]?.ToString() ?? "";

    private static Func<PciFunction?, JsonNode?> OffsetOf(Words words)
    {
        const string Expected = "an offset: a number, or PM, VPD, MSI, MSIX, EXP, AF, CAPxx or ECAPxxxx with or without +N";
        Word word = words.Take(Expected);
        if (Words.TryParse(word.Text, out long number))
        {
            return _ => JsonValue.Create(number);
        }

        string[] parts = word.Text.Split('+', count: 2);
        long added = 0;
        if ((parts.Length > 1 && !Words.TryParse(parts[1], out added)) || FinderOf(parts[0]) is not { } find)
        {
            throw words.Expected(Expected, word);
        }

        return function => function is not null && find(function.Image.Capabilities) is { } capability
            ? JsonValue.Create(capability.Offset + added)
            : null;
    }

    private static Func<CapabilityList, Capability?>? FinderOf(string name)
    {
        if (Capabilities.TryGetValue(name, out int known))
        {
            return list => list.Find(known);
        }

        if (IdAfter(ExtendedCapability, name) is { } extended)
        {
            return list => list.FindExtended(extended);
        }

        return IdAfter(Capability, name) is { } standard ? list => list.Find(standard) : null;
    }

    private static int? IdAfter(string prefix, string name) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int id)
            ? id
            : null;

    private static Func<PciFunction?, JsonNode?> BarOf(Words words)
    {
        const string Expected = "a BAR: a number, M for the first of memory that is a page or more, or IO for the first of I/O ports";
        Word word = words.Take(Expected);
        return word.Text switch
        {
            "M" => First(static bar => bar is { IsIo: false, Size: >= PageSize }),
            "IO" => First(static bar => bar.IsIo),
            { } text when Words.TryParse(text, out long number) && number <= int.MaxValue => _ => JsonValue.Create(number),
            _ => throw words.Expected(Expected, word),
        };

        static Func<PciFunction?, JsonNode?> First(Func<Bar, bool> isIt) => function =>
            function?.Bars.Where(static bar => bar.Index != VfioPm.Bar.RomIndex).FirstOrDefault(isIt) is { } bar
                ? JsonValue.Create(bar.Index)
                : null;
    }
}
