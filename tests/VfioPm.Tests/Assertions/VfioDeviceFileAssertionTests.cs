using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What a VMM holds of a device, and what its guest sees.</summary>
public sealed class VfioDeviceFileAssertionTests : IDisposable
{
    private readonly OpenNic _nic = new(KernelProfile.Linux6_1);
    private readonly EventFd _wake = new();

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void Open_and_closed()
    {
        _nic.File.Should().BeOpen();
        MessageOf(() => _nic.File.Should().BeClosed()).Should().Be(
            """
            Expected the user of 0000:01:00.0 to have closed it, but it is open.
            Now, at 0.048 s on linux-6.1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  enumerated
              0.000 s  0000:01:00.0  bound to vfio-pci
              0.000 s  0000:01:00.0  opened
              0.048 s  0000:01:00.0  guest writes configuration space
            """);

        _nic.File.Close();
        _nic.File.Should().BeClosed();
        MessageOf(() => _nic.File.Should().BeOpen()).Should().Be(
            """
            Expected the user of 0000:01:00.0 to have it open, but it is closed.
            Now, at 0.072 s on linux-6.1:
              0000:01:00.0: D0, Active, usage 0
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  enumerated
              0.000 s  0000:01:00.0  bound to vfio-pci
              0.000 s  0000:01:00.0  opened
              0.048 s  0000:01:00.0  guest writes configuration space
              0.048 s  0000:01:00.0  closed
            """);
    }

    [Fact]
    public void A_mapping_keeps_a_closed_device_open()
    {
        using VfioMapping mapping = _nic.File.Map(0, 0, 0x1000);
        _nic.File.Close();

        MessageOf(() => _nic.File.Should().BeOpen()).Should().StartWith(
            "Expected the user of 0000:01:00.0 to have it open, but the descriptor is closed, and mappings keep the device open.");
    }

    [Fact]
    public void Memory_of_a_function_in_D3hot_is_fenced()
    {
        _nic.File.Should().HaveMemoryAccess();
        MessageOf(() => _nic.File.Should().HaveMemoryFenced()).Should().StartWith(
            "Expected the user of 0000:01:00.0 to have no access to memory, but the kernel lets it through.");

        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);

