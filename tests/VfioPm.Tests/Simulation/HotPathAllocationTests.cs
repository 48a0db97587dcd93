namespace VfioPm.Tests;

/// <summary>With the trace off, what a test does most allocates nothing once it is warm.</summary>
public sealed class HotPathAllocationTests : IDisposable
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);
    private readonly VfioDeviceFile _device;
    private readonly byte[] _registers = new byte[PciRegisters.ExtendedSize];

    public HotPathAllocationTests()
    {
        _machine.Host.Trace.IsEnabled = false;
        _device = _machine.Open();
    }

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Getting_and_putting_allocates_nothing() => AssertAllocatesNothing(() =>
    {
        _machine.Nic.RuntimePm.GetSync();
        _machine.Nic.RuntimePm.PutAutosuspend();
    });

    [Fact]
    public void Guest_configuration_accesses_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        _device.Config.TryRead(0, _registers);
        _device.Config.TryWrite(PciRegisters.Command, _registers.AsSpan(PciRegisters.Command, 2));
        _device.Config.TryWrite(PciRegisters.BaseAddress0, _registers.AsSpan(PciRegisters.BaseAddress0, 24));
    });

    [Fact]
    public void Host_configuration_accesses_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        Span<byte> bytes = stackalloc byte[4];
        _machine.Nic.HostConfig.Read(PciRegisters.Command, bytes);
        _machine.Nic.HostConfig.Write(PciRegisters.Command, bytes);
    });

    [Fact]
    public void A_whole_sleep_through_D3cold_allocates_nothing() => AssertAllocatesNothing(() =>
    {
        _device.Config.WritePmcsrState(PowerState.D3Hot);
        _machine.Settle();
        _device.Config.WritePmcsrState(PowerState.D0);
    });

    [Fact]
    public void The_state_hash_allocates_nothing() => AssertAllocatesNothing(() => _machine.Host.ComputeStateHash());

    private static void AssertAllocatesNothing(Action act)
    {
        for (int i = 0; i < 100; i++)
        {
            act();
        }

        // Nor does it depend on what the collector takes, such as what reflection remembers.
        GC.Collect();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            act();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }
}
