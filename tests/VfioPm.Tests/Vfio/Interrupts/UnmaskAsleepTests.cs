namespace VfioPm.Tests;

/// <summary>
/// A VMM's eventfd that unmasks INTx while the function sleeps: the guest acknowledged an interrupt late
/// (<c>vfio_pci_intx_unmask_handler()</c> below <c>virqfd_wakeup()</c>, which resumes nobody).
/// </summary>
public sealed class UnmaskAsleepTests
{
    private static readonly VfioIrqSetFlags UnmaskOn = VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionUnmask;

    private readonly EventFd _irq = new();
    private readonly EventFd _unmask = new();

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void In_D3cold_an_interrupt_seems_pending_and_the_user_is_signalled_for_nothing(string profile)
    {
        using SimulatedHost host = Asleep(profile, hasPowerResource: true, out PciDevice nic);
        nic.Should().BeIn(PowerState.D3Cold);

        _unmask.Signal();

        _irq.Count.Should().Be(1, "Status reads all ones, and so says that an interrupt is pending");
        _unmask.Count.Should().Be(0, "the kernel drains it");
        nic.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void In_D3hot_it_is_unmasked_and_the_resume_masks_the_function_behind_the_drivers_back(string profile)
    {
        using SimulatedHost host = Asleep(profile, hasPowerResource: false, out PciDevice nic);
        nic.Should().BeIn(PowerState.D3Hot);

        _unmask.Signal();
        IsMasked(nic).Should().BeFalse();

        // What was saved while INTx was masked is restored, and the driver, for which it is not masked, leaves it so.
        host.VfioPci[nic.Name].Files[0].ExitLowPower().Should().Be(KernelResult.Success);
        nic.Should().BeIn(PowerState.D0);
        IsMasked(nic).Should().BeTrue();
        nic.Hardware.AssertInterrupt();
        _irq.Count.Should().Be(0, "the interrupt is lost");

        VfioDeviceFile file = host.VfioPci[nic.Name].Files[0];
        file.MaskIntx().Should().Be(KernelResult.Success);
        file.UnmaskIntx().Should().Be(KernelResult.Success);
        _irq.Count.Should().Be(1, "until somebody masks and unmasks it");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Without_an_unmask_the_resume_unmasks_what_the_suspend_masked(string profile)
    {
        using SimulatedHost host = Asleep(profile, hasPowerResource: true, out PciDevice nic);
        host.VfioPci[nic.Name].Files[0].ExitLowPower().Should().Be(KernelResult.Success);
        IsMasked(nic).Should().BeFalse();
        nic.Hardware.AssertInterrupt();
        _irq.Count.Should().Be(1);
    }

    private static bool IsMasked(PciDevice nic) =>
        nic.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

    private SimulatedHost Asleep(string profile, bool hasPowerResource, out PciDevice nic)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup =>
        {
            if (hasPowerResource)
            {
                setup.WithPowerResource();
            }
        });
        port.Sysfs.Write("d3cold_allowed", hasPowerResource ? "1" : "0").Should().Succeed();
        nic = port.AddEndpoint("0000:01:00.0");
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        file.EnableIrqs(VfioIrqIndex.Intx, _irq).Should().Be(KernelResult.Success);
        file.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, UnmaskOn) { EventFds = [_unmask] }).Should().Be(KernelResult.Success);
        if (!hasPowerResource)
        {
            port.Sysfs.Write("power/control", "on").Should().Succeed();
        }

        file.EnterLowPower().Should().Be(KernelResult.Success);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return host;
    }
}
