using System.Buffers.Binary;

namespace VfioPm;

/// <summary>Finds out from a function's registers which rows of <see cref="RegisterRules"/> apply to it.</summary>
internal static class LayoutBuilder
{
    /// <summary>The layout of a function that is made from an image, of silicon that behaves so.</summary>
    public static ConfigurationLayout LayoutOf(DeviceImage image, HardwareBehavior behavior) =>
        image.Findings.Layouts.GetOrAdd((behavior, IsVirtual: false), static (kind, image) => Build(image, kind.Behavior), image);

    /// <summary>The layout of a virtual function: one that leaves much to the physical function.</summary>
    public static ConfigurationLayout VirtualLayoutOf(DeviceImage image, HardwareBehavior behavior) =>
        image.Findings.Layouts.GetOrAdd((behavior, IsVirtual: true), static (kind, image) => BuildVirtual(image, kind.Behavior), image);

    private static ConfigurationLayout Build(DeviceImage image, HardwareBehavior behavior)
    {
        byte[] space = image.Space;
        CapabilityList capabilities = image.Capabilities;
        var layout = new ConfigurationLayout(space);
        ExpressPortType? port = PortTypeOf(space, capabilities);
        bool conventional = port is null;
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

        ResizableBars? resizable = ResizableBars.Find(space, capabilities);
        AddBars(
            layout, [.. image.Bars.Select(bar => resizable?.AsSmallAsPossible(bar) ?? bar)], ResetSurvival.None);
        AddBars(
            layout, image.VfBars, behavior.KeepsSriovOverResets ? ResetSurvival.PowerLoss : ResetSurvival.None);
        foreach (Capability capability in capabilities.Items)
        {
            Add(layout, space, capability, port, behavior);
        }

        return Deviate(layout, image, capabilities, behavior);
    }

    private static ConfigurationLayout BuildVirtual(DeviceImage image, HardwareBehavior behavior)
    {
        byte[] space = image.Space;
        CapabilityList capabilities = image.Capabilities;
        var layout = new ConfigurationLayout(space);
        layout.Add(0, RegisterRules.VirtualHeader);
        foreach (Capability capability in capabilities.Items)
        {
            if (capability is { IsExtended: false, Id: CapabilityId.Express })
            {
                layout.Add(capability.Offset, RegisterRules.VirtualExpress);
            }
            else
            {
                Add(layout, space, capability, port: null, behavior);
            }
        }

        return Deviate(layout, image, capabilities, behavior);
    }

    private static ConfigurationLayout Deviate(
        ConfigurationLayout layout, DeviceImage image, CapabilityList capabilities, HardwareBehavior behavior)
    {
        foreach (RegisterRule deviation in image.Deviations)
        {
            layout.Replace(deviation);
        }

        if (behavior.KeepsPmcsrOverResets && capabilities.Find(CapabilityId.PowerManagement) is { } pm)
        {
            layout.Keep(pm.Offset + PmRegisters.ControlStatus, 2);
        }

        return layout;
    }

    private static void AddBars(ConfigurationLayout layout, IReadOnlyList<Bar> bars, ResetSurvival survival)
    {
        foreach (Bar bar in bars)
        {
            layout.Add(bar.Register, new RegisterRule(0, 4, (uint)bar.WritableBits, Survival: survival));
            if (bar.Is64Bit)
            {
                layout.Add(
                    bar.Register, new RegisterRule(4, 4, (uint)(bar.WritableBits >> 32), Survival: survival));
            }
        }
    }

    private static void Add(
        ConfigurationLayout layout, byte[] space, Capability capability, ExpressPortType? port, HardwareBehavior behavior)
    {
        if (capability.IsExtended)
        {
            layout.Add(capability.Offset, ExtendedRegisterRules.Of(capability, space, port, behavior));
        }
        else
        {
            AddStandard(layout, space, capability, behavior);
        }
    }

    private static void AddStandard(
        ConfigurationLayout layout, ReadOnlySpan<byte> space, Capability capability, HardwareBehavior behavior)
    {
        switch (capability.Id)
        {
            case CapabilityId.PowerManagement:
                AddPowerManagement(layout, space, capability.Offset);
                break;
            case CapabilityId.VitalProductData:
                layout.Add(capability.Offset, RegisterRules.VitalProductData);
                break;
            case CapabilityId.Msi:
                AddMsi(layout, Flags(space, capability.Offset), capability.Offset);
                break;
            case CapabilityId.MsiX:
                layout.Add(capability.Offset, RegisterRules.MsiX);
                break;
            case CapabilityId.Express:
                AddExpress(layout, space, capability.Offset);
                break;
            case CapabilityId.PciX:
                layout.Add(capability.Offset, RegisterRules.PciX);
                break;
        }
    }

    private static void AddPowerManagement(ConfigurationLayout layout, ReadOnlySpan<byte> space, int offset)
    {
        int capabilities = Flags(space, offset);
        layout.Add(offset, HasData(space, offset) ? RegisterRules.DataSelect : []);
        layout.Add(offset, RegisterRules.PowerState);
        if ((capabilities & PmRegisters.PmeSupportD3Cold) != 0)
        {
            layout.Add(offset, RegisterRules.AuxiliaryPmeContext);
        }
        else if ((capabilities & PmRegisters.PmeSupportMask) != 0)
        {
            layout.Add(offset, RegisterRules.PmeContext);
        }
    }

    /// <summary>Whether there is a data register: without one all that there is about it is zero.</summary>
    private static bool HasData(ReadOnlySpan<byte> space, int offset) => offset + PmRegisters.Size <= space.Length
        && (BinaryPrimitives.ReadUInt32LittleEndian(space[(offset + PmRegisters.ControlStatus)..]) & PmRegisters.AllOfData) != 0;

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

    private static void AddExpress(ConfigurationLayout layout, ReadOnlySpan<byte> space, int offset)
    {
        int flags = Flags(space, offset);
        ExpressPortType type = ExpressRegisters.TypeOf(flags);
        layout.Add(offset, RegisterRules.Express);
        if (type is ExpressPortType.RootPort or ExpressPortType.DownstreamPort)
        {
            layout.Add(offset, RegisterRules.ExpressDownstreamPort);
            layout.Add(offset, (flags & ExpressRegisters.FlagsSlot) != 0 ? RegisterRules.ExpressSlot : []);
        }

        if (type is ExpressPortType.RootPort or ExpressPortType.EventCollector)
        {
            // Root Capabilities are where Flags() looks from Root Control on.
            bool showsRetries = (Flags(space, offset + ExpressRegisters.RootControl) & ExpressRegisters.RootCapabilitiesRetryVisible) != 0;
            layout.Add(offset, RegisterRules.ExpressRoot);
            layout.Add(offset, showsRetries ? RegisterRules.ExpressRetries : []);
        }

        if ((flags & ExpressRegisters.FlagsVersion) >= 2)
        {
            layout.Add(offset, RegisterRules.ExpressVersion2);
        }
    }

    private static ExpressPortType? PortTypeOf(byte[] space, CapabilityList capabilities) =>
        capabilities.Find(CapabilityId.Express) is { } express
            ? ExpressRegisters.TypeOf(Flags(space, express.Offset))
            : null;

    /// <summary>The 16 bits behind a capability's header, where all four keep what they can; 0 past the end.</summary>
    private static int Flags(ReadOnlySpan<byte> space, int offset) =>
        offset + 4 <= space.Length ? BinaryPrimitives.ReadUInt16LittleEndian(space[(offset + 2)..]) : 0;
}
