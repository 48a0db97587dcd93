namespace VfioPm;

/// <summary>Questions about a function's silicon, whatever the kernel believes.</summary>
public static class HardwareCheck
{
    /// <summary>The hardware is in a power state: D3cold without power, else what PMCSR holds.</summary>
    public static StateCheck IsIn(PciFunction function, PowerState expected) => Make(
        function,
        expected: $"to be in {expected.KernelName}",
        holds: () => function.PowerState == expected,
        found: () => $"it is in {function.PowerState.KernelName}");

    /// <summary>The hardware is in any other power state.</summary>
    public static StateCheck IsNotIn(PciFunction function, PowerState unexpected) => Make(
        function,
        expected: $"not to be in {unexpected.KernelName}",
        holds: () => function.PowerState != unexpected,
        found: () => $"it is in {function.PowerState.KernelName}",
        isLasting: true);

    /// <summary>The hardware has not come to a power state.</summary>
    /// <param name="function">The hardware.</param>
    /// <param name="unexpected">The state.</param>
    /// <param name="since">Since when; since the trace began, unless told.</param>
    /// <exception cref="InvalidOperationException">The trace is off, or the function belongs to no host.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public static StateCheck NeverEntered(PciFunction function, PowerState unexpected, TimeSpan? since = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        PciDevice device = KernelOf(function)
            ?? throw new InvalidOperationException($"{function.Address} belongs to no host that could have a trace.");
        return EntryCheck.Make(
            device, NameOf(function), TraceKind.HardwareState, () => function.PowerState, unexpected, since);
    }

    /// <summary>Configuration space answers: it has power, is ready, and can be reached.</summary>
    public static StateCheck Answers(PciFunction function) => Make(
        function,
        expected: "to answer",
        holds: () => function.Answers,
        found: () => function.Answers ? "it does" : "it reads as all ones",
        explain: story => story.List("It does not answer because:", Silence.OfAnyKind(function)));

    /// <summary>Configuration space reads as all ones: without power, dead, not ready yet, or out of reach.</summary>
    public static StateCheck IsSilent(PciFunction function) => Make(
        function,
        expected: "not to answer",
        holds: () => !function.Answers,
        found: () => function.Answers ? "it does" : "it reads as all ones",
        isLasting: true);

    /// <summary>
    /// Nobody accessed the function before the time that it needs after a transition was over. Real hardware survives
    /// that, or not.
    /// </summary>
    public static StateCheck WasGivenItsTime(PciFunction function) => Make(
        function,
        expected: "to have been given its time after every transition",
        holds: () => function.Faults.Count == 0,
        found: () => $"it was accessed too early {TimesText.Of(function.Faults.Count)}",
        explain: story => story.List(
            "Accesses that came too early:",
            function.Faults.Select(fault => $"{TimeText.Of(fault.Time)}  {fault}")),
        isLasting: true);

    /// <summary>What the hardware holds in a register, whether or not it can be reached now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or not 1, 2 or 4 bytes wide.</exception>
    public static StateCheck HasRegister(PciFunction function, int offset, int width, uint expected)
    {
        ArgumentNullException.ThrowIfNull(function);
        function.Configuration.CheckAccess(offset, width);
        return Make(
            function,
            expected: $"to hold {RegisterText.Of(expected, width)} at 0x{offset:x2}",
            holds: () => function.Configuration.Read(offset, width) == expected,
            found: () => $"it holds {RegisterText.Of(function.Configuration.Read(offset, width), width)}");
    }

    private static StateCheck Make(
        PciFunction function,
        string expected,
        Func<bool> holds,
        Func<string> found,
        Func<Story, Story>? explain = null,
        bool isLasting = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        explain ??= story => story.List("It is broken:", Silence.Of(function));
        return new StateCheck(
            function.Clock,
            NameOf(function),
            expected,
            holds,
            found,
            () => AddSurroundings(explain(Begin(function)), function))
        {
            IsLasting = isLasting,
        };
    }

    private static Story Begin(PciFunction function)
    {
        string pmcsr = function.Pm is { } pm ? $"PMCSR is 0x{pm.ControlStatus:x4}" : "it has no PMCSR";
        return new Story().Say($"It {(function.HasPower ? "has" : "has no")} power; {pmcsr}.");
    }

    private static Story AddSurroundings(Story story, PciFunction function) => KernelOf(function) is not { } device
        ? story
        : story
            .List("Its power comes from:", PowerSupply.Of(device))
            .Now(device)
            .Last(device.RuntimePm, TraceKind.HardwareState);

    private static string NameOf(PciFunction function) => $"the hardware of {function.Address}";

    /// <summary>The kernel's device in front of the hardware, or null for a function without a host.</summary>
    private static PciDevice? KernelOf(PciFunction function) => function.Listener as PciDevice;
}
