using System.Buffers.Binary;

namespace VfioPm;

/// <summary>Finds out from a function's registers which rows of <see cref="RegisterRules"/> apply to it.</summary>
internal static class LayoutBuilder
{
    public static ConfigurationLayout Build(
        DeviceImage image, CapabilityList capabilities, HardwareBehavior behavior)
    {
        ReadOnlySpan<byte> space = image.Space;
        var layout = new ConfigurationLayout(space);
        bool conventional = capabilities.Find(CapabilityId.Express) is null;
        int headerType = space[PciRegisters.HeaderType] & PciRegisters.HeaderTypeMask;
        if (headerType <= PciRegisters.HeaderTypeCardBus)
        {
            layout.Add(0, RegisterRules.Header);
            layout.Add(0, conventional ? RegisterRules.ConventionalHeader : []);
        }

        if (headerType == PciRegisters.HeaderTypeBridge)
        {
            layout.Add(0, RegisterRules.BridgeHeader);
            layout.Add(0, conventional ? RegisterRules.ConventionalBridgeHeader : []);
        }

        foreach (Bar bar in image.Bars)
        {
            layout.Add(bar.Register, new RegisterRule(0, 4, (uint)bar.WritableBits));
            if (bar.Is64Bit)
            {
                layout.Add(bar.Register, new RegisterRule(4, 4, (uint)(bar.WritableBits >> 32)));
            }
        }

        foreach (Capability capability in capabilities.Items)
        {
            Add(layout, space, capability, behavior);
        }

        foreach (RegisterRule deviation in image.Deviations)
        {
            layout.Replace(deviation);
        }

        return layout;
    }

    private static void Add(
        ConfigurationLayout layout, ReadOnlySpan<byte> space, Capability capability, HardwareBehavior behavior)
    {
        switch (capability)
        {
            case { IsExtended: false, Id: CapabilityId.PowerManagement }:
                AddPowerManagement(layout, Flags(space, capability.Offset), capability.Offset, behavior);
                break;
            case { IsExtended: false, Id: CapabilityId.Msi }:
                AddMsi(layout, Flags(space, capability.Offset), capability.Offset);
                break;
            case { IsExtended: false, Id: CapabilityId.MsiX }:
                layout.Add(capability.Offset, RegisterRules.MsiX);
                break;
            case { IsExtended: false, Id: CapabilityId.Express }:
                AddExpress(layout, Flags(space, capability.Offset), capability.Offset);
                break;
            case { IsExtended: true, Id: ExtendedCapabilityId.AdvancedErrorReporting }:
                layout.Add(capability.Offset, RegisterRules.AdvancedErrorReporting);
                break;
        }
    }

    private static void AddPowerManagement(
        ConfigurationLayout layout, int capabilities, int offset, HardwareBehavior behavior)
    {
        layout.Add(offset, RegisterRules.PowerManagement);
        layout.Add(
            offset, behavior.KeepsPowerStateOverResets ? RegisterRules.StickyPowerState : RegisterRules.PowerState);
        if ((capabilities & PmRegisters.PmeSupportD3Cold) != 0)
        {
            layout.Add(offset, RegisterRules.AuxiliaryPmeContext);
        }
        else if ((capabilities & PmRegisters.PmeSupportMask) != 0)
        {
            layout.Add(offset, RegisterRules.PmeContext);
        }
    }

    private static void AddMsi(ConfigurationLayout layout, int control, int offset)
    {
        bool wide = (control & MsiRegisters.Address64) != 0;
        bool maskable = (control & MsiRegisters.Maskable) != 0;
        layout.Add(offset, RegisterRules.Msi);
        layout.Add(offset, wide ? RegisterRules.Msi64Bit : RegisterRules.Msi32Bit);
        if (maskable)
        {
            layout.Add(offset, wide ? RegisterRules.Msi64BitMask : RegisterRules.Msi32BitMask);
        }
    }

    private static void AddExpress(ConfigurationLayout layout, int flags, int offset)
    {
        var type = (ExpressPortType)((flags >> 4) & 0xf);
        layout.Add(offset, RegisterRules.Express);
        if (type is ExpressPortType.RootPort or ExpressPortType.DownstreamPort)
        {
            layout.Add(offset, RegisterRules.ExpressDownstreamPort);
            layout.Add(offset, (flags & ExpressRegisters.FlagsSlot) != 0 ? RegisterRules.ExpressSlot : []);
        }

        if ((flags & 0xf) >= 2)
        {
            layout.Add(offset, RegisterRules.ExpressVersion2);
        }
    }

    /// <summary>The 16 bits behind a capability's header, where all four keep what they can; 0 past the end.</summary>
    private static int Flags(ReadOnlySpan<byte> space, int offset) =>
        offset + 4 <= space.Length ? BinaryPrimitives.ReadUInt16LittleEndian(space[(offset + 2)..]) : 0;
}
