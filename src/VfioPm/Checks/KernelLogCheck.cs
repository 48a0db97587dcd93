using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>Questions about what the kernel said in its log.</summary>
public static class KernelLogCheck
{
    private const int Lines = 12;

    /// <summary>A line contains a text: "not ready 65535ms after resume; giving up".</summary>
    /// <exception cref="ArgumentException">The text is empty, and would be in every line.</exception>
    public static StateCheck Says(KernelLog log, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Make(log, $"to say \"{text}\"", line => Contains(line, text), isWanted: true);
    }

    /// <summary>No line contains a text.</summary>
    /// <exception cref="ArgumentException">The text is empty, and would be in every line.</exception>
    public static StateCheck NeverSays(KernelLog log, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Make(log, $"never to say \"{text}\"", line => Contains(line, text), isWanted: false);
    }

    /// <summary>No line is a warning, or worse.</summary>
    public static StateCheck IsWithoutWarnings(KernelLog log) =>
        Make(log, "to have no warnings", static line => line.Level >= LogLevel.Warning, isWanted: false);

    private static StateCheck Make(KernelLog log, string expected, Func<KernelLogLine, bool> matches, bool isWanted)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new StateCheck(
            log.Clock,
            subject: "the kernel's log",
            expected,
            holds: () => log.Any(matches) == isWanted,
            found: () => log.Where(matches).Select(static line => $"there is \"{line}\"").FirstOrDefault()
                ?? (log.Count == 0 ? "it is empty" : "there is no such line"),
            explanation: () => new Story().List("Its last lines:", log.TakeLast(Lines).Select(static line => line.ToString())))
        {
            IsLasting = !isWanted,
        };
    }

    private static bool Contains(KernelLogLine line, string text) => line.Text.Contains(text, StringComparison.Ordinal);
}
