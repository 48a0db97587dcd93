namespace VfioPm.Cli;

/// <summary>What one function's registers say about its power, in lines for people.</summary>
internal sealed class FunctionReport(PciFunction function, TextWriter output)
{
    private const int LabelWidth = 16;

    private static readonly (uint Mask, string Name)[] CommandFlags =
    [
        (PciRegisters.CommandIo, "I/O"),
        (PciRegisters.CommandMemory, "memory"),
        (PciRegisters.CommandMaster, "bus master"),
        (PciRegisters.CommandInterruptDisable, "INTx off"),
    ];

    private static readonly (uint Mask, string Name)[] AspmFlags = [(0x1, "L0s"), (0x2, "L1")];

    private readonly ConfigurationSpace _space = function.Configuration;

    public void Write()
    {
        output.WriteLine($"{function.Address} {function.Image.Title}");
        if (!function.Image.Bytes.Span.ContainsAnyExcept((byte)0xff))
        {
            Line("Configuration", "all ones: nothing answered, as without power");
            return;
        }

        Line("Configuration", $"{function.Image.Bytes.Length} bytes, header type {HeaderType}");
        Line("Command", Flags(_space.Read(PciRegisters.Command, 2), CommandFlags));
        WriteBridge();
        WriteBars();
        WritePowerManagement();
        WriteExpress();
        WriteCapabilities();
        WriteQuirks();
    }

    private uint HeaderType => _space.Read(PciRegisters.HeaderType, 1) & PciRegisters.HeaderTypeMask;

    private void WriteBridge()
    {
        if (function.Bridge is not { } bridge)
        {
            return;
        }

        Line("Buses", $"primary {bridge.PrimaryBus:x2}, secondary {bridge.SecondaryBus:x2}, "
            + $"subordinate {bridge.SubordinateBus:x2}{(bridge.BusReset ? ", held in reset" : "")}");
        Line("Windows", $"I/O {Window(bridge.IoWindow)}, memory {Window(bridge.MemoryWindow)}, "
            + $"prefetchable {Window(bridge.PrefetchableWindow)}");
    }

    private void WriteBars()
    {
        foreach (Bar bar in function.Bars)
        {
            string kind = bar.Kind switch
            {
                BarKind.Io => "I/O ports",
                BarKind.Rom => "expansion ROM",
                BarKind.Memory64 => "64-bit memory",
                _ => "32-bit memory",
            };
            Line(
                bar.Kind == BarKind.Rom ? "ROM" : $"BAR {bar.Index}",
                $"{kind}{(bar is { Prefetchable: true, Kind: not BarKind.Rom } ? ", prefetchable" : "")} "
                + $"at 0x{bar.AddressIn(_space):x}, 0x{bar.Size:x} bytes{(bar.IsSizeGuessed ? " (guessed: the dump has no size)" : "")}, "
                + (function.Decodes(bar) ? "decoded" : "not decoded"));
        }
    }

    /// <summary>What Linux knows better of it than its registers.</summary>
    private void WriteQuirks()
    {
        foreach (PciQuirk quirk in PciQuirks.Of(function.Image))
        {
            string releases = quirk.Releases == QuirkReleases.All ? "" : $" (Linux {ReleasesOf(quirk)} only)";
            Line("Quirk", $"{quirk.Name}{releases}: {quirk.Meaning}");
        }
    }

    private static string ReleasesOf(PciQuirk quirk) => string.Join(
        ", ",
        new[] { (QuirkReleases.Linux6_1, "6.1"), (QuirkReleases.Linux6_12, "6.12"), (QuirkReleases.Linux7_3, "7.3") }
            .Where(release => quirk.Releases.HasFlag(release.Item1))
            .Select(static release => release.Item2));

    private void WritePowerManagement()
    {
        if (function.Pm is not { } pm)
        {
            Line("Power", "no Power Management capability: D0 for as long as there is power");
            return;
        }

        PowerState[] states =
            [.. Enum.GetValues<PowerState>().Where(state => state <= PowerState.D3Hot && pm.Supports(state))];
        PowerState[] pmeStates = [.. Enum.GetValues<PowerState>().Where(pm.SupportsPmeFrom)];
        Line("Power", $"[{pm.Offset:x2}] version {pm.Version}, states {string.Join(' ', states.Select(state => state.KernelName))}, "
            + $"auxiliary current {pm.AuxCurrentMilliamps} mA"
            + (pm.DeviceSpecificInitialization ? ", needs initialisation of its own" : ""));
        Line("PMCSR", $"0x{pm.ControlStatus:x4}: {pm.State.KernelName}, "
            + (pm.NoSoftReset ? "registers survive D3hot (NoSoftReset)" : "leaving D3hot resets (no NoSoftReset)")
            + $", data select {pm.DataSelect}, scale {pm.DataScale}");
        Line("PME#", pmeStates.Length == 0
            ? "from no state"
            : $"from {string.Join(' ', pmeStates.Select(state => state.KernelName))}; {(pm.PmeEnabled ? "enabled" : "disabled")}"
                + $", status {(pm.PmeStatus ? "set" : "clear")}");
    }

    private void WriteExpress()
    {
        if (function.Capabilities.Find(CapabilityId.Express) is not { } express)
        {
            return;
        }

        uint flags = Field(express, ExpressRegisters.Flags, 2);
        var type = (ExpressPortType)((flags >> 4) & 0xf);
        uint capabilities = Field(express, ExpressRegisters.DeviceCapabilities, 4);
        bool flr = (capabilities & ExpressRegisters.DeviceCapabilitiesFlr) != 0;
        uint linkControl = Field(express, ExpressRegisters.LinkControl, 2);
        Line("PCI Express", $"[{express.Offset:x2}] version {flags & 0xf}, {type}, "
            + (flr ? "function level reset" : "no function level reset")
            + ((flags & ExpressRegisters.FlagsSlot) != 0 ? ", with a slot" : ""));
        Line("Link", $"ASPM {Flags(linkControl, AspmFlags)}");
    }

    private void WriteCapabilities()
    {
        foreach (Capability capability in function.Capabilities.Items)
        {
            string version = capability.IsExtended ? $" version {capability.Version}" : "";
            Line("Capability", $"[{capability.Offset:x2}] {CapabilityNames.Of(capability)}{version}");
        }

        foreach (CapabilityFinding finding in function.Capabilities.Findings)
        {
            string problem = finding.Fault switch
            {
                CapabilityFault.Loop => "which the list has passed already",
                CapabilityFault.PointsIntoHeader => "where no capability can be",
                CapabilityFault.Unaligned => "which is no multiple of four",
                CapabilityFault.PointsOutside => "behind the end",
                _ => "where nothing answers",
            };
            Line(
                "BROKEN LIST",
                $"the pointer at 0x{finding.Offset:x2} is 0x{finding.Target:x2}, {problem}; not followed");
        }
    }

    private uint Field(Capability capability, int offset, int width) =>
        capability.Offset + offset + width <= _space.Size ? _space.Read(capability.Offset + offset, width) : 0;

    private static string Flags(uint value, (uint Mask, string Name)[] flags)
    {
        string[] set = [.. flags.Where(flag => (value & flag.Mask) != 0).Select(flag => flag.Name)];
        return set.Length > 0 ? string.Join(", ", set) : "nothing enabled";
    }

    private static string Window(BridgeWindow window) =>
        window.IsOpen ? $"0x{window.Base:x}-0x{window.Limit:x}" : "closed";

    private void Line(string label, string text) =>
        output.WriteLine($"  {label.PadRight(LabelWidth)}{text}");
}
