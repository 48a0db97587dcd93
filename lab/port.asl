// A power resource of a root port, so that Linux may take the port, and with it all that hangs below it, to D3cold.
// Switching it off pulses the port's secondary bus reset: the emulator then resets everything below the port, which is
// what a real loss of power does to an endpoint. With DARK it turns the slot's power controller off instead (Slot Control, at 0x6c of
// this port): what is below the port is reset, and reads all ones until the power is back. S0W is the deepest state to wake from,
// where the firmware says so.
OperationRegion (CFG0, PCI_Config, 0x00, 0x80)
Field (CFG0, ByteAcc, NoLock, Preserve)
{
    Offset (0x3E),
    , 6,
    SBRS, 1,
    Offset (0x6D),
    , 2,
    SOFF, 1
}

Name (PWST, One)

PowerResource (LPWR, 0, 0)
{
    Method (_STA, 0, NotSerialized) { Return (PWST) }
    Method (_ON, 0, Serialized)
    {
#ifdef DARK
        SOFF = Zero
#endif
        PWST = One
    }
    Method (_OFF, 0, Serialized)
    {
#ifdef DARK
        SOFF = One
#else
        SBRS = One
        SBRS = Zero
#endif
        PWST = Zero
    }
}

Name (_PR0, Package () { LPWR })
Name (_PR2, Package () { LPWR })
Name (_PR3, Package () { LPWR })
#ifdef S0W
Name (_S0W, S0W)
#endif
