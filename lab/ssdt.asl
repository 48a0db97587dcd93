// Firmware of the machines whose ports lose power (topologies.py says which): with TWO, both ports have a resource; with DARK
// nothing answers below a port that lost it.
DefinitionBlock ("", "SSDT", 2, "PMLAB", "D3COLD", 1)
{
    External (\_SB.PCI0.S18, DeviceObj)
    Scope (\_SB.PCI0.S18)
    {
#include "port.asl"
    }

#ifdef TWO
    External (\_SB.PCI0.S20, DeviceObj)
    Scope (\_SB.PCI0.S20)
    {
#include "port.asl"
    }
#endif
}
