using System.Buffers.Binary;

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

    /// <summary>
    /// BARs that hold nothing, since power was off meanwhile, get the addresses again that firmware gave them and nobody else has
    /// taken (<c>pci_assign_unassigned_bus_resources()</c>).
    /// </summary>
    public void AssignBars()
    {
        foreach (Bar bar in Hardware.Bars)
        {
            if (bar.Index != Bar.RomIndex && bar.AddressIn(Hardware.Configuration) == 0)
            {
                for (int register = bar.Register; register < bar.Register + (bar.Is64Bit ? 8 : 4); register += 4)
                {
                    Hardware.WriteCycle(register, 4, BinaryPrimitives.ReadUInt32LittleEndian(Hardware.Image.Bytes.Span[register..]));
                }
            }
        }
    }

    public IForkable Fork(ForkContext fork) => new AbsentFunction(this, fork);

    public void AddTo(ref StateHash hash)
    {
        Hardware.AddTo(ref hash);
        Platform?.AddTo(ref hash);
        hash.Add(IommuGroup);
    }
}
