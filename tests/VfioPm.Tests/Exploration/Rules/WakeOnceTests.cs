namespace VfioPm.Tests;

/// <summary>A wake-up reaches the user, neither lost nor twice (<see cref="Rules.WakeOnce"/>).</summary>
public sealed class WakeOnceTests
{
    /// <summary>A driver that counts as active without having been resumed tells nobody.</summary>
    [Fact]
    public void It_breaks_where_the_wake_up_is_lost() => Explore(meddler => meddler.Once(
            static device =>
            {
                device.Pci.RuntimePm.Disable();
                device.Pci.RuntimePm.SetActive();
            },
            isPossible: IsAsleep,
            name: "meddle"))
        .Should().Break(Rules.WakeOnce)
        .Which.How.Should().Be("0000:01:00.0 was woken, and its user, who asked to be told, was not");

    [Fact]
    public void It_breaks_where_the_user_is_told_twice() => Explore(meddler => meddler.Once(
            static device => device.TellWakeupTold(), isPossible: IsAsleep, name: "tell"))
        .Should().Break(Rules.WakeOnce)
        .Which.How.Should().Be("the user of 0000:01:00.0 was told of a wake-up that he knows of, or did not ask for");

    [Theory]
    [InlineData("rfc-v5")]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void It_holds_where_the_kernel_tells_of_the_wake_up(string profile)
    {
        ExplorationResult result = Explore(static _ => { }, profile);

        result.Should().HoldInEveryOrder();
        result.IsComplete.Should().BeTrue();
    }

    /// <summary>An administrator who says "on" wakes the device too, for everybody to see.</summary>
    [Fact]
    public void It_does_not_mind_an_administrator_who_keeps_the_device_awake() =>
        Explore(static _ => { }, "linux-6.1", "on").Should().HoldInEveryOrder();

    /// <summary>The wake-up is told as it ends (vfio_pci_core_runtime_resume()); by then his eventfd is gone (vfio_pci_core_disable()).</summary>
    [Fact]
    public void Who_closes_while_his_device_is_being_woken_need_not_be_told()
    {
        SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux7_3);
        VfioPciDevice device = host.VfioPci.Devices[0];
        device.Open();
        ExplorationResult result = Exploration.Of(host)
            .Where("vmm", device, vmm => vmm
                .Once(d => d.Files[^1].BeginEnterLowPower(new EventFd()))
                .Then(d => d.Files[^1].BeginClose()))
            .Where("admin", device.Pci, admin => admin.Once(f => f.Sysfs.BeginWrite("power/control", "on")))
            .Always(Rules.WakeOnce)
            .Run(new() { Depth = 12, States = 3_000 });

        result.Should().HoldInEveryOrder();
        result.IsComplete.Should().BeTrue();
    }

    private static ExplorationResult Explore(
        Action<ActorSteps<VfioPciDevice>> meddler, string profile = "linux-6.1", string control = "auto")
    {
        SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Parse(profile));
        VfioPciDevice device = host.VfioPci.Devices[0];
        device.Open();
        return Exploration.Of(host)
            .Where("vmm", device, vmm => vmm
                .Once(d => d.Files[^1].BeginEnterLowPower(new EventFd()))
                .Then(d => d.Files[^1].BeginExitLowPower())
                .Then(d => d.Files[^1].BeginClose()))
            .Where("admin", device.Pci, admin => admin
                .Once(f => f.HostConfig.BeginRead(0, new UserMemory(64)))
                .Once(f => f.Sysfs.BeginWrite("power/control", control), name: "power/control"))
            .Where("meddler", device, meddler)
            .Always(Rules.WakeOnce)
            .Run(new() { Depth = 12, States = 3_000 });
    }

    private static bool IsAsleep(VfioPciDevice device) => device.Pci.RuntimeStatus == RuntimeStatus.Suspended && device.IsOpen;
}
