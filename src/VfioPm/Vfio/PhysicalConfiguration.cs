namespace VfioPm;

/// <summary>A function's registers as vfio-pci reaches them (<c>pci_user_read_config_*()</c>).</summary>
internal sealed class PhysicalConfiguration(PciDevice device) : IPhysicalConfiguration
{
    public int Size => device.Hardware.Configuration.Size;

    public uint Read(int offset, int width) => device.ReadConfig(offset, width);

    public KernelResult Write(int offset, int width, uint value)
    {
        device.WriteConfig(offset, width, value);
        return KernelResult.Success;
    }

    public IForkable Fork(ForkContext fork) => new PhysicalConfiguration(fork.Of(device));
}
