namespace VfioPm;

// Physical functions that enable virtual functions, and the trust between their users (vfio_pci_core.c).
public sealed partial class VfioPciDevice
{
    private readonly VfToken? _token;

    /// <summary>
    /// The secret of a physical function, or null for any other function (<c>vf_token</c>). Virtual functions have none
    /// of their own.
    /// </summary>
    internal VfToken? Token => _token;

    /// <summary>
    /// The physical function of a virtual one that vfio-pci enabled, and so has (<c>sriov_pf_core_dev</c>).
    /// </summary>
    private VfioPciDevice? PhysicalDevice =>
        Pci.PhysicalFunction is { } physical ? _driver.FindBound(physical) : null;

    /// <summary>Enables virtual functions, or takes all away (<c>vfio_pci_core_sriov_configure()</c>).</summary>
    internal KernelCall<int> ConfigureSriov(int count) => count == 0 ? DisableSriov() : EnableSriov(count);

    private async KernelCall<int> EnableSriov(int count)
    {
        int result = await Power.HoldForVirtualFunctions();
        if (result < 0)
        {
            return result;
        }

        result = Rules.HoldsMemoryWhileEnablingSriov ? await EnableUnderMemoryLock(count) : await Pci.Sriov!.Enable(count);
        if (result < 0)
        {
            await Power.ReleaseAfterVirtualFunctions();
            return result;
        }

        return count;
    }

    private async KernelCall<int> EnableUnderMemoryLock(int count)
    {
        using (await Memory.DownWrite())
        {
            return await Pci.Sriov!.Enable(count);
        }
    }

    private async KernelCall<int> DisableSriov()
    {
        if (Pci.Sriov is { NumVfs: > 0 } sriov)
        {
            await sriov.Disable();
            await Power.ReleaseAfterVirtualFunctions();
        }

        return 0;
    }

    /// <summary>
    /// Whether somebody who gives this token, or none, may open the device (<c>vfio_pci_validate_vf_token()</c>).
    /// </summary>
    private int CheckToken(Guid? given)
    {
        if (PhysicalDevice is { } physical)
        {
            return given is { } token && physical._token!.Matches(token) ? 0 : -Errno.EACCES;
        }

        if (_token is null)
        {
            return given is null ? 0 : -Errno.EINVAL;
        }

        if (_token.Users > 0)
        {
            return given is { } token && _token.Matches(token) ? 0 : -Errno.EACCES;
        }

        if (given is { } set)
        {
            _token.Set(set);
        }

        return 0;
    }

    /// <summary>A virtual function is used from now on, or no longer.</summary>
    private void CountTokenUse(int change)
    {
        if (PhysicalDevice is { } physical)
        {
            physical._token!.Users += change;
        }
    }
}
