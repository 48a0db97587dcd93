namespace VfioPm;

/// <summary>
/// A function that the kernel does not know, since it was removed (sysfs <c>remove</c>) or came while nobody looked: what a rescan
/// finds it by.
/// </summary>
internal sealed class AbsentFunction : INumbered
{
    public AbsentFunction(PciFunction hardware, PlatformPower? platform, int iommuGroup)
    {
        Hardware = hardware;
        Platform = platform;
        IommuGroup = iommuGroup;
    }

    private AbsentFunction(AbsentFunction original, ForkContext fork)
    {
        fork.Register(original, this);
        Hardware = fork.Of(original.Hardware);
        Platform = fork.OfNullable(original.Platform);
        IommuGroup = original.IommuGroup;
    }

    public PciFunction Hardware { get; }

    /// <summary>What the firmware's tables have for it: they know it all the same.</summary>
    public PlatformPower? Platform { get; }

    public int IommuGroup { get; }

    public int Index => Hardware.Index;

    /// <summary>Whether anybody answers there now (<c>pci_bus_read_dev_vendor_id()</c>).</summary>
    public bool Answers => Hardware.ReadCycle(PciRegisters.VendorId, 4) is not (uint.MaxValue or 0 or 0xffff or 0xffff_0000);

    public IForkable Fork(ForkContext fork) => new AbsentFunction(this, fork);

    public void AddTo(ref StateHash hash)
    {
        Hardware.AddTo(ref hash);
        Platform?.AddTo(ref hash);
        hash.Add(IommuGroup);
    }
}
