namespace VfioPm;

/// <summary>Registers of the PCI Express capability (PCI Express Base, section 7.5.3).</summary>
public static class ExpressRegisters
{
    /// <summary>PCI Express Capabilities, 16 bits: version and port type.</summary>
    public const int Flags = 2;

    /// <summary>Flags: a slot hangs on this port.</summary>
    public const ushort FlagsSlot = 0x0100;

    /// <summary>Flags: the version of the capability.</summary>
    public const ushort FlagsVersion = 0x000f;

    /// <summary>What the flags say that the function is.</summary>
    internal static ExpressPortType TypeOf(int flags) => (ExpressPortType)((flags >> 4) & 0xf);

    /// <summary>Device Capabilities, 32 bits.</summary>
    public const int DeviceCapabilities = 4;

    /// <summary>Device Capabilities: the function can be reset alone.</summary>
    public const uint DeviceCapabilitiesFlr = 0x1000_0000;

    /// <summary>Device Capabilities 2, 32 bits.</summary>
    public const int DeviceCapabilities2 = 0x24;

    /// <summary>Device Capabilities 2: the port passes on to functions with numbers above 7 (ARI Forwarding).</summary>
    public const uint DeviceCapabilities2Ari = 0x20;

    /// <summary>Device Capabilities 2: the port passes atomic operations on (AtomicOp Routing).</summary>
    public const uint DeviceCapabilities2AtomicRoute = 0x40;

    /// <summary>Device Capabilities 2: atomic operations of 32 bits are completed here.</summary>
    public const uint DeviceCapabilities2AtomicComplete32 = 0x80;

    /// <summary>Device Capabilities 2: atomic operations of 64 bits are completed here.</summary>
    public const uint DeviceCapabilities2AtomicComplete64 = 0x100;

    /// <summary>Device Capabilities 2: compare-and-swap of 128 bits is completed here.</summary>
    public const uint DeviceCapabilities2AtomicComplete128 = 0x200;

    /// <summary>Device Control 2, 16 bits.</summary>
    public const int DeviceControl2 = 0x28;

    /// <summary>Device Control 2: the port passes on what is for functions with numbers above 7 (ARI Forwarding Enable).</summary>
    public const ushort DeviceControl2Ari = 0x20;

    /// <summary>Device Control 2: the function may request atomic operations.</summary>
    public const ushort DeviceControl2AtomicRequester = 0x40;

    /// <summary>Device Control 2: atomic operations do not leave by this port.</summary>
    public const ushort DeviceControl2AtomicEgressBlock = 0x80;

    /// <summary>Root Control, 16 bits.</summary>
    public const int RootControl = 0x1c;

    /// <summary>Root Control: software sees that a function wants to be asked again (RRS Software Visibility Enable).</summary>
    public const ushort RootControlRetryVisible = 0x0010;

    /// <summary>Root Control: a PME that arrives interrupts (PME Interrupt Enable).</summary>
    public const ushort RootControlPmeInterrupt = 0x0008;

    /// <summary>Root Status, 32 bits: who sent the PME in the lower half.</summary>
    public const int RootStatus = 0x20;

    /// <summary>Root Status: a PME arrived; cleared by writing it.</summary>
    public const uint RootStatusPme = 0x0001_0000;

    /// <summary>Root Status: another one waits.</summary>
    public const uint RootStatusPmePending = 0x0002_0000;

    /// <summary>Root Capabilities, 16 bits.</summary>
    public const int RootCapabilities = 0x1e;

    /// <summary>Root Capabilities: <see cref="RootControlRetryVisible"/> is there.</summary>
    public const ushort RootCapabilitiesRetryVisible = 0x0001;

    /// <summary>Device Control, 16 bits.</summary>
    public const int DeviceControl = 8;

    /// <summary>Device Status, 16 bits.</summary>
    public const int DeviceStatus = 10;

    /// <summary>Device Status: requests of the function are not completed yet.</summary>
    public const ushort DeviceStatusTransactionsPending = 0x0020;

    /// <summary>Device Control: reset this function; reads zero.</summary>
    public const ushort DeviceControlInitiateFlr = 0x8000;

    /// <summary>Link Control, 16 bits.</summary>
    public const int LinkControl = 0x10;

    /// <summary>Link Control: train the link again (Retrain Link); reads zero.</summary>
    internal const ushort LinkControlRetrain = 0x0020;

    /// <summary>Link Control: changes of the link's speed and width interrupt, those of software and those of its own.</summary>
    internal const ushort LinkControlBandwidthInterrupts = 0x0c00;

    /// <summary>Link Control 2, 16 bits.</summary>
    internal const int LinkControl2 = 0x30;

    /// <summary>Link Control 2: the number of the speed that the link is to have (Target Link Speed).</summary>
    internal const ushort LinkControl2TargetSpeed = 0x000f;

    /// <summary>Link Capabilities, 32 bits.</summary>
    public const int LinkCapabilities = 0xc;

    /// <summary>Link Capabilities: the fastest link, as a number of the speed.</summary>
    public const uint LinkCapabilitiesSpeed = 0xf;

