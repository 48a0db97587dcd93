using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What the kernel believes of a function, and the way it went.</summary>
public sealed class PciDeviceAssertionTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    private PciDevice Port => _machine.Port;

    // The example of README.md.
    [Fact]
    public void A_function_that_should_sleep_deeper_comes_with_what_keeps_it_and_with_what_happened()
    {
        Port.Sysfs.Write("power/control", "on");
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Nic.Should().BeIn(PowerState.D3Hot);
        MessageOf(() => Nic.Should().BeIn(PowerState.D3Cold)).Should().Be(
            """
            Expected 0000:01:00.0 to be in D3cold, but it is in D3hot.
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3hot, Suspended, usage 0
              0000:00:03.0: D0, Active, usage 1
            It sleeps no deeper because:
              power/control of 0000:00:03.0 is "on"
              0000:00:03.0 is held by a usage count of 1 (host writes on to power/control at 0.000 s)
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
            """);
    }

    [Fact]
    public void A_function_that_should_be_awake_comes_with_who_let_go_of_it()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        MessageOf(() => Nic.Should().BeIn(PowerState.D0, "the guest is {0}", "busy")).Should().Be(
            """
            Expected 0000:01:00.0 to be in D0 because the guest is busy, but it is in D3cold.
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            It sleeps deeper because:
              nobody holds 0000:01:00.0 since its last user left (guest asks for low power in PMCSR at 0.024 s)
              0000:01:00.0 was put to sleep (0000:00:03.0: power switched off at 1.048 s)
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void A_port_that_should_be_awake_comes_with_the_child_that_let_it_sleep()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Port.Should().BeIn(PowerState.D3Cold);
        MessageOf(() => Port.Should().BeIn(PowerState.D0)).Should().Be(
            """
            Expected 0000:00:03.0 to be in D0, but it is in D3cold.
            Now, at 1.524 s on rfc-v1:
              0000:00:03.0: D3cold, Suspended, usage 0
            It sleeps deeper because:
              nobody holds 0000:00:03.0 since its last user left (bound to pcieport at 0.000 s)
              0000:00:03.0 was put to sleep (0000:01:00.0: autosuspend timer at 1.048 s)
            What happened to 0000:00:03.0 last:
              0.000 s  0000:00:03.0  unknown → D0            0000:00:03.0: bound to pcieport
              1.048 s  0000:00:03.0  D0 → D3hot              0000:01:00.0: autosuspend timer, last child 0000:01:00.0 suspended at 1.036 s
              1.048 s  0000:00:03.0  D3hot → D3cold
            """);
    }

    [Fact]
    public void A_function_that_should_be_anywhere_else_comes_with_why_it_is_there()
    {
        using VfioDeviceFile device = _machine.Open();

        Nic.Should().NotBeIn(PowerState.D3Cold);
        MessageOf(() => Nic.Should().NotBeIn(PowerState.D0)).Should().Be(
            """
            Expected 0000:01:00.0 not to be in D0, but it is in D0.
            Now, at 0.024 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            It sleeps no deeper because:
              0000:01:00.0 is held by a usage count of 1 (opened at 0.000 s)
              the user of 0000:01:00.0 has not asked for D3hot in PMCSR
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
            """);
    }

    [Fact]
    public void A_way_that_was_not_gone_comes_with_the_one_that_was()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Nic.Should().HaveGone(PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);
        MessageOf(() => Nic.Should().HaveGone([PowerState.D0, PowerState.D3Cold], "there is no {0}", "D3hot")).Should().Be(
            """
            Expected 0000:01:00.0 to have gone D0 → D3cold because there is no D3hot, but it went unknown → D0 → D3hot → D3cold.
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void A_function_that_did_not_stay_comes_with_where_it_went()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        TimeSpan asleep = _machine.Host.Clock.Now;
        Nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);

        Nic.HostConfig.Read(0, new byte[4]);

        MessageOf(() => Nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep)).Should().Be(
            """
            Expected 0000:01:00.0 to have stayed in D3cold since 1.524 s, but it went D3cold → D0.
            Now, at 1.660 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 0; guest reads D3hot
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 since 1.524 s:
              1.660 s  0000:01:00.0  D3cold → D0             0000:01:00.0: host reads configuration space
            """);
    }

    [Fact]
    public void A_function_that_stayed_elsewhere_comes_with_where()
    {
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().HaveStayedIn(PowerState.D3Cold, since: TimeSpan.Zero)).Should().Be(
            """
            Expected 0000:01:00.0 to have stayed in D3cold since 0.000 s, but it stayed in D0.
            Now, at 0.024 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 since 0.000 s:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
            """);
    }

    [Fact]
    public void A_state_that_was_entered_comes_with_when_and_why()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        Nic.Should().HaveNeverEntered(PowerState.D1);

        device.Config.WritePmcsrState(PowerState.D0);
        TimeSpan awake = _machine.Host.Clock.Now;

        Nic.Should().HaveNeverEntered(PowerState.D3Cold, since: awake);
        MessageOf(() => Nic.Should().HaveNeverEntered(PowerState.D3Cold)).Should().Be(
            """
            Expected 0000:01:00.0 never to have entered D3cold, but it did (0000:00:03.0: power switched off at 1.048 s).
            Now, at 1.660 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 until 1.048 s:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void A_state_that_was_entered_before_and_never_left_counts()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        TimeSpan asleep = _machine.Host.Clock.Now;

        MessageOf(() => Nic.Should().HaveNeverEntered(PowerState.D3Cold, since: asleep)).Should().Be(
            """
            Expected 0000:01:00.0 never to have entered D3cold since 1.524 s, but it has been there all the time.
            Now, at 1.524 s on rfc-v1:
              0000:01:00.0: D3cold, Suspended, usage 0; guest reads D3hot
              0000:00:03.0: D3cold, Suspended, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void With_the_trace_off_a_failure_says_so_and_a_question_about_the_past_is_refused()
    {
        _machine.Host.Trace.IsEnabled = false;
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().BeIn(PowerState.D1)).Should().Be(
            """
            Expected 0000:01:00.0 to be in D1, but it is in D0.
            Now, at 0.024 s:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            It sleeps no deeper because:
              0000:01:00.0 is held by a usage count of 1
              the user of 0000:01:00.0 has not asked for D3hot in PMCSR
            The trace is off: what happened is not known. Make one with new HostTrace(core), or switch the one there is on with IsEnabled.
            """);
        ((Action)(() => Nic.Should().HaveGone(PowerState.D0))).Should().Throw<InvalidOperationException>()
            .WithMessage("The trace is off: nobody knows what happened to 0000:01:00.0.*IsEnabled.");
    }
}
