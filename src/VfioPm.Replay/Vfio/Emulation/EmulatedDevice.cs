namespace VfioPm;

/// <summary>
/// What the emulator's model of a device does, where a recording shows it: which bits of configuration space it lets
/// software write, and what is behind its BARs.
/// </summary>
internal static class EmulatedDevice
{
    private const uint E1000E = 0x10d3_8086;
    private const uint I82559 = 0x1229_8086;
    private const uint Nvme = 0x0010_1b36;
    private const uint Edu = 0x11e8_1234;
    private const uint VirtioNet = 0x1041_1af4;
    private const uint Ahci = 0x2922_8086;
    private const uint HdAudio = 0x293e_8086;
    private const uint Xhci = 0x0194_1033;
    private const uint MegaSas = 0x005b_1000;
    private const uint VmxNet3 = 0x07b0_15ad;
    private const uint E1000 = 0x100e_8086;

    // Correctable, non-fatal, fatal, unsupported: which errors are reported.
    private const uint ErrorReporting = 0x000f;

    // Buttons, indicators, the slot's power, interrupts; but not that of a link that changed.
    private const uint SlotControl = 0x07f9;

    // Which errors are system errors; but nobody can be told of a PME.
    private const uint RootControl = 0x0007;

    private const uint PowerStateAndDataSelect = PmRegisters.StateMask | PmRegisters.DataSelectMask;

    /// <summary>The function with the emulator's register bits in place of the specifications'.</summary>
    /// <param name="image">The function.</param>
    /// <param name="hasPmcsr">Whether PMCSR can be written at all.</param>
    public static DeviceImage Refine(DeviceImage image, bool hasPmcsr)
    {
        uint? pmcsr = IdOf(image) switch
        {
            _ when !hasPmcsr => 0,

            // PME_En is kept although PME# is not supported.
            E1000E => PowerStateAndDataSelect | PmRegisters.PmeEnable,
            Nvme or VirtioNet => PmRegisters.StateMask,
            I82559 => 0,
            _ => null,
        };
        if (pmcsr is { } kept && image.Capabilities.Find(CapabilityId.PowerManagement) is { } pm)
        {
            image = image.WithWritableBits(pm.Offset + PmRegisters.ControlStatus, 2, kept);
        }

        if (!image.IsBridge && image.Capabilities.Find(CapabilityId.Express) is null)
        {
            image = image.WithWritableBits(PciRegisters.LatencyTimer, 1, 0);
        }

        if (image.Capabilities.Find(CapabilityId.Express) is not { } express)
        {
            return image;
        }

        return image.IsBridge
            ? RefinePort(image, express.Offset)
            : image
                .WithWritableBits(
                    express.Offset + ExpressRegisters.DeviceControl, 2, IdOf(image) == VirtioNet ? ErrorReporting : 0)
                .WithWritableBits(express.Offset + ExpressRegisters.DeviceControl2, 2, 0);
    }

    /// <summary>The emulator's silicon, which differs from device to device in one thing.</summary>
    public static HardwareBehavior BehaviorOf(DeviceImage image) => HardwareBehavior.Emulator with
    {
        KeepsPmcsrOverResets = IdOf(image) != VirtioNet,
    };

    /// <summary>A virtual function with the emulator's register bits: COMMAND as if it were a physical one.</summary>
    public static DeviceImage RefineVirtual(DeviceImage image)
    {
        const uint Command = PciRegisters.CommandIo | PciRegisters.CommandMemory | PciRegisters.CommandMaster
            | PciRegisters.CommandInterruptDisable;

        image = image.WithWritableBits(PciRegisters.Command, 2, Command);
        return image.Capabilities.Find(CapabilityId.PowerManagement) is { } pm
            ? image.WithWritableBits(pm.Offset + PmRegisters.ControlStatus, 2, PmRegisters.StateMask)
            : image;
    }

    /// <summary>What no reset of the device reaches, and recordings do not say.</summary>
    public static UnknownBytes FindUnknown(DeviceImage image) => IdOf(image) switch
    {
        Edu => EduRegisters.MakeUnknown(),
        I82559 => I82559Registers.MakeUnknown(),
        Ahci or HdAudio or Xhci or MegaSas or VmxNet3 or E1000 => UnknownBytes.Everything,
        _ => new UnknownBytes(),
    };

    /// <summary>What is behind the BARs, or null where no recording looks.</summary>
    /// <param name="image">The function.</param>
    /// <param name="unknown">What is not known of it.</param>
    public static IDeviceRegisters? MakeRegisters(DeviceImage image, UnknownBytes unknown) => IdOf(image) switch
    {
        E1000E => new E1000ERegisters(),
        Nvme => new NvmeRegisters(),
        Edu => new EduRegisters(unknown),
        I82559 => new I82559Registers(unknown),
        VirtioNet => new VirtioRegisters(),
        Ahci or HdAudio or Xhci or MegaSas or VmxNet3 or E1000 => new UnknownRegisters(unknown),
        _ => null,
    };

    private static DeviceImage RefinePort(DeviceImage image, int express)
    {
        int flags = BitConverter.ToUInt16(image.Bytes.Span[(express + ExpressRegisters.Flags)..]);
        if ((flags & ExpressRegisters.FlagsSlot) != 0)
        {
            image = image.WithWritableBits(express + ExpressRegisters.SlotControl, 2, SlotControl);
        }

        image = image.WithWritableBits(express + ExpressRegisters.LinkControl, 2, 0);
        return image.Bytes.Span[express + ExpressRegisters.Flags] >> 4 == (int)ExpressPortType.RootPort
            ? image.WithWritableBits(express + ExpressRegisters.RootControl, 2, RootControl)
            : image;
    }

    private static uint IdOf(DeviceImage image) => BitConverter.ToUInt32(image.Bytes.Span);
}
