using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An option of an operation: a key and a value with a sign between them, behind the arguments.</summary>
/// <param name="Key">What it is called.</param>
/// <param name="Shape">How the description of the language writes it: "[argsz=N]".</param>
/// <param name="Field">The field of the event.</param>
/// <param name="Read">What the value says.</param>
internal sealed record Option(string Key, string Shape, string Field, Func<Words, Word, JsonNode> Read)
{
    /// <summary>The size of the structure, if another than it really has.</summary>
    public static Option ArgumentSize { get; } = Number("argsz");

    /// <summary>The flags, if others than the words before ask for.</summary>
    public static Option Flags { get; } = Number("flags");

    /// <summary>A null pointer in place of the structure.</summary>
    public static Option Null { get; } = new("null", "[null=1]", "arg", static (words, value) => One(words, value, "null"));

    /// <summary>A structure that ends at the edge of what is mapped, with its data behind.</summary>
    public static Option Edge { get; } = new("edge", "[edge=1]", "arg", static (words, value) => One(words, value, "edge"));

    /// <summary>A number.</summary>
    public static Option Number(string key) => new(key, $"[{key}=N]", key, (words, value) => words.Number(value, key));

    /// <summary>A word.</summary>
    public static Option Name(string key, string shape, string field) => new(
        key, $"[{key}={shape}]", field, static (_, value) => value.Text);

    /// <summary>One of a few words.</summary>
    public static Option OneOf(string key, params string[] known) => new(
        key, $"[{key}={string.Join('|', known)}]", key, (words, value) => words.OneOf(value, known));

    private static JsonNode One(Words words, Word value, string field)
    {
        words.OneOf(value, ["1"]);
        return field;
    }
}
