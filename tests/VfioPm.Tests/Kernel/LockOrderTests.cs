namespace VfioPm.Tests;

/// <summary>
/// The order in which locks are taken, as lockdep would report it. In May 2026 it found a circle in vfio-pci: enabling virtual
/// functions held <c>memory_lock</c>, and their probe took the lock of their device set, which an open holds as it wakes the
/// device, whose callback takes <c>memory_lock</c> ("vfio/pci: Use a private flag to prevent power state change with VFs").
/// </summary>
public sealed class LockOrderTests
{
    [Fact]
    public void The_circle_of_2026_is_found_in_the_kernel_that_has_it()
    {
        SimulatedHost host = UseEverything(KernelProfile.Linux6_12);

        LockOrderCircle circle = host.Kernel.LockOrder.FindCircles().Should().ContainSingle().Subject;

        circle.Steps.Select(step => step.Held).Should().BeEquivalentTo("memory_lock", "dev_set->lock");
        circle.ToString().Should().Contain("possible circular locking dependency")
            .And.Contain("memory_lock (since EnableUnderMemoryLock), then dev_set->lock (in Probe)")
            .And.Contain("host writes 2 to sriov_numvfs");
    }

    [Theory]
    [InlineData("linux-5.10")]
    [InlineData("pre-rfc")]
    [InlineData("rfc-v1")]
    [InlineData("linux-6.1")]
    [InlineData("linux-7.3")]
    public void Nothing_is_found_in_kernels_before_it_or_with_the_cure(string profile)
    {
        SimulatedHost host = UseEverything(KernelProfile.Parse(profile));

        host.Kernel.LockOrder.FindCircles().Should().BeEmpty();
        host.Kernel.LockOrder.Steps.Should().NotBeEmpty("locks were taken under others");
    }

    [Fact]
    public void A_fork_goes_on_from_what_was_seen_before_and_keeps_it_for_itself()
    {
        SimulatedHost host = Crowd.MakeOpen(KernelProfile.Linux6_12);
        SimulatedHost fork = host.Fork();
        int before = host.Kernel.LockOrder.Steps.Count;

        Crowd.File(fork).EnableIrqs(VfioIrqIndex.MsiX, new EventFd());

        fork.Kernel.LockOrder.Steps.Select(step => (step.Held, step.Taken)).Should().Contain(("igate", "memory_lock"));
        host.Kernel.LockOrder.Steps.Should().HaveCount(before);
    }

    [Fact]
    public void A_circle_of_three_is_found_once_and_told_in_order()
    {
        Kernel kernel = new RuntimePmCore().Kernel;
        KernelMutex[] locks = AddLocks(kernel, "c", "a", "b");
        for (int i = 0; i < 3; i++)
        {
            using KernelEntry entry = KernelEntry.Call(kernel, "nic");
            entry.Run(TakeBoth(locks[i], locks[(i + 1) % 3]));
        }

        kernel.LockOrder.Steps.Select(static step => step.Held + step.Taken).Should().Equal("ab", "bc", "ca");
        kernel.LockOrder.FindCircles().Should().ContainSingle().Which.ToString().Should().StartWith(
            "possible circular locking dependency: a -> b -> c -> a\n  a (since TakeBoth), then b (in TakeBoth): ");
    }

    [Fact]
    public void Of_circles_with_a_step_in_common_only_the_shortest_is_told()
    {
        Kernel kernel = new RuntimePmCore().Kernel;
        KernelMutex[] locks = AddLocks(kernel, "a", "b", "c");
        foreach ((int outer, int inner) in new[] { (0, 1), (1, 2), (2, 0), (1, 0) })
        {
            using KernelEntry entry = KernelEntry.Call(kernel, "nic");
            entry.Run(TakeBoth(locks[outer], locks[inner]));
        }

        kernel.LockOrder.FindCircles().Should().ContainSingle().Which.Steps.Should().HaveCount(2);
    }

    [Fact]
    public void A_lock_that_a_thread_has_to_wait_for_comes_after_those_that_it_holds()
    {
        Kernel kernel = new RuntimePmCore().Kernel;
        KernelMutex[] locks = AddLocks(kernel, "a", "b");
        locks[1].TryTakeFromOutside();
        using (KernelEntry entry = KernelEntry.Begin(kernel, "nic"))
        {
            entry.Start(TakeBoth(locks[0], locks[1])).IsCompleted.Should().BeFalse();
        }

        kernel.LockOrder.Steps.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Held = "a", Taken = "b" });
    }

    private static KernelMutex[] AddLocks(Kernel kernel, params string[] names) =>
        [.. names.Select((name, index) => new KernelMutex(kernel, name, "nic", index))];

    private static async KernelCall<int> TakeBoth(KernelMutex outer, KernelMutex inner)
    {
        using LockScope first = await outer.Lock();
        using LockScope second = await inner.Lock();
        return 0;
    }

    /// <summary>Opens, sleeps, wakes, resets and closes, and enables virtual functions and takes them away.</summary>
    private static SimulatedHost UseEverything(KernelProfile profile)
    {
        SimulatedHost host = Crowd.MakeOpen(profile);
        VfioDeviceFile file = Crowd.File(host);
        file.EnterLowPower();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        file.HotReset(file.Group);
        file.Reset();
        file.EnableIrqs(VfioIrqIndex.MsiX, new EventFd());
        file.Close();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        file.Device.Open().Close();

        PciDevice drive = host["0000:02:00.0"];
        host.VfioPci.Bind(drive).Open().Close();
        drive.Sysfs.Write("sriov_numvfs", "2");
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        drive.Sysfs.Write("sriov_numvfs", "0");
        return host;
    }

    [Fact]
    public void A_circle_of_no_steps_can_be_told() =>
        new LockOrderCircle([]).ToString().Should().Be("possible circular locking dependency: ");

    [Fact]
    public void A_circle_has_steps() => FluentActions.Invoking(static () => new LockOrderCircle(null!))
        .Should().Throw<ArgumentNullException>().WithParameterName("Steps");
}
