namespace VfioPm.Tests;

public sealed class VirtualConfigurationForkTests
{
    private const int InterruptLine = PciRegisters.InterruptLine;

    [Fact]
    public void A_fork_goes_its_own_way()
    {
        VirtualConfiguration original = new FakeFunction().Open();
        original.Put(InterruptLine, 1, 0x11);
        VirtualConfiguration fork = new ForkContext().Of(original);
        HashOf(fork).Should().Be(HashOf(original));

        fork.Put(InterruptLine, 1, 0x22);

        original.Get(InterruptLine, 1).Should().Be(0x11);
        fork.Get(InterruptLine, 1).Should().Be(0x22);
        HashOf(fork).Should().NotBe(HashOf(original));
    }

    [Fact]
    public void A_fork_has_its_own_hardware()
    {
        FakeFunction function = new();
        VirtualConfiguration fork = new ForkContext().Of(function.Open());

        fork.Put(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        function.Registers[PciRegisters.Command, 2].Should().Be(0);
    }

    private static ulong HashOf(VirtualConfiguration configuration) => StateHashes.Of(configuration.AddTo);
}