        _nic.File.Should().HaveMemoryFenced();
        MessageOf(() => _nic.File.Should().HaveMemoryAccess()).Should().Be(
            """
            Expected the user of 0000:01:00.0 to have access to memory, but the kernel refuses it.
            Now, at 0.060 s on linux-6.1:
              0000:01:00.0: D3hot, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            It is refused because:
              0000:01:00.0 is in D3hot, where this kernel fences memory off
            """);
    }

    [Fact]
    public void Memory_that_the_guest_switched_off_and_mappings_that_low_power_took_away()
    {
        _nic.File.Config.Write(PciRegisters.Command, 2, 0);
        _nic.File.EnterLowPower();

        MessageOf(() => _nic.File.Should().HaveMemoryAccess()).Should().Be(
            """
            Expected the user of 0000:01:00.0 to have access to memory, but the kernel refuses it.
            Now, at 0.048 s on linux-6.1:
              0000:01:00.0: D0, Active, usage 0
              0000:00:03.0: D0, Active, usage 0
            It is refused because:
              the guest has not set Memory Space Enable in COMMAND
              the user has permitted low power: mappings fault until he takes that back
            """);
    }

    [Fact]
    public void Nobody_has_access_to_a_device_that_is_closed()
    {
        _nic.File.Close();

        MessageOf(() => _nic.File.Should().HaveMemoryAccess()).Should().Contain("0000:01:00.0 is not open");
    }

    [Fact]
    public void A_user_permits_sleep_until_he_does_no_longer()
    {
        _nic.File.Should().NotPermitSleep();
        MessageOf(() => _nic.File.Should().PermitSleep()).Should().Be(
            """
            Expected the user of 0000:01:00.0 to permit the device to sleep, but it has not permitted low power (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY).
            Now, at 0.048 s on linux-6.1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  enumerated
              0.000 s  0000:01:00.0  bound to vfio-pci
              0.000 s  0000:01:00.0  opened
              0.048 s  0000:01:00.0  guest writes configuration space
            """);

        _nic.File.EnterLowPower();

        _nic.File.Should().PermitSleep();
        MessageOf(() => _nic.File.Should().NotPermitSleep()).Should().StartWith(
            "Expected the user of 0000:01:00.0 not to permit the device to sleep, but it does.");
    }

    [Fact]
    public void What_the_guest_would_read_is_seen_without_waking_the_function()
    {
        using OpenNic rfc = new(KernelProfile.RfcV1);
        rfc.Sleep();
        TimeSpan asleep = rfc.Host.Clock.Now;

        rfc.File.Should().ShowPowerState(PowerState.D3Hot);
        MessageOf(() => rfc.File.Should().ShowPowerState(PowerState.D3Cold)).Should().Be(
            """
            Expected the user of 0000:01:00.0 to show its guest D3cold in PMCSR, but it shows D3hot.
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  enumerated
              0.000 s  0000:01:00.0  bound to vfio-pci
              0.000 s  0000:01:00.0  opened
              0.024 s  0000:01:00.0  guest reads D0                     0000:01:00.0: opened
              0.024 s  0000:01:00.0  guest writes configuration space   -
              0.024 s  0000:01:00.0  guest reads configuration space
              0.024 s  0000:01:00.0  guest writes configuration space
              0.024 s  0000:01:00.0  guest asks for low power in PMCSR  0000:01:00.0: guest writes configuration space
              0.024 s  0000:01:00.0  guest reads D3hot
            """);
        rfc.Nic.Should().HaveStayedAsleep(since: asleep);
    }

    [Fact]
    public void A_guest_of_a_closed_device_is_shown_nothing()
    {
        _nic.File.Close();

        MessageOf(() => _nic.File.Should().ShowPowerState(PowerState.D0)).Should().StartWith(
            "Expected the user of 0000:01:00.0 to show its guest D0 in PMCSR, but it shows nothing.");
    }

    [Fact]
    public void A_wakeup_is_signalled_once()
    {
        _nic.File.EnterLowPower(_wake);
        _nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        MessageOf(() => _nic.File.Should().HaveSignalledWakeup(_wake)).Should().Be(
            """
            Expected the user of 0000:01:00.0 to have been told once of a wakeup, but the eventfd was signalled 0 times.
            Now, at 1.548 s on linux-6.1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            It is not signalled because:
              0000:01:00.0 still sleeps
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  Suspended → Active      0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  Active → Suspending     0000:01:00.0: bound to vfio-pci
              0.012 s  0000:01:00.0  Suspending → Suspended
              0.012 s  0000:01:00.0  Suspended → Resuming    0000:01:00.0: opened
              0.024 s  0000:01:00.0  Resuming → Active
              0.048 s  0000:01:00.0  Active → Suspending     0000:01:00.0: user asks to permit low power
              0.060 s  0000:01:00.0  Suspending → Suspended
            """);

        _nic.Nic.HostConfig.Read(0, new byte[4]);
        _nic.File.Should().HaveSignalledWakeup(_wake);

        _wake.Signal();
        MessageOf(() => _nic.File.Should().HaveSignalledWakeup(_wake)).Should().StartWith(
            "Expected the user of 0000:01:00.0 to have been told once of a wakeup, but the eventfd was signalled 2 times.");
    }

    [Fact]
    public void A_wakeup_that_nobody_asked_to_be_told_of_or_before_any_sleep()
    {
        MessageOf(() => _nic.File.Should().HaveSignalledWakeup(_wake)).Should().Contain(
            "the permission to sleep came without this eventfd, or was over with its one signal, which was read");

        _nic.File.EnterLowPower(_wake);

        MessageOf(() => _nic.File.Should().HaveSignalledWakeup(_wake)).Should().Contain(
            "0000:01:00.0 has not slept since it was permitted to");
    }

    [Fact]
    public void A_register_shows_both_values_in_its_width()
    {
        _nic.File.Config.Should().HaveRegister(PciRegisters.VendorId, 2, 0x8086);
        MessageOf(() => _nic.File.Config.Should().HaveRegister(PciRegisters.VendorId, 2, 0x10de)).Should().Be(
            """
            Expected the guest of 0000:01:00.0 to read 0x10de at 0x00, but it reads 0x8086.
            Now, at 0.048 s on linux-6.1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              0.012 s  0000:01:00.0  D0 → D3hot
              0.024 s  0000:01:00.0  D3hot → D0              0000:01:00.0: opened
            """);
    }

    [Fact]
    public void An_eventfd_counts_what_nobody_has_read()
    {
        _wake.Should().NotHaveBeenSignalled();
        MessageOf(() => _wake.Should().HaveBeenSignalled()).Should().Be(
            """
            Expected the eventfd to have been signalled once, but it was signalled 0 times.
            Signals that user space has read no longer count.
            No device was given it, so that none can signal it.
            """);

        _wake.Signal();
        _wake.Should().HaveBeenSignalled().And.HaveBeenSignalled(times: 1);
        _wake.Close();
        MessageOf(() => _wake.Should().NotHaveBeenSignalled()).Should().Be(
            """
            Expected the eventfd to have been signalled 0 times, but it was signalled once.
            User space has closed it.
            No device was given it, so that none can signal it.
            """);
    }

    /// <summary>It had neither a time nor a cause.</summary>
    [Fact]
    public void An_eventfd_that_a_device_has_comes_with_what_happened_to_that()
    {
        _nic.File.EnterLowPower(_wake).Should().Succeed();

        MessageOf(() => _wake.Should().Within(TimeSpan.FromSeconds(1)).HaveBeenSignalled()).Should().StartWith(
            "Expected the eventfd to have been signalled once within 1.000 s, but after 1.000 s it was signalled 0 times.")
            .And.Contain("0000:01:00.0 was given it.").And.Contain("user asks to permit low power");

        _nic.Nic.HostConfig.Read(0, new byte[4]).Should().Be(4);
        _wake.Should().HaveBeenSignalled();
        _nic.Host.Trace.Should().HaveSeenInOrder((_nic.Nic, "kernel signals the eventfd of the wakeup"));
    }
}
