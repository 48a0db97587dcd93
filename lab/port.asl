// A power resource of a root port, so that Linux may take the port, and with it all that hangs below it, to D3cold.
// Switching it off pulses the port's secondary bus reset: the emulator then resets everything below the port, which is
// what a real loss of power does to an endpoint. S0W is the deepest state to wake from, where the firmware says so.
OperationRegion (CFG0, PCI_Config, 0x00, 0x40)
Field (CFG0, ByteAcc, NoLock, Preserve)
{
    Offset (0x3E),
    , 6,
    SBRS, 1
}

Name (PWST, One)

PowerResource (LPWR, 0, 0)
{
    Method (_STA, 0, NotSerialized) { Return (PWST) }
    Method (_ON, 0, Serialized) { PWST = One }
    Method (_OFF, 0, Serialized)
    {
        SBRS = One
        SBRS = Zero
        PWST = Zero
    }
}

Name (_PR0, Package () { LPWR })
Name (_PR2, Package () { LPWR })
Name (_PR3, Package () { LPWR })
#ifdef S0W
Name (_S0W, S0W)
#endif
