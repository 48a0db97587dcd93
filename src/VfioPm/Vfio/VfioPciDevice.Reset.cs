namespace VfioPm;

// A reset that the user asks for.
public sealed partial class VfioPciDevice
{
    /// <summary>The functions that only a reset of their bus can reset together with this one.</summary>
    internal DeviceSet Set { get; }

    /// <summary><c>vfio_pci_ioctl_reset()</c>.</summary>
    internal async KernelCall<KernelResult> ResetByUser()
    {
        if (!ResetWorks)
        {
            return Errno.EINVAL;
        }

        await LockMemory(zapMappings: true);
        try
        {
            await Rules.Power.BeforeReset(this);
            return await PciReset.TryResetFunction(Pci);
        }
        finally
        {
            Memory.UpWrite();
        }
    }
}
