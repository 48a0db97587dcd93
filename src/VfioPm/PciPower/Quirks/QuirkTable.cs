namespace VfioPm;

/// <summary>
/// The quirks of <c>drivers/pci/quirks.c</c> that touch power states, resets, delays, PME# and interrupts, by identity, and those of
/// <c>arch/x86/pci/fixup.c</c> that touch PME#. Those that go by what else is in the machine or by its maker, and those that read
/// registers behind BARs or of HyperTransport are not in it.
/// </summary>
internal static class QuirkTable
{
    private const uint Amd = 0x1022;
    private const uint Ati = 0x1002;
    private const uint Intel = 0x8086;
    private const uint Nvidia = 0x10de;
    private const uint Mellanox = 0x15b3;
    private const uint Attansic = 0x1969;
    private const uint JMicron = 0x197b;

    private const uint Ide = 0x0101;
    private const uint Vga = 0x0300;
    private const uint Audio = 0x0403;
    private const uint PciBridge = 0x0604;
    private const uint Usb = 0x0c03;
    private const uint UnknownSerial = 0x0c80;

    private const uint Ahci = 0x010601;

    private const uint PmeFromD0 = 0x0800;
    private const uint PmeFromD3 = 0xc000;

    public static IReadOnlyList<PciQuirk> All { get; } =
    [
        .. PowerStates(),
        .. Delays(),
        .. Resets(),
        .. Interrupts(),
        .. GraphicsParts(),
    ];

    private static PciQuirk[] PowerStates() =>
    [
        NoAtaD3(0x1166),
        NoAtaD3(Ati),
        NoAtaD3(0x10b9),
        NoAtaD3(0x1106),
        new("quirk_plx_pex_no_d3", "a downstream port is not put to D3, which would take the whole switch down", 0x10b5, 0x8532, 0x8533, 0x8548)
        {
            Releases = QuirkReleases.Linux7_3,
            Condition = static (_, express) => express is { Type: ExpressPortType.DownstreamPort },
            Effect = static quirks => quirks with { HasNoD3 = true },
        },
        NoPme("pci_fixup_no_d0_pme", "PME# is not expected from D0", PmeFromD0, 0x1b21, 0x2142),
        NoPme("pci_fixup_amd_fch_xhci_pme", "PME# is not expected from D0", PmeFromD0, Amd, 0x7914),
        NoPme("pci_fixup_amd_ehci_pme", "PME# is not expected from D3", PmeFromD3, Amd, 0x7808),
        NotBesideOthers(0x2362, 0x236f),
        NotBesideOthers() with { Class = Ide },
        NotBesideOthers() with { Condition = static (identity, _) => identity is { IsMultifunction: true, Class: Ahci } },
        new("pci_fixup_no_msi_no_pme", "neither messages nor PME# work", 0x12d8, 0x400e, 0x400f)
        {
            Effect = static quirks => quirks with { HasNoMsi = true, UnreliablePme = PmRegisters.PmeSupportMask },
        },
    ];

