using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An option of an operation: a key and a value with a sign between them, behind the arguments.</summary>
/// <param name="Key">What it is called.</param>
/// <param name="Shape">How the description of the language writes it: "[argsz=N]".</param>
/// <param name="Field">The field of the event.</param>
/// <param name="Read">What the value says.</param>
/// <param name="Write">The value that says what an event has, or null.</param>
internal sealed record Option(
    string Key, string Shape, string Field, Func<Words, Word, JsonNode> Read, Func<JsonObject, string?> Write)
{
    /// <summary>The size of the structure, if another than it really has.</summary>
    public static Option ArgumentSize { get; } = Number("argsz");

    /// <summary>The flags, if others than the words before ask for.</summary>
    public static Option Flags { get; } = Number("flags");

    /// <summary>A null pointer in place of the structure.</summary>
    public static Option Null { get; } = Pointer("null");

    /// <summary>A structure that ends at the edge of what is mapped, with its data behind.</summary>
    public static Option Edge { get; } = Pointer("edge");

    /// <summary>A word.</summary>
    public static Option Name(string key, string shape, string field) => new(
        key, $"[{key}={shape}]", field, static (_, value) => value.Text, asked => asked[field]?.ToString());

    /// <summary>One of a few words.</summary>
    public static Option OneOf(string key, params string[] known) => new(
        key, $"[{key}={string.Join('|', known)}]", key, (words, value) => words.OneOf(value, known), asked => asked[key]?.ToString());

    private static Option Number(string key) => new(
        key, $"[{key}=N]", key, (words, value) => words.Number(value, key), asked => asked[key]?.ToString());

    private static Option Pointer(string kind) => new(
        kind,
        $"[{kind}=1]",
        "arg",
        (words, value) =>
        {
            words.OneOf(value, ["1"]);
            return kind;
        },
        asked => asked["arg"]?.ToString() == kind ? "1" : null);
}