    /// <summary>Link Capabilities: Link Status says whether the link is up.</summary>
    public const uint LinkCapabilitiesReportsActive = 0x0010_0000;

    /// <summary>Link Capabilities: the port can interrupt when the link's bandwidth changes.</summary>
    public const uint LinkCapabilitiesNotifiesOfBandwidth = 0x0020_0000;

    /// <summary>The number of the speed of 2.5 GT/s.</summary>
    internal const int LinkSpeed2_5 = 1;

    /// <summary>The number of the speed of 5 GT/s.</summary>
    public const int LinkSpeed5 = 2;

    /// <summary>Link Capabilities 2, 32 bits: the speeds that the link can have.</summary>
    public const int LinkCapabilities2 = 0x2c;

    /// <summary>Link Capabilities 2: the vector of speeds, bit 1 for 2.5 GT/s, bit 2 for 5 and so on (section 7.5.3.18).</summary>
    public const uint LinkCapabilities2Speeds = 0xfe;

    /// <summary>Link Status, 16 bits.</summary>
    public const int LinkStatus = 0x12;

    /// <summary>Link Status: the link is up.</summary>
    public const ushort LinkStatusActive = 0x2000;

    /// <summary>Link Status: the speed or the width changed (Link Bandwidth Management Status); cleared by writing it.</summary>
    internal const ushort LinkStatusBandwidthChanged = 0x4000;

    /// <summary>Link Status: the same, and the hardware did it (Link Autonomous Bandwidth Status); cleared by writing it.</summary>
    internal const ushort LinkStatusChangedByItself = 0x8000;

    /// <summary>Bytes of the slot's registers, from Slot Capabilities on.</summary>
    internal const int SlotSize = 8;

    /// <summary>Slot Capabilities, 32 bits.</summary>
    public const int SlotCapabilities = 0x14;

    /// <summary>Slot Capabilities: cards may come and go while the machine runs.</summary>
    public const uint SlotCapabilitiesHotplug = 0x40;

    /// <summary>Slot Capabilities: there is an attention button.</summary>
    public const uint SlotCapabilitiesButton = 0x01;

    /// <summary>Slot Capabilities: software can switch the slot's power (Power Controller Present).</summary>
    public const uint SlotCapabilitiesPowerController = 0x02;

    /// <summary>Slot Capabilities: there is an attention indicator.</summary>
    public const uint SlotCapabilitiesAttentionIndicator = 0x08;

    /// <summary>Slot Capabilities: there is a power indicator.</summary>
    public const uint SlotCapabilitiesPowerIndicator = 0x10;

    /// <summary>Slot Capabilities: whatever holds a card: button, power controller, latch and indicators.</summary>
    internal const uint SlotCapabilitiesControls = 0x1f;

    /// <summary>Slot Capabilities: no interrupt tells that a command was carried out (No Command Completed Support).</summary>
    public const uint SlotCapabilitiesNoCommandCompleted = 0x0004_0000;

    /// <summary>Slot Capabilities: where the number of the slot begins (Physical Slot Number).</summary>
    public const int SlotCapabilitiesNumberShift = 19;

    /// <summary>Slot Control, 16 bits.</summary>
    public const int SlotControl = 0x18;

    /// <summary>Slot Control: what happens in the slot raises an interrupt.</summary>
    public const uint SlotControlHotplugInterrupt = 0x0020;

    /// <summary>Slot Control: so does a change of the link's state.</summary>
    public const uint SlotControlLinkChanged = 0x1000;

    /// <summary>Slot Control: the button interrupts.</summary>
    public const uint SlotControlButton = 0x0001;

    /// <summary>Slot Control: a change of presence interrupts.</summary>
    public const uint SlotControlPresenceChanged = 0x0008;

    /// <summary>Slot Control: a command that was carried out interrupts.</summary>
    public const uint SlotControlCommandCompleted = 0x0010;

    /// <summary>Slot Control: the attention indicator; 01 is on, 10 blinking, 11 off.</summary>
    public const uint SlotControlAttentionIndicator = 0x00c0;

    /// <summary>Slot Control: the power indicator, likewise.</summary>
    public const uint SlotControlPowerIndicator = 0x0300;

    /// <summary>Slot Control: the slot has no power (Power Controller Control).</summary>
    public const uint SlotControlPowerOff = 0x0400;

    /// <summary>Slot Status, 16 bits.</summary>
    public const int SlotStatus = 0x1a;

    /// <summary>Slot Status: the attention button was pressed.</summary>
    public const uint SlotStatusButton = 0x0001;

    /// <summary>Slot Status: a command was carried out (Command Completed).</summary>
    public const uint SlotStatusCommandCompleted = 0x0010;

    /// <summary>Slot Status: a card is in the slot (Presence Detect State).</summary>
    public const uint SlotStatusPresence = 0x0040;

    /// <summary>Slot Status: a card came or went.</summary>
    public const uint SlotStatusPresenceChanged = 0x0008;

    /// <summary>Slot Status: the link's state changed.</summary>
    public const uint SlotStatusLinkChanged = 0x0100;
}