    private static PciQuirk[] Delays() =>
    [
        new("quirk_intel_pcie_pm", "all functions of the machine get 120 ms after D3hot; no D1 and D2 from here down", Intel,
            0x25e2, 0x25e3, 0x25e4, 0x25e5, 0x25e6, 0x25e7, 0x25f7, 0x25f8, 0x25f9, 0x25fa,
            0x2601, 0x2602, 0x2603, 0x2604, 0x2605, 0x2606, 0x2607, 0x2608, 0x2609, 0x260a, 0x260b)
        {
            Effect = static quirks => quirks with { LeastD3HotDelayOfAll = TimeSpan.FromMilliseconds(120), HasNoD1D2 = true },
        },
        LongD3Hot("quirk_radeon_pm", Ati, 0x6741) with
        {
            Condition = static (identity, _) => identity is { SubsystemVendor: 0x106b, Subsystem: 0x00e2 },
        },
        LongD3Hot("quirk_nvidia_hda_pm", Nvidia) with { Class = Audio },
        LongD3Hot("quirk_ryzen_xhci_d3hot", Amd, 0x15e0, 0x15e1, 0x1639),
        new("quirk_remove_d3hot_delay", "it needs no time after D3hot", Intel,
            0x0412, 0x0c00, 0x0c0c, 0x8c02, 0x8c18, 0x8c1c, 0x8c20, 0x8c22, 0x8c26, 0x8c2d, 0x8c31, 0x8c3a, 0x8c3d, 0x8c4e,
            0x2280, 0x2298, 0x229c, 0x22b0, 0x22b5, 0x22b7, 0x22b8, 0x22d8, 0x22dc)
        {
            Effect = static quirks => quirks with { NeedsNoD3HotDelay = true },
        },
        new("pci_fixup_d3cold_delay_1sec", "it needs a second after power-on and resets", 0x5555, 0x0004)
        {
            Effect = static quirks => quirks with { D3ColdDelay = TimeSpan.FromSeconds(1) },
        },
        new("quirk_no_imm_ready", "it is not ready at once, though it says so", 0x144d, 0xa80c, 0xa80d)
        {
            Releases = QuirkReleases.Linux7_3,
            Effect = static quirks => quirks with { IsNotReadyAtOnce = true },
        },
    ];

    private static PciQuirk[] Resets() =>
    [
        NoBusReset("quirk_no_bus_reset", Nvidia, 0x22ce, 0x22d0),
        NoBusReset("quirk_nvidia_no_bus_reset", Nvidia) with
        {
            Condition = static (identity, _) => (identity.Device & 0xffc0) == 0x2340,
        },
        NoBusReset("quirk_no_bus_reset", 0x168c, 0x0030, 0x0032, 0x003c, 0x0033, 0x0034, 0x003e),
        NoBusReset("quirk_no_bus_reset", 0x17cb, 0x1103, 0x1107, 0x0308) with
        {
            Releases = QuirkReleases.Linux6_1 | QuirkReleases.Linux7_3,
        },
        NoBusReset("quirk_no_bus_reset", 0x177d, 0xa100),
        NoBusReset("quirk_no_bus_reset", 0x104c, 0xb005),
        NoBusReset("quirk_no_bus_reset", 0x1b21, 0x1164),
        NoPmReset(Ati) with { Class = Vga },
        NoPmReset(Mellanox, 0xcb84, 0xcf6c, 0xcf70, 0xcf80),
        NoFlr("quirk_no_flr", Amd, 0x1487, 0x148c, 0x149c, 0x7901),
        NoFlr("quirk_no_flr", Amd, 0x1502, 0x17f0) with { Releases = QuirkReleases.Linux7_3 },
        NoFlr("quirk_no_flr", Intel, 0x1502, 0x1503),
        NoFlr("quirk_no_flr", 0x14c3, 0x0616) with { Releases = QuirkReleases.Linux6_12 | QuirkReleases.Linux7_3 },
        NoFlr("quirk_no_flr", 0x14c3, 0x7925) with { Releases = QuirkReleases.Linux7_3 },
        NoFlr("quirk_no_flr_snet", 0xd063, 0x1000) with { Condition = static (identity, _) => identity.Revision == 1 },
    ];

