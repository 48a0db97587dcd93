namespace VfioPm;

/// <summary>A function's registers as vfio-pci reaches them.</summary>
internal sealed class PhysicalConfiguration(PciDevice device) : IPhysicalConfiguration
{
    public int Index => device.RuntimePm.Index;

    public int Size => device.Hardware.Configuration.Size;

    public CommonArrays Common => device.Hardware.Configuration.Layout.Common;

    public uint Read(int offset, int width) => device.ReadConfig(offset, width);

    public KernelCall<uint> ReadByUser(int offset, int width) => device.Access.Read(offset, width);

    public KernelCall<int> WriteByUser(int offset, int width, uint value) => device.Access.Write(offset, width, value);

    public IForkable Fork(ForkContext fork) => new PhysicalConfiguration(fork.Of(device));
}
