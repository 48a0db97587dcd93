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

    private const uint PowerStateAndDataSelect = PmRegisters.StateMask | PmRegisters.DataSelectMask;

    /// <summary>The function with the emulator's register bits in place of the specifications'.</summary>
    public static DeviceImage Refine(DeviceImage image)
    {
        uint? pmcsr = IdOf(image) switch
        {
            // PME_En is kept although PME# is not supported.
            E1000E => PowerStateAndDataSelect | PmRegisters.PmeEnable,
            Nvme => PmRegisters.StateMask,
            I82559 => 0,
            _ => null,
        };
        if (pmcsr is { } kept && image.Capabilities.Find(CapabilityId.PowerManagement) is { } pm)
        {
            image = image.WithWritableBits(pm.Offset + PmRegisters.ControlStatus, 2, kept);
        }

        return !image.IsBridge && image.Capabilities.Find(CapabilityId.Express) is { } express
            ? image.WithWritableBits(express.Offset + ExpressRegisters.DeviceControl, 2, 0)
            : image;
    }

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

    /// <summary>What is behind the BARs, or null where no recording looks.</summary>
    /// <param name="image">The function.</param>
    /// <param name="isUsed">
    /// Whether earlier scenarios of the same boot have changed what no reset reaches; recordings do not say.
    /// </param>
    public static IDeviceRegisters? MakeRegisters(DeviceImage image, bool isUsed) => IdOf(image) switch
    {
        E1000E => new E1000ERegisters(),
        Nvme => new NvmeRegisters(),
        Edu => new EduRegisters(factorial: isUsed ? 1u : 0u),
        I82559 => new I82559Registers(isReset: isUsed),
        _ => null,
    };

    private static uint IdOf(DeviceImage image) => BitConverter.ToUInt32(image.Bytes.Span);
}