    private static PciQuirk[] Interrupts() =>
    [
        NoMsi("quirk_no_msi", Ati, 0x4386, 0x4387, 0x4388, 0x4389, 0x438a, 0x438b),
        NoMsi("quirk_no_msi", 0x10b9, 0x5239) with { Releases = QuirkReleases.Linux7_3 },
        NoMsi("quirk_pcie_mch", Intel, 0x3590, 0x3592, 0x359e),
        NoMsi("quirk_pcie_mch", 0x19e5, 0x1610) with { Class = PciBridge },
        NoMsi("quirk_pcie_pxh", Intel, 0x0320, 0x0321, 0x0329, 0x032a, 0x032c),
        NoMsi("pci_quirk_nvidia_tegra_disable_rp_msi", Nvidia,
            0x1ad0, 0x1ad1, 0x1ad2, 0x0bf0, 0x0bf1, 0x0e1c, 0x0e1d, 0x0e12, 0x0e13, 0x0fae, 0x0faf, 0x10e5, 0x10e6,
            0x229a, 0x229c, 0x229e) with
        {
            Class = PciBridge,
        },
        NoMsi("quirk_al_msi_disable", 0x1c36, 0x0031) with { Class = PciBridge },
        NoMsi("quirk_fsl_no_msi", 0x1957) with
        {
            Condition = static (_, express) => express is { Type: ExpressPortType.RootPort },
        },
        NoMsi("quirk_thunderbolt_hotplug_msi", Intel, 0x1513, 0x151a, 0x151b, 0x1547, 0x1549) with
        {
            Condition = static (identity, express) =>
                express is { IsHotplugBridge: true } && identity is not { Device: 0x1547, Revision: > 1 },
        },
        NoMessages(0x1166, 0x0017),
        NoMessages(Ati, 0x5a33, 0x5950),
        NoMessages(0x1106, 0x0336, 0x0351, 0x0364, 0x0204),
        NoMessages(0x1039, 0x0761),
        NoMessages(0x144d, 0xa5e3),
        NoMessagesBelow(Amd, 0x7450),
        NoMessagesBelow(0x1106, 0xa238),
        NoMessagesBelow(Ati, 0x5a3f),
        NoMessagesBelow(0x17f3, 0x1031),
        NeedsIntx("quirk_msi_intx_disable_bug", 0x14e4, 0x166a, 0x166b, 0x1668, 0x1669, 0x1678, 0x1679),
        NeedsIntx("quirk_msi_intx_disable_bug", Ati, 0x4373, 0x4374, 0x4375),
        NeedsIntx("quirk_msi_intx_disable_bug", Attansic, 0x1062, 0x1063, 0x2060, 0x2062, 0x1073, 0x1083),
        NeedsIntx("quirk_msi_intx_disable_qca_bug", Attansic, 0x1090, 0x1091, 0x10a0, 0x10a1, 0xe091) with
        {
            Condition = static (identity, _) => identity.Revision < 0x18,
        },
        BrokenMasking("quirk_broken_intx_masking", 0x1425, 0x0030),
        BrokenMasking("quirk_broken_intx_masking", 0x1814, 0x0601),
        BrokenMasking("quirk_broken_intx_masking", 0x1b7c, 0x0004),
        BrokenMasking("quirk_broken_intx_masking", 0x1102, 0x000b),
        BrokenMasking("quirk_broken_intx_masking", 0x10ec, 0x8169),
        BrokenMasking("quirk_broken_intx_masking", Intel,
            0x1572, 0x1574, 0x1580, 0x1581, 0x1583, 0x1584, 0x1585, 0x1586, 0x1587, 0x1588, 0x1589, 0x158a, 0x158b,
            0x37d0, 0x37d1, 0x37d2),
        BrokenMasking("mellanox_check_broken_intx_masking", Mellanox,
            0x6340, 0x634a, 0x6354, 0x6732, 0x673c, 0x6368, 0x6750, 0x6372, 0x675a, 0x6764, 0x6746, 0x676e, 0x1003, 0x1007),
        new("quirk_p45_bw_notifications", "as a port it is not asked to tell of its link's speed", Intel, 0x2e21)
        {
            Releases = QuirkReleases.Linux7_3,
            Effect = static quirks => quirks with { HasNoBandwidthNotification = true },
        },
    ];

