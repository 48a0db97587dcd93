namespace VfioPm.Tests;

// vfio_vpd_config_write(), and behind it drivers/pci/vpd.c.
public sealed class VpdTests
{
    private const uint Flag = VpdRegisters.AddressFlag;

    // An identifier of 11 characters, then the end tag: 15 bytes.
    private static readonly byte[] Content = [0x82, 11, 0, .. "VfioPm card"u8, 0x78];

    [Fact]
    public void Reading_turns_the_flag_on_and_brings_the_data()
    {
        using Card card = new(Content);

        card.Address = 4;

        card.Address.Should().Be(4 | Flag);
        card.Data.Should().Be(BitConverter.ToUInt32(Content, 4));
    }

    [Fact]
    public void Without_the_upper_byte_of_the_address_nothing_is_read()
    {
        using Card card = new(Content);

        card.File.Config.Write(card.Start + VpdRegisters.Address, 1, 4);

        card.Address.Should().Be(4);
        card.Data.Should().Be(0);
    }

    [Fact]
    public void The_last_dword_is_short_and_what_is_behind_the_end_tag_is_nothing()
    {
        using Card card = new([.. Content, 0x55, 0x55, 0x55, 0x55, 0x55]);

        card.Address = 12;
        card.Data.Should().Be(0x0078_6472, "three bytes are left, and the rest is zero");
        card.Address.Should().Be(12 | Flag);

        card.Address = 16;
        card.Data.Should().Be(0, "a read of no bytes is no error");
        card.Address.Should().Be(16 | Flag);
    }

    [Fact]
    public void Writing_turns_the_flag_off_and_keeps_the_data_for_ever()
    {
        using Card card = new(Content);
        card.Data = 0x4443_4241;

        card.Address = 4 | Flag;

        card.Address.Should().Be(4);
        card.Nic.Hardware.Reset(ResetKind.PowerLoss);
        card.Nic.Hardware.VitalProductData.Slice(4, 4).ToArray().Should().Equal("ABCD"u8.ToArray());
    }

    [Fact]
    public void The_last_dword_can_be_written()
    {
        using Card card = new([0x82, 12, 0, .. "VfioPm cards"u8, 0x78]);
        card.Data = 0x7844_4342;

        card.Address = 12 | Flag;

        card.Address.Should().Be(12);
        card.Nic.Hardware.VitalProductData.Slice(12, 4).ToArray().Should().Equal("BCDx"u8.ToArray());
    }

    [Fact]
    public void A_write_across_the_end_fails_and_the_flag_stays()
    {
        using Card card = new(Content);

        card.Address = 12 | Flag;

        card.Address.Should().Be(12 | Flag, "one byte of the dword is behind the end");
        card.Nic.Hardware.VitalProductData.ToArray().Should().StartWith(Content);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xff)]
    public void An_empty_memory_is_not_there(byte content)
    {
        using Card card = new([content, content, content, content]);

        card.Address = 0;
        card.Address.Should().Be(0, "the guest's driver waits for the flag until it gives up");
        card.Address = Flag;
        card.Address.Should().Be(Flag);
    }

    [Fact]
    public void A_function_that_never_completes_costs_an_eighth_of_a_second_each_time_and_seems_to_have_no_bytes()
    {
        using Card card = new(Content, new HardwareBehavior { NeverCompletesVpd = true });
        TimeSpan before = card.Host.Clock.Now;

        card.Address = 0;
        card.Address.Should().Be(Flag, "reading no bytes succeeds");
        card.Address = Flag;
        card.Address.Should().Be(Flag, "writing behind the end does not");

        (card.Host.Clock.Now - before).Should().Be(2 * TimeSpan.FromMilliseconds(125));
    }

    [Fact]
    public void One_that_completes_no_more_is_given_up_after_an_eighth_of_a_second()
    {
        using Card card = new(Content);
        card.Address = 0;
        card.Data = 0xcafe;
        card.Nic.Hardware.SetPower(false);
        TimeSpan before = card.Host.Clock.Now;

        card.Address = Flag;

        card.Address.Should().Be(Flag, "all ones is a flag that does not go away");
        (card.Host.Clock.Now - before).Should().Be(TimeSpan.FromMilliseconds(125));
    }

    [Fact]
    public void The_hardware_behind_it_is_not_what_the_user_writes()
    {
        using Card card = new(Content);

        card.Data = 0x1234_5678;

        card.Data.Should().Be(0x1234_5678);
        card.Nic.Hardware.ReadConfig(card.Start + VpdRegisters.Data, 4).Should().Be(0);
    }

    [Fact]
    public void A_fork_has_a_memory_of_its_own()
    {
        using Card card = new(Content);
        SimulatedHost fork = card.Host.Fork();
        card.Data = 0;
        card.Address = 4 | Flag;

        fork["0000:01:00.0"].Hardware.VitalProductData.ToArray().Should().StartWith(Content);
        fork.ComputeStateHash().Should().NotBe(card.Host.ComputeStateHash());
    }

    [Fact]
    public void There_is_no_more_than_can_be_addressed()
    {
        Action action = () => DeviceImages.E1000E.WithVitalProductData(new byte[0x8001]);

        action.Should().Throw<ArgumentException>().WithMessage("*32768 bytes*");
    }

    /// <summary>An open network adapter with vital product data.</summary>
    private sealed class Card : IDisposable
    {
        public Card(byte[] content, HardwareBehavior? behavior = null)
        {
            Nic = Host.AddRootPort("0000:00:03.0").AddEndpoint(
                "0000:01:00.0",
                setup: nic => nic.WithVitalProductData(content)
                    .WithBehavior(behavior ?? HardwareBehavior.Specification));
            File = Host.VfioPci.Bind(Nic).Open();
        }

        public SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

        public PciDevice Nic { get; }

        public VfioDeviceFile File { get; }

        public int Start => Nic.Hardware.Capabilities.Find(CapabilityId.VitalProductData)!.Value.Offset;

        public uint Address
        {
            get => File.Config.Read(Start + VpdRegisters.Address, 2);
            set => File.Config.Write(Start + VpdRegisters.Address, 2, value);
        }

        public uint Data
        {
            get => File.Config.Read(Start + VpdRegisters.Data, 4);
            set => File.Config.Write(Start + VpdRegisters.Data, 4, value);
        }

        public void Dispose() => Host.Dispose();
    }
}
