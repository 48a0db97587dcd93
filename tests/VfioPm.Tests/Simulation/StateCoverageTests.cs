namespace VfioPm.Tests;

/// <summary>
/// No field of the model is forgotten: each is copied into a fork, which shares nothing that can change with its original,
/// and each that decides what happens later is in the state hash.
/// </summary>
/// <remarks>Nobody runs beside it: a field that it changes for a moment may be of what all hosts of the process share.</remarks>
[Collection(nameof(StateCoverageTests))]
[CollectionDefinition(nameof(StateCoverageTests), DisableParallelization = true)]
public sealed class StateCoverageTests
{
    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_fork_has_each_field_of_its_original_and_shares_nothing_that_can_change(string profile)
    {
        SimulatedHost host = RichHost.Make(KernelProfile.Parse(profile));

        string.Join('\n', ForkComparison.Compare(host, host.Fork())).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_fork_has_the_hash_of_its_original(string profile)
    {
        SimulatedHost host = RichHost.Make(KernelProfile.Parse(profile));

        host.Fork().ComputeStateHash().Should().Be(host.ComputeStateHash());
    }

    [Fact]
    public void An_eventfd_that_two_share_is_not_two_that_are_alike()
    {
        Hash(static (one, _) => (one, one)).Should().NotBe(Hash(static (one, other) => (one, other)));
        Hash(static (one, other) => (one, other)).Should().Be(Hash(static (one, other) => (other, one)));

        static ulong Hash(Func<EventFd, EventFd, (EventFd, EventFd)> choose)
        {
            using var nic = new OpenNic(KernelProfile.Linux6_1);
            (EventFd error, EventFd request) = choose(new EventFd(), new EventFd());
            Set(nic.File, VfioIrqIndex.Err, error);
            Set(nic.File, VfioIrqIndex.Req, request);
            return nic.Host.ComputeStateHash();
        }

        static void Set(VfioDeviceFile file, VfioIrqIndex index, EventFd eventFd) => file.SetIrqs(
            new VfioIrqSet(index, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger) { EventFds = [eventFd] });
    }

    [Fact]
    public void Each_field_that_decides_what_happens_later_is_in_the_hash_and_in_a_fork()
    {
        SortedSet<string> changed = [];
        SortedSet<string> noticed = [];
        SortedSet<string> lost = [];
        HashSet<string> excepted = [];
        foreach (KernelProfile profile in KernelProfile.All)
        {
            var probe = new HashProbe(RichHost.Make(profile));
            probe.Run();
            changed.UnionWith(probe.Changed);
            noticed.UnionWith(probe.Noticed);
            lost.UnionWith(probe.Lost);
            excepted.UnionWith(probe.Excepted);
        }

        string.Join('\n', changed.Except(noticed)).Should().BeEmpty();
        string.Join('\n', lost).Should().BeEmpty("a fork has what its original has, usual or not");
        StateExceptions.NotHashedNames.Except(excepted).Should().BeEmpty("an exception is for a field that there is");
    }
}
