namespace VfioPm;

/// <summary>
/// Questions about what the kernel returned to a call. The answer of a failed one names the call, says why the kernel refuses
/// such a call, and what had happened. A call that is under way (<see cref="PendingCall.Result"/> is null) returned nothing yet,
/// and none but <see cref="IsUnderWay"/> holds.
/// </summary>
public static class KernelResultCheck
{
    /// <summary>The call succeeded: 0, or a count.</summary>
    public static StateCheck Succeeded(KernelResult? result) =>
        Make(result, "to succeed", result is { IsError: false });

    /// <summary>The call failed with an error.</summary>
    public static StateCheck FailedWith(KernelResult? result, Errno expected) =>
        Make(result, $"to fail with -{expected}", result?.Errno == expected);

    /// <summary>The call returned a number: 0, a count, or the negative of an error.</summary>
    public static StateCheck Is(KernelResult? result, KernelResult expected) =>
        Make(result, $"to return {expected}", result == expected);

    /// <summary>The call returned any other number.</summary>
    public static StateCheck IsNot(KernelResult? result, KernelResult unexpected) =>
        Make(result, $"not to return {unexpected}", result is not null && result != unexpected);

    /// <summary>The call is under way: it has returned nothing yet.</summary>
    public static StateCheck IsUnderWay(KernelResult? result) =>
        Make(result, "to be under way", result is null);

    private static StateCheck Make(KernelResult? result, string expected, bool holds) => new(
        clock: null,
        CallStory.NameOf(result?.Call),
        expected,
        holds: () => holds,
        found: () => result is null ? "it is under way" : $"it returned {result}",
        explanation: () => CallStory.Tell(result?.Call, result?.Errno))
    {
        Aliases = CallStory.AliasesOf(result?.Call),
    };
}
