namespace VfioPm.Tests;

/// <summary>What the RFC's later versions answered, and when they kept memory from a user (<c>docs/review-findings.md</c>).</summary>
public sealed class RevisionPowerTests
{
    private const int PositiveEinval = (int)Errno.EINVAL;

    /// <summary>"ret = EINVAL".</summary>
    [Theory]
    [InlineData("rfc-v2", PositiveEinval)]
    [InlineData("rfc-v3", PositiveEinval)]
    [InlineData("rfc-v4", 0)]
    [InlineData("rfc-v5", 0)]
    [InlineData("linux-6.1", 0)]
    public void The_first_versions_let_only_a_function_in_D3hot_sleep(string profile, int inD0)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.Open();

        file.EnterLowPower().Value.Should().Be(inD0);
        file.Device.Power.IsLowPowerPermitted.Should().Be(inD0 == 0);
        file.ExitLowPower();
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.EnterLowPower().Value.Should().Be(0);
        file.Device.Power.IsLowPowerPermitted.Should().BeTrue();
    }

    [Theory]
    [InlineData("rfc-v2", 0, 0)]
    [InlineData("rfc-v3", PositiveEinval, PositiveEinval)]
    [InlineData("rfc-v4", -PositiveEinval, -PositiveEinval)]
    [InlineData("rfc-v5", -PositiveEinval, 0)]
    [InlineData("linux-6.1", -PositiveEinval, 0)]
    public void A_second_entry_and_an_exit_of_nothing_give(string profile, int entry, int exit)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.OpenIn(PowerState.D3Hot);

        file.EnterLowPower().Value.Should().Be(0);
        file.EnterLowPower().Value.Should().Be(entry);
        file.ExitLowPower().Value.Should().Be(0);
        file.ExitLowPower().Value.Should().Be(exit);
        machine.Nic.UsageCount.Should().Be(1);
    }

    /// <summary>Which state memory is kept away in: the kernel's, the driver's own note, or that low power is permitted at all.</summary>
    [Theory]
    [InlineData("rfc-v2", true, true, false)]
    [InlineData("rfc-v3", true, true, true)]
    [InlineData("rfc-v4", true, true, true)]
    [InlineData("rfc-v5", true, true, false)]
    [InlineData("linux-6.1", true, true, false)]
    public void Memory_is_kept_from_a_user_in_D3hot_asleep_and_while_somebody_else_holds_the_function_awake(
        string profile, bool inD3Hot, bool asleep, bool awake)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        VfioSession session = file.Device.Session!;
        session.IsMemoryEnabled.Should().BeTrue();

        file.Config.WritePmcsrState(PowerState.D3Hot);
        session.IsMemoryEnabled.Should().Be(!inD3Hot);
        file.EnterLowPower().Value.Should().Be(0);
        machine.Settle();
        session.IsMemoryEnabled.Should().Be(!asleep);
        machine.Nic.RuntimePm.GetSync();
        machine.Nic.Should().BeIn(PowerState.D0);
        session.IsMemoryEnabled.Should().Be(!awake);

        file.ExitLowPower();
        session.IsMemoryEnabled.Should().BeTrue();
    }

    /// <summary>The second version puts the function to D0 as it resumes, and leaves it as its user did as it suspends.</summary>
    [Theory]
    [InlineData("rfc-v2", false, 1)]
    [InlineData("rfc-v3", true, 0)]
    [InlineData("linux-6.1", true, 0)]
    public void Whoever_wakes_a_device_ends_the_permission_in_the_second_version_only(string profile, bool staysPermitted, int users)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.OpenIn(PowerState.D3Hot);
        file.EnterLowPower().Value.Should().Be(0);
        machine.Settle();
        machine.Nic.UsageCount.Should().Be(0);

        machine.Nic.RuntimePm.Resume();

        machine.Nic.Should().BeIn(PowerState.D0);
        file.Device.Power.IsLowPowerPermitted.Should().Be(staysPermitted);
        machine.Nic.UsageCount.Should().Be(users);
        machine.Settle();
        machine.Nic.RuntimePm.Status.Should().Be(staysPermitted ? RuntimeStatus.Suspended : RuntimeStatus.Active);
    }

    /// <summary>INTx is masked while a device sleeps, so that its line, which others share, is left alone; not in the second version.</summary>
    [Theory]
    [InlineData("rfc-v2", false)]
    [InlineData("rfc-v3", true)]
    [InlineData("linux-6.1", true)]
    public void INTx_of_a_sleeping_device_is_masked_since_the_third_version(string profile, bool isMasked)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.Open();
        file.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger) { EventFds = [new EventFd()] }).Should().Succeed();
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.EnterLowPower().Value.Should().Be(0);

        machine.Settle();

        file.Device.Session!.Interrupts.Intx.IsMasked.Should().Be(isMasked);
        file.ExitLowPower().Value.Should().Be(0);
        file.Device.Session!.Interrupts.Intx.IsMasked.Should().BeFalse();
    }

    /// <summary>The fourth version had a list of one maker's displays.</summary>
    [Theory]
    [InlineData("rfc-v4", 0x10de, 0x030000, 1)]
    [InlineData("rfc-v4", 0x10de, 0x020000, 0)]
    [InlineData("rfc-v4", 0x8086, 0x030000, 0)]
    [InlineData("rfc-v5", 0x10de, 0x030000, 0)]
    [InlineData("linux-6.1", 0x10de, 0x030000, 0)]
    public void A_display_that_somebody_else_woke_stays_awake_until_its_user_ends_the_permission(
        string profile, int vendor, int classCode, int pins)
    {
        var machine = new Machine(
            KernelProfile.Parse(profile), image: DeviceImages.E1000E.WithIdentity((ushort)vendor, 0x2204, classCode));
        VfioDeviceFile file = machine.Open();
        for (int time = 0; time < 2; time++)
        {
            file.EnterLowPower().Should().Succeed();
            machine.Settle();
            machine.Nic.RuntimePm.Status.Should().Be(RuntimeStatus.Suspended);

            machine.Nic.RuntimePm.Resume();
            machine.Settle();

            machine.Nic.UsageCount.Should().Be(pins);
            machine.Nic.RuntimePm.Status.Should().Be(pins > 0 ? RuntimeStatus.Active : RuntimeStatus.Suspended);
            file.ExitLowPower().Should().Succeed();
            machine.Nic.UsageCount.Should().Be(1);
        }
    }

    /// <summary>The first versions resume the function that a set was reset through; with autosuspend it stays awake for a second.</summary>
    [Theory]
    [InlineData("rfc-v1", true)]
    [InlineData("rfc-v2", false)]
    public void After_a_reset_of_a_set_the_function_that_it_was_reset_through_is_awake_for_its_delay(string profile, bool hasDelay)
    {
        DeviceSetMachine machine = new(KernelProfile.Parse(profile));
        machine.First.RuntimePm.Status.Should().Be(RuntimeStatus.Suspended);

        machine.UseAndCloseSecond();

        machine.First.RuntimePm.Status.Should().Be(RuntimeStatus.Active);
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(900));
        machine.First.RuntimePm.Status.Should().Be(hasDelay ? RuntimeStatus.Active : RuntimeStatus.Suspended);
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(200));
        machine.First.RuntimePm.Status.Should().Be(RuntimeStatus.Suspended);
    }

    /// <summary>Who closes while he permits low power finds the registers that waking gives, and else those that he had before D3hot.</summary>
    [Theory]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v2", false)]
    [InlineData("rfc-v3", true)]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.1", false)]
    public void Who_closes_in_D3hot_leaves_a_function_that_sleeps_unused(string profile, bool permits)
    {
        Machine machine = Make(profile);
        VfioDeviceFile file = machine.OpenIn(PowerState.D3Hot);
        if (permits)
        {
            file.EnterLowPower().Value.Should().Be(0);
            machine.Settle();
        }

        file.Close();

        machine.Nic.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Active);
        machine.Nic.UsageCount.Should().Be(0);
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);
    }

    private static Machine Make(string profile) => new(KernelProfile.Parse(profile));
}
