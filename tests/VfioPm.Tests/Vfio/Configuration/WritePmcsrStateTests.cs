namespace VfioPm.Tests;

/// <summary>A guest that changes its device's state: it reads PMCSR, and writes it back with another state.</summary>
public sealed class WritePmcsrStateTests
{
    private const ushort PmeEnable = 0x0100;

    private readonly Machine _machine = new(KernelProfile.PreRfc, image: Machine.WithPme());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_beside_the_state_stays(bool begins)
    {
        using VfioDeviceFile file = _machine.Open();
        file.Config.Write(_machine.Pmcsr, 2, PmeEnable);

        if (begins)
        {
            PendingCall call = file.Config.BeginWritePmcsrState(PowerState.D3Hot);
            _machine.Settle();
            call.Result.Should().Be((KernelResult)2);
        }
        else
        {
            file.Config.WritePmcsrState(PowerState.D3Hot);
        }

        file.Config.Read(_machine.Pmcsr, 2).Should().Be(PmeEnable | (uint)PowerState.D3Hot);
        _machine.Nic.Should().BeIn(PowerState.D3Hot);
    }

    /// <summary>Two calls, one after the other: the first wakes the device, and meanwhile another thread closes it.</summary>
    [Fact]
    public void A_file_that_is_closed_between_the_two_has_nothing_to_write_to()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnterLowPower().Should().Succeed();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        PendingCall write = nic.File.Config.BeginWritePmcsrState(PowerState.D3Hot);
        write.IsCompleted.Should().BeFalse();

        nic.File.Close();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);

        write.Result.Should().Be((KernelResult)Errno.EBADF);
        nic.Nic.Should().BeIn(PowerState.D3Cold);
    }

    /// <summary>The first call gives what the second would.</summary>
    [Fact]
    public void Who_cannot_be_woken_cannot_be_read_either()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnterLowPower().Should().Succeed();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        nic.Nic.RuntimePm.Disable();

        nic.File.Config.BeginWritePmcsrState(PowerState.D3Hot).Result.Should().Be((KernelResult)Errno.EIO);
    }

    [Theory]
    [InlineData(PowerState.Unknown)]
    [InlineData(PowerState.D3Cold)]
    public void There_are_four_states(PowerState state)
    {
        using VfioDeviceFile file = _machine.Open();

        FluentActions.Invoking(() => file.Config.BeginWritePmcsrState(state)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => file.Config.WritePmcsrState(state)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
