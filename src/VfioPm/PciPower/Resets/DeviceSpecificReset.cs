namespace VfioPm;

/// <summary>Resets that Linux has for single devices (<c>pci_dev_reset_methods</c> in <c>drivers/pci/quirks.c</c>).</summary>
internal sealed class DeviceSpecificReset
{
    private const uint Any = 0;

    private static readonly DeviceSpecificReset[] All =
    [
        new(0x8086, 0x10ed, static _ => true, FunctionLevelReset.Reset),
        new(0x8086, 0x0156, static _ => true, ResetIvyBridgeGraphics),
        new(0x8086, 0x0166, static _ => true, ResetIvyBridgeGraphics),
        new(0x144d, 0xa804, IsResettableNvme, DisableNvmeAndReset),
        new(0x8086, 0x0953, FunctionLevelReset.IsThere, ResetAndWait),
        new(0x8086, 0x0a54, FunctionLevelReset.IsThere, ResetAndWait),
        new(0x025e, 0xf1ac, FunctionLevelReset.IsThere, ResetAndWait),
        new(0x1425, Any, static device => (device.DeviceId & 0xf000) == 0x4000, ResetChelsio),
        new(0x19e5, 0x375e, static _ => true, ResetHinicFunction),
    ];

    private readonly uint _vendor;
    private readonly uint _device;

    private DeviceSpecificReset(
        uint vendor, uint device, Func<PciDevice, bool> isThere, Func<PciDevice, KernelCall<int>> reset)
    {
        _vendor = vendor;
        _device = device;
        IsThere = isThere;
        Reset = reset;
    }

    /// <summary>Whether it is for this very device (<c>PCI_RESET_PROBE</c>).</summary>
    public Func<PciDevice, bool> IsThere { get; }

    /// <summary>Carries it out.</summary>
    public Func<PciDevice, KernelCall<int>> Reset { get; }

    /// <summary>The first one for a device's IDs, and no other (<c>pci_dev_specific_reset()</c>).</summary>
    public static DeviceSpecificReset? Find(PciDevice device) => Array.Find(
        All, method => method._vendor == device.VendorId && (method._device == Any || method._device == device.DeviceId));

    /// <summary>
    /// Ivy Bridge's graphics: the panel's power is taken, and within ten seconds it is off (<c>reset_ivb_igd()</c>).
    /// </summary>
    private static async KernelCall<int> ResetIvyBridgeGraphics(PciDevice device)
    {
        const int MessageControl = 0x45010;
        const int SouthChicken2 = 0xc2004;
        const int PanelStatus = 0xc7200;
        const int PanelControl = 0xc7204;
        const int PowerState = 0xd0100;
        const uint PanelOn = 0xb000_0000;
        if (device.Hardware.FindBar(0) is null)
        {
            return -Errno.ENOMEM;
        }

        Write(device, MessageControl, 0x2);
        Write(device, SouthChicken2, 0x5);
        Write(device, PanelControl, Read(device, PanelControl) & ~1u);
        TimeSpan end = device.Kernel.Clock.Now + TimeSpan.FromSeconds(10);
        while ((Read(device, PanelStatus) & PanelOn) != 0 && device.Kernel.Clock.Now < end)
        {
            await device.Msleep(TimeSpan.FromMilliseconds(10));
        }

        if ((Read(device, PanelStatus) & PanelOn) != 0)
        {
            PciPowerLog.PanelStillOn(device.Logger, device.Name);
        }

        Write(device, PowerState, 0x2);
        return 0;
    }

    private static bool IsResettableNvme(PciDevice device) =>
        PciIdentity.In(device.Hardware.Configuration).Class == 0x010802
        && FunctionLevelReset.IsThere(device)
        && device.Hardware.FindBar(0) is not null;

