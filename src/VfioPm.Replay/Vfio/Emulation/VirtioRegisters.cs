namespace VfioPm;

/// <summary>The emulator's virtio network adapter as far as the recordings touch it: memory, and an option ROM.</summary>
internal sealed class VirtioRegisters : IDeviceRegisters
{
    private static readonly OptionRom Rom = new(blocks: 0x94);

    private readonly RamRegisters _memory;

    public VirtioRegisters() => _memory = new RamRegisters();

    private VirtioRegisters(VirtioRegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        _memory = fork.Of(original._memory);
    }

    public ulong Read(int bar, long offset, int width) =>
        bar == Bar.RomIndex ? Rom.Read(offset, width) : _memory.Read(bar, offset, width);

    public void Write(int bar, long offset, int width, ulong value) => _memory.Write(bar, offset, width, value);

    public void Reset(ResetKind kind) => _memory.Reset(kind);

    public IForkable Fork(ForkContext fork) => new VirtioRegisters(this, fork);

    public void AddTo(ref StateHash hash) => _memory.AddTo(ref hash);
}
