namespace VfioPm;

/// <summary>
/// The catalogue: principles that a kernel keeps that drives a device for somebody else, stated as generally as they are true.
/// Each says why (<see cref="Rule.Source"/>).
/// </summary>
public static class Rules
{
    /// <summary>All rules.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        UnpoweredAccess, BridgeAwake, UsageBalanced, SleepsAgain, GuestView, ViewsAgree, FenceHolds, FenceLifted, InterruptOwned,
        ContextKept, ResetResets, SetAccounted, UncheckedResume, NoWaitForever, LockOrder, WakeOnce, KnobsHonoured, RefusalChangesNothing,
        NoLostUpdate,
    ];

    /// <summary>No access to a BAR or to configuration space goes to hardware that has no power, or sleeps where it must not.</summary>
    public static Rule UnpoweredAccess => AccessRules.UnpoweredAccess;

    /// <summary>What a function in D0 hangs on is in D0: the bridges above, and the physical function of a virtual one.</summary>
    public static Rule BridgeAwake => ViewRules.BridgeAwake;

    /// <summary>What the user of a device reads in PMCSR is a state that he asked for, or D0, and not one that is over.</summary>
    public static Rule GuestView => GuestViewRule.Instance;

    /// <summary>Memory that the user of an awake device enabled is decoded, and what he disabled is not.</summary>
    public static Rule FenceLifted => UserViewRules.FenceLifted;

    /// <summary>A line that the book says is masked is masked, and none stays asserted with nobody to take it.</summary>
    public static Rule InterruptOwned => InterruptRules.InterruptOwned;

    /// <summary>Locks that are held together are taken in one order by everybody.</summary>
    public static Rule LockOrder => LockOrderRule.Instance;

    /// <summary>What the administrator says in power/control and d3cold_allowed is so.</summary>
    public static Rule KnobsHonoured => KnobRules.KnobsHonoured;

    /// <summary>A call that the kernel refused left what users see as it was.</summary>
    public static Rule RefusalChangesNothing => RefusalRules.RefusalChangesNothing;

    /// <summary>At rest the kernel's book-keeping and the hardware agree on who sleeps.</summary>
    public static Rule ViewsAgree => ViewRules.ViewsAgree;

    /// <summary>A function keeps its context unless its user gave it up.</summary>
    public static Rule ContextKept => ContextKeptRule.Instance;

    /// <summary>Who takes a function through what resets it has it reset.</summary>
    public static Rule ResetResets => ResetResetsRule.Instance;

    /// <summary>After a reset of a set each member is accounted for.</summary>
    public static Rule SetAccounted => ViewRules.SetAccounted;

    /// <summary>A user reaches a BAR exactly when the function is awake and decodes it.</summary>
    public static Rule FenceHolds => AccessRules.FenceHolds;

    /// <summary>Nobody goes on with a device that he woke in vain.</summary>
    public static Rule UncheckedResume => ViewRules.UncheckedResume;

    /// <summary>Unused, a function has the counts that it had before it was used.</summary>
    public static Rule UsageBalanced => UsageBalancedRule.Instance;

    /// <summary>At rest whoever nobody counts on sleeps, where he may.</summary>
    public static Rule SleepsAgain => ViewRules.SleepsAgain;

    /// <summary>Nobody waits for what nobody will do.</summary>
    public static Rule NoWaitForever => WaitRules.NoWaitForever;

    /// <summary>A wake-up reaches the user who lets his device sleep, neither lost nor twice.</summary>
    public static Rule WakeOnce => WakeOnceRule.Instance;

    /// <summary>What one thread writes in a word is not undone by another that writes it back as it was.</summary>
    public static Rule NoLostUpdate => NoLostUpdateRule.Instance;

    /// <summary>The rule of an id.</summary>
    /// <exception cref="ArgumentException">There is no such rule; the message lists them.</exception>
    public static Rule Parse(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return All.FirstOrDefault(rule => rule.Id == id)
            ?? throw new ArgumentException($"There is no rule \"{id}\"; there are {string.Join(", ", All.Select(rule => rule.Id))}.", nameof(id));
    }
}