    /// <summary>
    /// A controller that may not survive a function level reset while it is enabled is disabled first, and said to be when it is
    /// no longer ready (<c>nvme_disable_and_flr()</c>).
    /// </summary>
    private static async KernelCall<int> DisableNvmeAndReset(PciDevice device)
    {
        const int Capabilities = 0x00;
        const int Configuration = 0x14;
        const int Status = 0x1c;
        const uint Enable = 0x1;
        const uint Shutdown = 0xc000;
        const uint Ready = 0x1;
        device.Command.Update(clear: 0, set: PciRegisters.CommandMemory);
        uint configuration = Read(device, Configuration);
        if ((configuration & Enable) != 0)
        {
            Write(device, Configuration, configuration & ~(Enable | Shutdown));
            uint halfSeconds = ((Read(device, Capabilities) >> 24) & 0xff) + 1;
            TimeSpan end = device.Kernel.Clock.Now + TimeSpan.FromMilliseconds(500 * halfSeconds);
            while ((Read(device, Status) & Ready) != 0)
            {
                await device.Msleep(TimeSpan.FromMilliseconds(100));
                if (device.Kernel.Clock.Now > end)
                {
                    PciPowerLog.NvmeStillReady(device.Logger, device.Name);
                    break;
                }
            }
        }

        await FunctionLevelReset.Reset(device);
        return 0;
    }

    /// <summary>A function level reset, and a quarter of a second in peace (<c>delay_250ms_after_flr()</c>).</summary>
    private static async KernelCall<int> ResetAndWait(PciDevice device)
    {
        await FunctionLevelReset.Reset(device);
        await device.Msleep(TimeSpan.FromMilliseconds(250));
        return 0;
    }

    /// <summary>
    /// Chelsio's T4 needs bus mastering and MSI-X on for its function level reset (<c>reset_chelsio_generic_dev()</c>).
    /// </summary>
    private static async KernelCall<int> ResetChelsio(PciDevice device)
    {
        uint command = device.ReadConfig(PciRegisters.Command, 2);
        device.WriteConfig(PciRegisters.Command, 2, command | PciRegisters.CommandMaster);
        await PciPm.SaveState(device);
        EnableMsiXMasked(device);
        await FunctionLevelReset.Reset(device);
        await PciPm.RestoreState(device);
        device.WriteConfig(PciRegisters.Command, 2, command);
        return 0;
    }

    private static void EnableMsiXMasked(PciDevice device)
    {
        if (device.Hardware.Capabilities.Find(CapabilityId.MsiX) is { Offset: int offset })
        {
            uint control = device.ReadConfig(offset + MsiRegisters.MessageControl, 2);
            if ((control & MsiRegisters.MsiXEnable) == 0)
            {
                device.WriteConfig(
                    offset + MsiRegisters.MessageControl, 2, control | MsiRegisters.MsiXEnable | MsiRegisters.MsiXMaskAll);
            }
        }
    }

    /// <summary>
    /// Virtual functions of Huawei's network card, whose firmware says within 15 seconds when it is through
    /// (<c>reset_hinic_vf_dev()</c>). Its registers are big-endian.
    /// </summary>
    private static async KernelCall<int> ResetHinicFunction(PciDevice device)
    {
        const int Type = 0x1000;
        const int Operation = 0xe80;
        const uint CanReset = 1u << 30;
        const uint IsResetting = 1u << 18;
        if (device.Hardware.FindBar(0) is null || (ReadBigEndian(device, Type) & CanReset) == 0)
        {
            return -Errno.ENOTTY;
        }

        WriteBigEndian(device, Operation, ReadBigEndian(device, Operation) | IsResetting);
        await FunctionLevelReset.Reset(device);

        // The function learns its bus number from a write.
        device.WriteConfig(PciRegisters.VendorId, 2, 0);
        TimeSpan end = device.Kernel.Clock.Now + TimeSpan.FromSeconds(15);
        while ((ReadBigEndian(device, Operation) & IsResetting) != 0 && device.Kernel.Clock.Now < end)
        {
            await device.Msleep(TimeSpan.FromMilliseconds(20));
        }

        uint acknowledged = ReadBigEndian(device, Operation);
        if ((acknowledged & IsResetting) != 0)
        {
            PciPowerLog.ResetNotAcknowledged(device.Logger, device.Name, acknowledged);
        }

        return 0;
    }

    private static uint Read(PciDevice device, int offset) => (uint)device.Hardware.ReadMapped(0, offset, 4);

    private static void Write(PciDevice device, int offset, uint value) => device.Hardware.WriteMapped(0, offset, 4, value);

    private static uint ReadBigEndian(PciDevice device, int offset) =>
        System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Read(device, offset));

    private static void WriteBigEndian(PciDevice device, int offset, uint value) =>
        Write(device, offset, System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value));
}