    private static PciQuirk[] GraphicsParts() =>
    [
        GraphicsPart("quirk_gpu_hda", Ati, Audio, 1),
        GraphicsPart("quirk_gpu_hda", Amd, Audio, 1),
        GraphicsPart("quirk_gpu_hda", Nvidia, Audio, 1),
        GraphicsPart("quirk_gpu_usb", Nvidia, Usb, 2),
        GraphicsPart("quirk_gpu_usb", Ati, Usb, 2),
        GraphicsPart("quirk_gpu_usb_typec_ucsi", Nvidia, UnknownSerial, 3),
        GraphicsPart("quirk_gpu_usb_typec_ucsi", Ati, UnknownSerial, 3),
    ];

    private static PciQuirk NoAtaD3(uint vendor) => new("quirk_no_ata_d3", "it is not put to D3", vendor)
    {
        Class = Ide,
        Effect = static quirks => quirks with { HasNoD3 = true },
    };

    private static PciQuirk NoPme(string name, string meaning, uint states, uint vendor, uint device) => new(name, meaning, vendor, device)
    {
        Effect = quirks => quirks with { UnreliablePme = states },
    };

    private static PciQuirk NotBesideOthers(params uint[] devices) =>
        new("quirk_jmicron_async_suspend", "with others at its number it goes to sleep with the machine one after the other", JMicron, devices)
        {
            Condition = static (identity, _) => identity.IsMultifunction,
            Effect = static quirks => quirks with { SuspendsInOrder = true },
        };

    private static PciQuirk LongD3Hot(string name, uint vendor, params uint[] devices) =>
        new(name, "it gets 20 ms after D3hot", vendor, devices)
        {
            Effect = static quirks => quirks with { LeastD3HotDelay = TimeSpan.FromMilliseconds(20) },
        };

    private static PciQuirk NoBusReset(string name, uint vendor, params uint[] devices) =>
        new(name, "its bus is not reset", vendor, devices)
        {
            Effect = static quirks => quirks with { HasNoBusReset = true },
        };

    private static PciQuirk NoPmReset(uint vendor, params uint[] devices) =>
        new("quirk_no_pm_reset", "D3hot and back does not reset it, though it says so", vendor, devices)
        {
            Effect = static quirks => quirks with { HasNoPmReset = true },
        };

    private static PciQuirk NoFlr(string name, uint vendor, params uint[] devices) =>
        new(name, "a function level reset may hang it: there is none", vendor, devices)
        {
            Effect = static quirks => quirks with { HasNoFlr = true },
        };

    private static PciQuirk NoMsi(string name, uint vendor, params uint[] devices) =>
        new(name, "it gets no message interrupts", vendor, devices)
        {
            Effect = static quirks => quirks with { HasNoMsi = true },
        };

    private static PciQuirk NoMessages(uint vendor, params uint[] devices) =>
        new("quirk_disable_all_msi", "nobody in the machine gets message interrupts", vendor, devices)
        {
            Effect = static quirks => quirks with { ForbidsMessages = true },
        };

    private static PciQuirk NoMessagesBelow(uint vendor, uint device) =>
        new("quirk_disable_msi", "nobody below it gets message interrupts", vendor, device)
        {
            Effect = static quirks => quirks with { PassesNoMessagesOn = true },
        };

    private static PciQuirk NeedsIntx(string name, uint vendor, params uint[] devices) =>
        new(name, "INTx stays enabled beside message interrupts", vendor, devices)
        {
            Effect = static quirks => quirks with { NeedsIntxForMsi = true },
        };

    private static PciQuirk BrokenMasking(string name, uint vendor, params uint[] devices) =>
        new(name, "INTx cannot be masked at it", vendor, devices)
        {
            Effect = static quirks => quirks with { HasBrokenIntxMasking = true },
        };

    private static PciQuirk GraphicsPart(string name, uint vendor, uint @class, int function) =>
        new(name, "as a part of a graphics card it keeps that in D0, and may sleep from the beginning", vendor)
        {
            Class = @class,
            Effect = quirks => quirks with { PartOfGraphics = function },
        };
}
