namespace VfioPm.Server;

/// <summary>
/// Tells a loss of power from a reset, for on the wire both are a reset: a machine that cuts the power of a port resets what is
/// below, which it has put into D3hot before. QEMU wakes a function that it is to reset (<c>vfio_pci_pre_reset()</c>): PMCSR is
/// written D0, memory and bus mastering are taken from it in COMMAND, and then comes the reset; a guest that wakes it does more.
/// </summary>
internal sealed class PowerCut(PciFunction function)
{
    private bool _wasJustWoken;

    /// <summary>Whether a reset that comes now is one.</summary>
    public bool IsReset => function.PowerState == PowerState.D3Hot || _wasJustWoken;

    /// <summary>The client accesses registers.</summary>
    /// <param name="access">Which; how many does not matter, for who is about to reset accesses one.</param>
    /// <param name="before">The power state before that.</param>
    public void See(RegionAccessStructure access, PowerState before)
    {
        bool isPmcsr = access.Region == VfioRegion.Configuration && (long)access.Offset == function.Pm?.ControlStatusOffset;
        bool isCommand = access is { Region: VfioRegion.Configuration, Offset: PciRegisters.Command };
        bool wakes = before == PowerState.D3Hot && function.PowerState == PowerState.D0;
        _wasJustWoken = (isPmcsr && wakes) || (_wasJustWoken && (isPmcsr || isCommand));
    }
}
