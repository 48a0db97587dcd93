namespace VfioPm.Tests;

// --as silicon: each message is a cycle on the bus, or a wire.
public sealed class SiliconDeviceTests
{
    private const int Pmcsr = 0xcc;
    private const uint Trigger = 0x24;
    private const uint Mask = 0x09;
    private const uint Unmask = 0x11;

    [Fact]
    public void The_function_is_told_with_all_that_its_registers_say()
    {
        using ServedClient client = ServedClient.OfSilicon();

        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Words.Should().Equal(16, 3, 9, 5);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 0, 0, 0, 0, 0, 0).Words.Should().Equal(32, 3, 0, 0, 0x20000, 0, 0, 0);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 6, 0, 0, 0, 0, 0).Words.Should().Equal(32, 1, 6, 0, 0x40000, 0, 0, 6 << 8);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 7, 0, 0, 0, 0, 0).Words.Should().Equal(32, 3, 7, 0, 4096, 0, 0, 7 << 8);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 5, 0, 0, 0, 0, 0).Words.Should().Equal(32, 0, 5, 0, 0, 0, 0, 5 << 8);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 8, 0, 0, 0, 0, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 0, 0).Words.Should().Equal(16, 7, 0, 1);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 1, 0).Words.Should().Equal(16, 9, 1, 1);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 2, 0).Words.Should().Equal(16, 1, 2, 5);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 5, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceFeature, 8, 3 | (1 << 17)).Error.Should().Be(Errno.ENOTTY);
        client.Ask(ServerCommand.DeviceGetRegionIoFds, 16, 0, 0, 0).Words.Should().Equal(16, 0, 0, 0);
    }

    [Fact]
    public void A_BAR_is_sized_as_hardware_does_it()
    {
        using ServedClient client = ServedClient.OfSilicon();

        Write(client, 7, 0x10, 0xff, 0xff, 0xff, 0xff);
        Write(client, 7, 0x30, 0x00, 0xf8, 0xff, 0xff);

        Argument.WordsOf(Read(client, 7, 0x10, 4)).Should().Equal(0xfffe0000);
        Argument.WordsOf(Read(client, 7, 0x30, 4)).Should().Equal(0xfffc0000);
    }

    [Fact]
    public void Memory_answers_in_D0_only()
    {
        using ServedClient client = ServedClient.OfSilicon();
        Write(client, 7, PciRegisters.Command, 6, 0);
        Write(client, 0, 0x100, 1, 2, 3, 4, 5, 6, 7);
        Read(client, 0, 0x101, 6).Should().Equal(2, 3, 4, 5, 6, 7);

        Write(client, 7, Pmcsr, 3, 0);

        client.Silicon.Should().BeIn(PowerState.D3Hot);
        Read(client, 0, 0x101, 6).Should().OnlyContain(value => value == 0xff);
        Read(client, 7, 0, 2).Should().Equal(0x86, 0x80);
    }

    [Theory]
    [InlineData(0u, 0u, 8u, 4u)]
    [InlineData(0u, 0u, 5u, 4u)]
    [InlineData(4096u, 0u, 7u, 1u)]
    [InlineData(4094u, 0u, 7u, 4u)]
    [InlineData(0xffffffffu, 0xffffffffu, 7u, 4u)]
    [InlineData(0u, 0u, 7u, (1u << 20) + 1)]
    public void Beyond_a_region_there_is_nothing(uint low, uint high, uint region, uint count)
    {
        using ServedClient client = ServedClient.OfSilicon();

        client.Ask(ServerCommand.RegionRead, low, high, region, count).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_ROM_is_not_written()
    {
        using ServedClient client = ServedClient.OfSilicon();

        client.Ask(ServerCommand.RegionWrite, 0, 0, 6, 4, 0).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_reset_resets_the_registers_and_one_in_D3hot_is_a_loss_of_power()
    {
        using ServedClient client = ServedClient.OfSilicon(new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        Write(client, 7, PciRegisters.Command, 6, 0);

        client.Ask(ServerCommand.DeviceReset).Error.Should().Be(0);
        Read(client, 7, PciRegisters.Command, 2).Should().Equal(0, 0);
        Read(client, 7, 0, 2).Should().Equal(0x86, 0x80);

        Write(client, 7, Pmcsr, 3, 0);
        client.Ask(ServerCommand.DeviceReset).Error.Should().Be(0);
        Read(client, 7, 0, 2).Should().Equal(0xff, 0xff);
    }

    [Fact]
    public void A_reset_right_after_a_wake_is_QEMUs_of_a_function_that_lost_its_power()
    {
        using ServedClient client = ServedClient.OfSilicon(new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        Write(client, 7, Pmcsr, 3, 0);
        Write(client, 7, Pmcsr, 0, 0);
        Read(client, 7, PciRegisters.Command, 2);
        Write(client, 7, PciRegisters.Command, 0, 4);

        client.Ask(ServerCommand.DeviceReset).Error.Should().Be(0);

        Read(client, 7, 0, 2).Should().Equal(0xff, 0xff);
    }

    [Fact]
    public void A_reset_of_a_function_that_was_used_since_it_woke_is_a_reset()
    {
        using ServedClient client = ServedClient.OfSilicon(new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        Write(client, 7, Pmcsr, 3, 0);
        Write(client, 7, Pmcsr, 0, 0);
        client.Wall.Advance(TimeSpan.FromMilliseconds(10));
        Read(client, 7, PciRegisters.VendorId, 2).Should().Equal(0x86, 0x80);

        client.Ask(ServerCommand.DeviceReset).Error.Should().Be(0);

        Read(client, 7, 0, 2).Should().Equal(0x86, 0x80);
    }

    [Fact]
    public void A_card_that_is_slow_answers_when_its_time_has_passed()
    {
        using ServedClient client = ServedClient.OfSilicon(
            new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(500) });
        Write(client, 7, Pmcsr, 3, 0);
        Write(client, 7, Pmcsr, 0, 0);

        Read(client, 7, 0, 2).Should().Equal(0xff, 0xff);
        client.Wall.Advance(TimeSpan.FromMilliseconds(499));
        Read(client, 7, 0, 2).Should().Equal(0xff, 0xff);
        client.Wall.Advance(TimeSpan.FromMilliseconds(1));
        Read(client, 7, 0, 2).Should().Equal(0x86, 0x80);
    }

    [Fact]
    public void An_interrupt_pin_signals_once_until_it_is_unmasked()
    {
        using ServedClient client = ServedClient.OfSilicon();
        int eventFd = Descriptors.NewEventFd();
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, Trigger, 0, 0, 1]), eventFd).Error.Should().Be(0);

        client.Silicon.AssertInterrupt();
        client.Wall.Advance(TimeSpan.FromDays(2));
        Descriptors.Take(eventFd).Should().Be(1);
        client.Ask(ServerCommand.DeviceSetIrqs, 20, Unmask, 0, 0, 1).Error.Should().Be(0);
        Descriptors.Take(eventFd).Should().Be(1, "it is still asserted");
        client.Silicon.DeassertInterrupt();
        client.Ask(ServerCommand.DeviceSetIrqs, 20, Unmask, 0, 0, 1).Error.Should().Be(0);
        Descriptors.Take(eventFd).Should().Be(0);
        client.Ask(ServerCommand.DeviceSetIrqs, 20, Mask, 0, 0, 1).Error.Should().Be(0);
        client.Silicon.AssertInterrupt();
        client.Wall.Advance(TimeSpan.FromDays(2));
        Descriptors.Take(eventFd).Should().Be(0);
        Descriptors.Close(eventFd);
    }

    [Theory]
    [InlineData(19u, 0x21u, 1u, 0u, 0u, Errno.EINVAL)]
    [InlineData(20u, 0x21u, 5u, 0u, 0u, Errno.EINVAL)]
    [InlineData(20u, 0x21u, 1u, 1u, 1u, Errno.EINVAL)]
    [InlineData(20u, 0x23u, 1u, 0u, 1u, Errno.EINVAL)]
    [InlineData(20u, 0x61u, 1u, 0u, 1u, Errno.EINVAL)]
    [InlineData(20u, Mask, 1u, 0u, 1u, Errno.ENOTTY)]
    [InlineData(20u, 0x24u, 2u, 4u, 0xffffffffu, Errno.EINVAL)]
    [InlineData(20u, 0x21u, 1u, 0u, 1u, (Errno)0)]
    public void What_makes_no_sense_of_interrupts_is_refused(
        uint argumentSize, uint flags, uint index, uint start, uint count, Errno error)
    {
        using ServedClient client = ServedClient.OfSilicon();

        client.Ask(ServerCommand.DeviceSetIrqs, argumentSize, flags, index, start, count).Error.Should().Be(error);
    }

    [Fact]
    public void The_client_has_vectors_signalled_to_try_them()
    {
        using ServedClient client = ServedClient.OfSilicon();
        int[] eventFds = [Descriptors.NewEventFd(), Descriptors.NewEventFd()];
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([28, Trigger, 2, 1, 2]), eventFds).Error.Should().Be(0);

        client.Ask(ServerCommand.DeviceSetIrqs, [.. Argument.Of([23, 0x22, 2, 0, 3]), 1, 0, 1]).Error.Should().Be(0);

        (Descriptors.Take(eventFds[0]), Descriptors.Take(eventFds[1])).Should().Be((0, 1));
        Array.ForEach(eventFds, Descriptors.Close);
    }

    private static void Write(ServedClient client, uint region, uint offset, params byte[] bytes) =>
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([offset, 0, region, (uint)bytes.Length]), .. bytes]).Error.Should().Be(0);

    private static byte[] Read(ServedClient client, uint region, uint offset, uint count) =>
        client.Ask(ServerCommand.RegionRead, offset, 0, region, count).Payload[16..];
}
