namespace VfioPm;

// Suppliers (device links): devices that have to be active while another is.
public static partial class PmRuntime
{
    /// <summary>
    /// Makes a device a consumer of another (<c>device_link_add()</c>, stateless).
    /// </summary>
    /// <returns>0; 1 where the kernel makes no link: the supplier does not come up, or needs the device.</returns>
    public static async KernelCall<int> AddLink(
        RuntimePmDevice device, RuntimePmDevice supplier, bool managesRuntimePm, bool holds)
    {
        if (supplier == device || (holds && await ResumeAndGet(supplier) < 0))
        {
            return 1;
        }

        if (supplier.DependsOn(device))
        {
            if (holds)
            {
                await Put(supplier);
            }

            return 1;
        }

        DeviceLink link = device.FindOrMakeLink(supplier);
        link.ManagesRuntimePm |= managesRuntimePm;
        link.RpmActive += holds ? 1 : 0;
        return 0;
    }

    /// <summary><c>device_link_del()</c>.</summary>
    public static async KernelCall RemoveLink(RuntimePmDevice device, DeviceLink link)
    {
        if (--link.References > 0)
        {
            return;
        }

        device.Forget(link);
        if (link.ManagesRuntimePm)
        {
            link.ReleaseSupplier();
            await Rpm.Idle(link.Supplier, RpmFlags.Async);
        }
    }

    /// <summary><c>pm_runtime_get_suppliers()</c>.</summary>
    public static async KernelCall GetSuppliers(RuntimePmDevice device)
    {
        for (int i = 0; i < device.Suppliers.Count; i++)
        {
            DeviceLink link = device.Suppliers[i];
            if (link.ManagesRuntimePm)
            {
                link.SupplierPreactivated = true;
                await GetSync(link.Supplier);
                link.RpmActive += device.Core.Rules.PreactivationCountsLinks ? 1 : 0;
            }
        }
    }

    /// <summary><c>pm_runtime_put_suppliers()</c>.</summary>
    public static async KernelCall PutSuppliers(RuntimePmDevice device)
    {
        for (int i = 0; i < device.Suppliers.Count; i++)
        {
            DeviceLink link = device.Suppliers[i];
            if (link.SupplierPreactivated)
            {
                link.SupplierPreactivated = false;
                if (ReleasePreactivated(device, link))
                {
                    await Put(link.Supplier);
                }
            }
        }
    }

    /// <summary>Where the link is counted, a consumer that is not asleep keeps its supplier.</summary>
    private static bool ReleasePreactivated(RuntimePmDevice device, DeviceLink link)
    {
        if (!device.Core.Rules.PreactivationCountsLinks)
        {
            return true;
        }

        if (device.Status != RuntimeStatus.Suspended || link.RpmActive == 1)
        {
            return false;
        }

        link.RpmActive--;
        return true;
    }
}
