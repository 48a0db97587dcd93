namespace VfioPm;

/// <summary>Something that an actor may do: a call that he begins, or one that he makes to its end.</summary>
/// <param name="Text">How it was written.</param>
/// <param name="Begin">Begins it on the actor's subject in a fork; null where it is over already.</param>
/// <param name="IsPossible">Whether it can be done now.</param>
/// <param name="IsAtomic">Whether he makes it to its end, and nobody cuts in.</param>
/// <param name="IsOnce">Whether he does it at most once.</param>
/// <param name="After">The step that has to be done before, or -1.</param>
/// <param name="Operation">The operation of a scenario that does the same, or null.</param>
internal sealed record ActorStep(
    StepText Text, Func<IForkable, PendingCall?> Begin, Func<IForkable, bool> IsPossible, bool IsAtomic, bool IsOnce, int After, string? Operation)
{
    /// <summary>In the schedule: "Config.BeginWritePmcsrState(PowerState.D3Hot)".</summary>
    public string Name => Text.Name;
}

/// <summary>
/// Somebody who does things to a host while others do: the user of a device, an administrator. He is one thread, and does one
/// thing at a time.
/// </summary>
/// <param name="Name">In the schedule: "guest".</param>
/// <param name="Subject">What he does things to, in the host that the exploration begins with.</param>
/// <param name="MayAct">Whether he can do anything to it as it is now.</param>
/// <param name="Steps">What he may do.</param>
internal sealed record Actor(string Name, IForkable Subject, Func<IForkable, bool> MayAct, IReadOnlyList<ActorStep> Steps);
