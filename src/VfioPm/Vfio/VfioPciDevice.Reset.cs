namespace VfioPm;

// A reset that the user asks for.
public sealed partial class VfioPciDevice
{
    /// <summary><c>vfio_pci_ioctl_reset()</c>.</summary>
    internal KernelResult ResetByUser()
    {
        if (!ResetWorks)
        {
            return Errno.EINVAL;
        }

        LockMemory(zapMappings: true);
        Rules.Power.BeforeReset(this);
        KernelResult result = Pci.ResetMethods.TryResetFunction();
        UnlockMemory();
        return result;
    }

    /// <summary>The functions that only a reset of their bus can reset together with this one.</summary>
    internal DeviceSet Set => _driver.SetOf(this);
}
