using System.Globalization;

namespace VfioPm;

/// <summary>
/// The files of a function's resources: its ROM, its BARs, and how large these may be (<c>drivers/pci/pci-sysfs.c</c>). Only who asks for
/// sizes wakes the function.
/// </summary>
internal static class ResourceAttributes
{
    private const int BarCount = Bar.RomIndex;
    private const int MostSizes = 32;

    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("rom") { IsThere = static device => Find(device, Bar.RomIndex) is not null, Show = ShowRom, Store = SetRomShown },
        .. Enumerable.Range(0, BarCount).SelectMany(OfBar),
    ];

    /// <summary>
    /// What is behind a BAR is mapped, which is <see cref="PciFunction.ReadBar"/>: reading the file of memory gives an error, and reading that
    /// of ports a byte, two or four.
    /// </summary>
    private static PciAttribute[] OfBar(int index) =>
    [
        OfMapping($"resource{index}", device => Find(device, index) is not null, device => Find(device, index)!.IsIo ? Errno.EINVAL : Errno.EIO),
        OfMapping($"resource{index}_wc", device => Find(device, index) is { Prefetchable: true }, static _ => Errno.EIO),
        new($"resource{index}_resize")
        {
            IsThere = device => device.Rules.HasResizeAttributes && FindControl(device, index, device.Hardware.Configuration.Ask) is not null,
            Show = device => ShowSizes(device, index),
            Store = (device, value) => Resize(device, index, value),
        },
    ];

    private static PciAttribute OfMapping(string name, Func<PciDevice, bool> isThere, Func<PciDevice, Errno> error) => new(name)
    {
        IsThere = isThere,
        Show = device => (SysfsResult)error(device),
        Store = (device, _) => -error(device),
    };

    private static Bar? Find(PciDevice device, int index) => device.Config.Bars.FirstOrDefault(bar => bar.Index == index);

    /// <summary>Whoever asks for the ROM has to say so first; where nothing answers there is none (<c>pci_read_rom()</c>).</summary>
    private static KernelCall<SysfsResult> ShowRom(PciDevice device)
    {
        if (!device.IsRomShown)
        {
            return (SysfsResult)Errno.EINVAL;
        }

        ExpansionRom rom = ExpansionRom.Map(device.Hardware, device.Rules);
        if (rom.Size == 0)
        {
            return (SysfsResult)Errno.EIO;
        }

        byte[] image = new byte[rom.Size];
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (byte)device.Hardware.ReadBar(Bar.RomIndex, i, 1);
        }

        rom.Unmap();
        return SysfsResult.OfBytes(image);
    }

    /// <summary><c>pci_write_rom()</c>: a boolean, or before anything but a zero and a line's end.</summary>
    private static KernelCall<int> SetRomShown(PciDevice device, string value)
    {
        bool? isShown = device.Rules.TakesAnythingForRom ? value != "0\n" : SysfsText.ParseBool(value, device.Rules.BooleansHaveEnable);
        device.IsRomShown = isShown ?? device.IsRomShown;
        return isShown is null ? -Errno.EINVAL : 0;
    }

    /// <summary>Bit n stands for 2^n megabytes (<c>pci_rebar_get_possible_sizes()</c>).</summary>
    private static async KernelCall<SysfsResult> ShowSizes(PciDevice device, int index)
    {
        await device.HostConfig.Hold();
        uint sizes = SizesOf(device, index);
        await device.HostConfig.Release();
        return sizes.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>Gives a BAR another size, of a function that nobody drives (<c>__resource_resize_store()</c>).</summary>
    private static async KernelCall<int> Resize(PciDevice device, int index, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong size))
        {
            return -Errno.EINVAL;
        }

        using (await device.Lock.Lock())
        {
            if (device.Driver is not null)
            {
                return -Errno.EBUSY;
            }

            await device.HostConfig.Hold();
            uint command = device.ReadConfig(PciRegisters.Command, 2);
            device.WriteConfig(PciRegisters.Command, 2, command & ~(uint)PciRegisters.CommandMemory);
            int result = ResizeUndecoded(device, index, size);
            device.WriteConfig(PciRegisters.Command, 2, command);
            await device.HostConfig.Release();
            return result;
        }
    }

    /// <summary>
    /// Bridges have no windows here: the BAR stays where it is, and there is room for it if its address is a multiple of its new size
    /// (<c>pci_resize_resource()</c>).
    /// </summary>
    private static int ResizeUndecoded(PciDevice device, int index, ulong size)
    {
        if (size >= MostSizes || (SizesOf(device, index) & (1u << (int)size)) == 0)
        {
            return -Errno.EINVAL;
        }

        ulong bytes = 1UL << (ResizableBars.Megabyte + (int)size);
        if (device.Hardware.AddressOf(Find(device, index)!) % bytes != 0)
        {
            return -Errno.ENOSPC;
        }

        int control = FindControl(device, index, device.ReadConfig)!.Value;
        device.WriteConfig(control, 4, ResizableBars.WithSize(device.ReadConfig(control, 4), bytes));
        device.FollowBarSizes();
        return 0;
    }

    private static uint SizesOf(PciDevice device, int index) => FindControl(device, index, device.ReadConfig) is { } control
        ? (device.ReadConfig(control - 4, 4) & device.Rules.KnownBarSizes) >> 4
        : 0;

    /// <summary>The control register of a BAR (<c>pci_rebar_find_pos()</c>).</summary>
    private static int? FindControl(PciDevice device, int index, Func<int, int, uint> read)
    {
        if (device.Config.Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar) is not { } capability)
        {
            return null;
        }

        int first = capability.Offset + 8;
        uint count = (read(first, 4) >> 5) & 0x7;
        for (int i = 0; i < count; i++)
        {
            if ((read(first + (8 * i), 4) & 0x7) == index)
            {
                return first + (8 * i);
            }
        }

        return null;
    }
}
