namespace VfioPm;

/// <summary>Questions about what reading an attribute in sysfs gave.</summary>
public static class SysfsResultCheck
{
    /// <summary>The attribute was read.</summary>
    public static StateCheck Succeeded(SysfsResult result) =>
        Make(result, "to succeed", !result.IsError);

    /// <summary>The attribute could not be read.</summary>
    public static StateCheck FailedWith(SysfsResult result, Errno expected) =>
        Make(result, $"to fail with -{expected}", result.Error == expected);

    /// <summary>The attribute holds a text, without the line's end.</summary>
    public static StateCheck Is(SysfsResult result, string expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return Make(result, $"to give \"{expected}\"", result.Text == expected);
    }

    /// <summary>The attribute holds any other text. One that could not be read holds none.</summary>
    public static StateCheck IsNot(SysfsResult result, string unexpected)
    {
        ArgumentNullException.ThrowIfNull(unexpected);
        return Make(result, $"to give anything but \"{unexpected}\"", result is { IsError: false } && result.Text != unexpected);
    }

    private static StateCheck Make(SysfsResult result, string expected, bool holds) => new(
        clock: null,
        CallStory.NameOf(result.Call),
        expected,
        holds: () => holds,
        found: () => result.IsError ? $"it failed with {result}" : $"it gave \"{result}\"",
        explanation: () => CallStory.Tell(result.Call, result.Error))
    {
        Aliases = CallStory.AliasesOf(result.Call),
    };
}
