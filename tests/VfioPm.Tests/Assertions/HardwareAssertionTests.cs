using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What the silicon does, whatever the kernel believes.</summary>
public sealed class HardwareAssertionTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciFunction Hardware => _machine.Nic.Hardware;

    [Fact]
    public void Power_that_is_not_cut_comes_with_what_it_depends_on()
    {
        var shared = new PowerResource("LPWR");
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource(shared));
        host.AddRootPort("0000:00:04.0", setup => setup.WithPowerResource(shared)).AddEndpoint("0000:02:00.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        nic.Should().BeIn(PowerState.D3Cold);
        MessageOf(() => nic.Hardware.Should().BeIn(PowerState.D3Cold, "the kernel believes it")).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 to be in D3cold because the kernel believes it, but it is in D3hot.
            It has power; PMCSR is 0x0003.
            Its power comes from:
              LPWR (on, needed by 0000:00:04.0)
            Now, at 2.024 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; hardware in D3hot; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0; hardware in D3hot
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  hardware D0 → D3hot     0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              1.024 s  0000:01:00.0  hardware D0 → D3hot     0000:01:00.0: autosuspend timer
            """);
    }

    [Fact]
    public void A_state_that_it_should_not_be_in()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Hardware.Should().BeIn(PowerState.D3Cold).And.NotBeIn(PowerState.D3Hot);
        MessageOf(() => Hardware.Should().NotBeIn(PowerState.D3Cold)).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 not to be in D3cold, but it is in D3cold.
            It has no power; PMCSR is 0x0000.
            Its power comes from:
              PWR 0000:00:03.0 (off)
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              1.024 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  hardware D3hot → D3cold
            """);
    }

    [Fact]
    public void A_state_that_it_came_to_comes_with_when_and_why()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Hardware.Should().HaveNeverEntered(PowerState.D1);
        MessageOf(() => Hardware.Should().HaveNeverEntered(PowerState.D3Cold)).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 never to have entered D3cold, but it did (autosuspend timer at 1.048 s).
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 until 1.048 s:
              0.000 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              1.024 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  hardware D3hot → D3cold
            """);
    }

    [Fact]
    public void A_function_without_a_host_has_no_past()
    {
        PciFunction alone = PciFunction.Standalone(DeviceImages.E1000E);

        alone.Should().BeIn(PowerState.D0);
        MessageOf(() => alone.Should().BeIn(PowerState.D3Cold)).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 to be in D3cold, but it is in D0.
            It has power; PMCSR is 0x0000.
            """);
        ((Action)(() => alone.Should().HaveNeverEntered(PowerState.D1))).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Hardware_without_power_does_not_answer()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Hardware.Should().NotAnswer();
        MessageOf(() => Hardware.Should().Answer()).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 to answer, but it reads as all ones.
            It has no power; PMCSR is 0x0000.
            It does not answer because:
              0000:01:00.0 has no power
              0000:00:03.0 above it is in D3cold and passes nothing on
            Its power comes from:
              PWR 0000:00:03.0 (off)
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              1.024 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  hardware D3hot → D3cold
            """);
    }

    [Fact]
    public void Hardware_that_answers_should_have_been_silent()
    {
        Hardware.Should().Answer();
        MessageOf(() => Hardware.Should().NotAnswer()).Should().StartWith(
            "Expected the hardware of 0000:01:00.0 not to answer, but it does.");
    }

    [Fact]
    public void Dead_hardware_is_called_dead()
    {
        Machine machine = new(
            KernelProfile.RfcV1, nic: new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        using VfioDeviceFile device = machine.OpenAndSleep();
        device.Config.WritePmcsrState(PowerState.D0);

        MessageOf(() => machine.Nic.Hardware.Should().Answer()).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 to answer, but it reads as all ones.
            It has power; PMCSR is 0x0000.
            It does not answer because:
              the hardware of 0000:01:00.0 has power but is dead: all ones for ever (the kernel says "Unable to change power state")
            Its power comes from:
              PWR 0000:00:03.0 (on, needed by 0000:00:03.0)
            Now, at 70.684 s on rfc-v1:
              0000:01:00.0: D3cold, Active, usage 1; hardware in D0; guest reads D3hot
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              1.024 s  0000:01:00.0  hardware D0 → D3hot      0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  hardware D3hot → D3cold
              1.524 s  0000:01:00.0  hardware D3cold → D0     0000:01:00.0: guest asks for D0 in PMCSR
              2.816 s  0000:01:00.0  log: not ready 1023ms after resume; waiting
              3.872 s  0000:01:00.0  log: not ready 2047ms after resume; waiting
              6.112 s  0000:01:00.0  log: not ready 4095ms after resume; waiting
             10.464 s  0000:01:00.0  log: not ready 8191ms after resume; waiting
             18.912 s  0000:01:00.0  log: not ready 16383ms after resume; waiting
             35.808 s  0000:01:00.0  log: not ready 32767ms after resume; waiting
             70.624 s  0000:01:00.0  log: not ready 65535ms after resume; giving up
            """);
        MessageOf(() => machine.Nic.Should().BeIn(PowerState.D0)).Should().Be(
            """
            Expected 0000:01:00.0 to be in D0, but it is in D3cold.
            Now, at 70.684 s on rfc-v1:
              0000:01:00.0: D3cold, Active, usage 1; hardware in D0; guest reads D3hot
              0000:00:03.0: D0, Active, usage 0
            It sleeps deeper because:
              the hardware of 0000:01:00.0 has power but is dead: all ones for ever (the kernel says "Unable to change power state")
              the kernel takes 0000:01:00.0 for gone since it could not reach it
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
              2.816 s  0000:01:00.0  log: not ready 1023ms after resume; waiting
              3.872 s  0000:01:00.0  log: not ready 2047ms after resume; waiting
              6.112 s  0000:01:00.0  log: not ready 4095ms after resume; waiting
             10.464 s  0000:01:00.0  log: not ready 8191ms after resume; waiting
             18.912 s  0000:01:00.0  log: not ready 16383ms after resume; waiting
             35.808 s  0000:01:00.0  log: not ready 32767ms after resume; waiting
             70.624 s  0000:01:00.0  log: not ready 65535ms after resume; giving up
            """);
    }

    [Fact]
    public void Accesses_that_came_too_early_are_listed()
    {
        using VfioDeviceFile device = _machine.Open();
        Hardware.Should().HaveBeenGivenItsTime();

        Hardware.WriteConfig(_machine.Pmcsr, 2, (uint)PowerState.D3Hot);
        Hardware.ReadConfig(PciRegisters.VendorId, 2);

        MessageOf(() => Hardware.Should().HaveBeenGivenItsTime()).Should().Be(
            """
            Expected the hardware of 0000:01:00.0 to have been given its time after every transition, but it was accessed too early once.
            It has power; PMCSR is 0x0003.
            Accesses that came too early:
              0.024 s  0000:01:00.0: configuration offset 0x0 accessed 10 ms before the transition D3hot was over
            Its power comes from:
              PWR 0000:00:03.0 (on, needed by 0000:00:03.0)
            Now, at 0.024 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 1; hardware in D3hot; guest reads D3hot
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  hardware D0 → D3hot     0000:01:00.0: opened
              0.012 s  0000:01:00.0  hardware D3hot → D0
              0.024 s  0000:01:00.0  hardware D0 → D3hot     -
            """);
    }

    [Fact]
    public void A_register_shows_both_values_in_its_width()
    {
        Hardware.Should().HaveRegister(PciRegisters.VendorId, 2, 0x8086);
        MessageOf(() => Hardware.Should().HaveRegister(PciRegisters.VendorId, 2, 0x10de)).Should().StartWith(
            "Expected the hardware of 0000:01:00.0 to hold 0x10de at 0x00, but it holds 0x8086.");
    }
}
