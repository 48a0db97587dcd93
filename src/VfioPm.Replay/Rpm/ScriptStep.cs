using System.Globalization;

namespace VfioPm;

/// <summary>What a scripted callback does once: <c>RET[/MS][+CALL[@DEV]]</c>.</summary>
/// <param name="Return">What it returns.</param>
/// <param name="Milliseconds">How long it sleeps first.</param>
/// <param name="Call">The call that it makes then, if any.</param>
/// <param name="Device">The device of the call; null for its own.</param>
internal sealed record ScriptStep(int Return, int Milliseconds, RpmCall? Call, string? Device)
{
    /// <summary>How long it sleeps first.</summary>
    public TimeSpan Time => TimeSpan.FromMilliseconds(Milliseconds);

    /// <summary>What a callback does when its script has run out.</summary>
    public static ScriptStep Succeed { get; } = new(0, 0, null, null);

    /// <exception cref="RecordingException">It is not a step.</exception>
    public static ScriptStep Parse(string text)
    {
        (string numbers, string? call) = Split(text, '+');
        (string returns, string? sleep) = Split(numbers, '/');
        (string name, string? device) = call is null ? (string.Empty, null) : Split(call, '@');
        return new ScriptStep(
            Number(returns, text),
            sleep is null ? 0 : Number(sleep, text),
            call is null ? null : RpmCall.Named(name),
            device);
    }

    private static (string Before, string? After) Split(string text, char separator)
    {
        int at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    private static int Number(string text, string step) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new RecordingException($"\"{step}\" is not a step RET[/MS][+CALL[@DEV]]");
}
