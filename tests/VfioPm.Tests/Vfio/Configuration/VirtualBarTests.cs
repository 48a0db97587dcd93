namespace VfioPm.Tests;

/// <summary>BARs as a guest sizes and moves them, and as they come back after a reset (<c>vfio_bar_fixup()</c>, <c>vfio_bar_restore()</c>).</summary>
public sealed class VirtualBarTests
{
    private const int Command = PciRegisters.Command;
    private const int First = PciRegisters.BaseAddress0;
    private const int Rom = PciRegisters.RomAddress;
    private const uint Address = 0xFE00_0000;

    [Theory]
    [InlineData(First, 0xFFFE_0000)]
    [InlineData(First + 4, 0xFFFE_0000)]
    [InlineData(First + 8, 0xFFFF_FFE1)]
    [InlineData(First + 12, 0xFFFF_C000)]
    [InlineData(First + 16, 0x0000_0000)]
    [InlineData(Rom, 0xFFFC_0001)]
    public void A_guest_that_writes_all_ones_reads_the_size(int register, uint read)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        uint before = nic.Nic.Hardware.Configuration.Read(register, 4);

        nic.File.Config.Write(register, 4, uint.MaxValue);

        nic.File.Config.Read(register, 4).Should().Be(read);
        nic.Nic.Hardware.Configuration.Read(register, 4).Should().Be(before, "the function hears nothing of it");
    }

    [Theory]
    [InlineData(0x4000ul, 0xFFFF_C004, 0xFFFF_FFFF)]
    [InlineData(1ul << 33, 0x0000_0004, 0xFFFF_FFFE)]
    public void Of_one_with_64_bits_both_registers(ulong size, uint low, uint high)
    {
        byte[] above4GiB = DeviceImages.Nvme.Bytes.ToArray();
        above4GiB[First + 4] = 0x40;
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nvme = host.AddRootPort("0000:00:03.0")
            .AddEndpoint("0000:01:00.0", DeviceImages.Nvme.WithBytes(above4GiB).WithBarSize(0, size));
        using VfioDeviceFile file = host.VfioPci.Bind(nvme).Open();

        file.Config.Write(First, 4, uint.MaxValue);
        file.Config.Write(First + 4, 4, uint.MaxValue);

        (file.Config.Read(First, 4), file.Config.Read(First + 4, 4)).Should().Be((low, high));
    }

    [Fact]
    public void What_a_guest_moved_stays_where_he_put_it()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);

        nic.File.Config.Write(First, 4, 0x1234_5678);
        nic.File.Config.Read(First, 4).Should().Be(0x1234_0000);
        nic.File.Config.Write(First, 4, 0xABCD_EF00);

        nic.File.Config.Read(First, 4).Should().Be(0xABCC_0000);
    }

    [Theory]
    [InlineData(PciRegisters.CommandMemory, false)]
    [InlineData(PciRegisters.CommandIo, false)]
    [InlineData(PciRegisters.CommandMemory | PciRegisters.CommandIo, false)]
    [InlineData(0, true)]
    [InlineData(PciRegisters.CommandMaster, true)]
    public void A_function_whose_decoding_was_lost_behind_our_back_gets_all_of_them_again(uint decoding, bool isKept)
    {
        FakeFunction function = WithBars();
        VirtualConfiguration configuration = function.Open();
        configuration.Put(Command, 2, decoding);
        function.Registers[Command, 2] = 0;
        function.Log.Clear();

        configuration.Put(Command, 2, decoding);

        function.Log.Where(static line => line.StartsWith("write", StringComparison.Ordinal)).Should().Equal(
            isKept ? [$"write 4/2 {decoding:x}"] : [.. Restored(), $"write 4/2 {decoding:x}"]);
    }

    [Fact]
    public void A_function_that_lost_one_gets_all_of_them_again()
    {
        FakeFunction function = WithBars();
        VirtualConfiguration configuration = function.Open();
        function.Registers[First + 4, 4] = 0;

        configuration.Put(Command, 2, 0);

        function.Log.Where(static line => line.StartsWith("write", StringComparison.Ordinal)).Should().Equal([.. Restored(), "write 4/2 0"]);
    }

    [Fact]
    public void A_register_that_was_zero_when_the_device_was_opened_may_hold_anything()
    {
        FakeFunction function = WithBars();
        VirtualConfiguration configuration = function.Open();
        function.Registers[First + 12, 4] = 0x1000;

        configuration.Put(Command, 2, 0);

        function.Log.Where(static line => line.StartsWith("write", StringComparison.Ordinal)).Should().Equal("write 4/2 0");
    }

    /// <summary>Its memory enable and its BARs are the physical function's.</summary>
    [Fact]
    public void A_virtual_function_has_nothing_to_restore()
    {
        FakeFunction function = WithBars();
        VirtualConfiguration configuration = function.Open(
            facts: function.Facts() with { IsVirtualFunction = true, HasNoCommandMemory = true });
        configuration.Put(Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandIo);
        function.Registers[Command, 2] = 0;
        function.Registers[First, 4] = 0;
        function.Log.Clear();

        configuration.Put(Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandIo);

        function.Log.Where(static line => line.StartsWith("write", StringComparison.Ordinal)).Should().Equal("write 4/2 3");
    }

    private static string[] Restored() =>
    [
        $"write 10/4 {Address:x}", $"write 14/4 {Address + 0x1_0000:x}", "write 18/4 0", "write 1c/4 0", "write 20/4 0", "write 24/4 0",
        $"write 30/4 {Address + 0x10_0000:x}",
    ];

    private static FakeFunction WithBars()
    {
        FakeFunction function = new();
        function.Registers[First, 4] = Address;
        function.Registers[First + 4, 4] = Address + 0x1_0000;
        function.Registers[Rom, 4] = Address + 0x10_0000;
        return function;
    }
}
