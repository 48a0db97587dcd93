namespace VfioPm.Tests;

/// <summary>
/// What the review of the RFC found (<see cref="ReviewFindingsTests"/>), found by exploring without being told, each in a
/// shortest order; and nothing of it in Linux 6.1.
/// </summary>
public sealed class ReviewOfVersion1Tests
{
    [Fact]
    public void Flaw_1_opening_goes_on_when_the_resume_failed() => ShouldBreak(
        "b",
        Rules.UncheckedResume,
        "0000:01:00.0 is open with a usage count of 1, and suspended",
        exploration => exploration.WithUsers().WithEarlierDriver());

    [Fact]
    public void Flaw_2_a_reset_of_a_set_resumes_one_function_for_all()
    {
        ExplorationResult rfc = ExploreSet(KernelProfile.RfcV1);

        rfc.Should().Break(Rules.SetAccounted).Which.How.Should().Be("0000:01:00.1 is unused, Suspended and in D0");
        ExploreSet(KernelProfile.Linux6_1).Should().HoldInEveryOrder();
    }

    [Fact]
    public void Flaw_3_a_function_with_No_Soft_Reset_loses_its_context() => ShouldBreak(
        "c-cold", Rules.ContextKept, "0000:01:00.0 lost its power, and its user was not asked", StandardCrowd.WithUsers);

    [Fact]
    public void Flaw_4_D3hot_and_back_does_not_reset() => ShouldBreak(
        "b",
        Rules.ResetResets,
        "the user of 0000:01:00.0 saw it go to D3hot and back, and it was not reset",
        StandardCrowd.WithUsers);

    [Fact]
    public void Flaw_5_memory_is_not_blocked_without_power() => ShouldBreak(
        "b", Rules.FenceHolds, "a mapping of 0000:01:00.0 reaches it in D3cold", StandardCrowd.WithUsers);

    [Fact]
    public void Flaw_5_ioctls_are_not_blocked_without_power() => ShouldBreak(
        "b",
        Rules.UnpoweredAccess,
        "configuration space of 0000:01:00.0 was accessed in D3cold (user resets the device)",
        StandardCrowd.WithUsers);

    private static void ShouldBreak(string topology, Rule rule, string how, Func<Exploration, Exploration> crowd)
    {
        Counterexample found = Explore(KernelProfile.RfcV1).Should().Break(rule).Which;

        found.How.Should().Be(how);
        Explore(KernelProfile.Linux6_1).Should().HoldInEveryOrder();

        ExplorationResult Explore(KernelProfile profile) =>
            crowd(Exploration.Of(StandardTopology.Parse(topology).Make(profile))).Always(rule).Run(new() { Depth = 5, States = 3_000 });
    }

    private static ExplorationResult ExploreSet(KernelProfile profile) => Exploration
        .Of(new DeviceSetMachine(profile).Host)
        .WithUsers()
        .Always(Rules.SetAccounted)
        .Run(new() { Depth = 4, States = 3_000 });
}
