namespace VfioPm;

// Suppliers (device links): devices that have to be active while this one is.
public sealed partial class RuntimePmDevice
{
    /// <summary>
    /// Makes this device a consumer of <paramref name="supplier"/> (<c>device_link_add()</c>, stateless).
    /// </summary>
    /// <param name="supplier">The device that this one needs.</param>
    /// <param name="managesRuntimePm"><c>DL_FLAG_PM_RUNTIME</c>: hold the supplier active while this device is.</param>
    /// <param name="rpmActive"><c>DL_FLAG_RPM_ACTIVE</c>: hold it from now on.</param>
    /// <returns>
    /// The link, or null where the kernel makes none: the supplier does not come up, or needs this device.
    /// </returns>
    public DeviceLink? AddSupplier(RuntimePmDevice supplier, bool managesRuntimePm = true, bool rpmActive = false)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        lock (Core.Clock.Gate)
        {
            bool holds = managesRuntimePm && rpmActive;
            if (supplier == this || (holds && supplier.ResumeAndGet().IsError))
            {
                return null;
            }

            if (supplier.DependsOn(this))
            {
                if (holds)
                {
                    supplier.Put();
                }

                return null;
            }

            DeviceLink link = FindOrMakeLink(supplier);
            link.ManagesRuntimePm |= managesRuntimePm;
            link.RpmActive += holds ? 1 : 0;
            return link;
        }
    }

    /// <summary>
    /// Unmakes a link that was made once, or takes one making back (<c>device_link_del()</c>); a supplier that is
    /// let go may sleep.
    /// </summary>
    public void RemoveSupplier(DeviceLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        lock (Core.Clock.Gate)
        {
            if (!_suppliers.Contains(link))
            {
                throw new ArgumentException($"{Name} has no such link to {link.Supplier.Name}.", nameof(link));
            }

            if (--link.References > 0)
            {
                return;
            }

            _suppliers.Remove(link);
            if (link.ManagesRuntimePm)
            {
                link.ReleaseSupplier();
                link.Supplier.RequestIdle();
            }
        }
    }

    /// <summary>Resumes and holds the suppliers while a driver binds (<c>pm_runtime_get_suppliers()</c>).</summary>
    public void GetSuppliers()
    {
        lock (Core.Clock.Gate)
        {
            foreach (DeviceLink link in _suppliers)
            {
                if (link.ManagesRuntimePm)
                {
                    link.SupplierPreactivated = true;
                    link.Supplier.GetSync();
                    link.RpmActive += Core.Rules.PreactivationCountsLinks ? 1 : 0;
                }
            }
        }
    }

    /// <summary>Lets go what <see cref="GetSuppliers"/> holds (<c>pm_runtime_put_suppliers()</c>).</summary>
    public void PutPreactivatedSuppliers()
    {
        lock (Core.Clock.Gate)
        {
            foreach (DeviceLink link in _suppliers)
            {
                if (link.SupplierPreactivated)
                {
                    link.SupplierPreactivated = false;
                    PutPreactivated(link);
                }
            }
        }
    }

    private void PutPreactivated(DeviceLink link)
    {
        if (Core.Rules.PreactivationCountsLinks)
        {
            // The link is counted, so a consumer that is not asleep keeps its supplier.
            if (Status != RuntimeStatus.Suspended || link.RpmActive == 1)
            {
                return;
            }

            link.RpmActive--;
        }

        link.Supplier.Put();
    }

    /// <summary>Gives the references on all suppliers back (<c>__rpm_put_suppliers()</c>).</summary>
    internal void ReleaseSuppliers()
    {
        foreach (DeviceLink link in _suppliers)
        {
            link.ReleaseSupplier();
        }
    }

    /// <summary>Gives them back and lets the suppliers sleep (<c>rpm_put_suppliers()</c>).</summary>
    internal void PutSuppliers()
    {
        foreach (DeviceLink link in _suppliers)
        {
            link.ReleaseSupplier();
            link.Supplier.RequestIdle();
        }
    }

    /// <summary><c>rpm_suspend_suppliers()</c>.</summary>
    internal void AskSuppliersToIdle()
    {
        foreach (DeviceLink link in _suppliers)
        {
            link.Supplier.RequestIdle();
        }
    }

    private bool DependsOn(RuntimePmDevice other) =>
        this == other
        || (Parent?.DependsOn(other) ?? false)
        || _suppliers.Exists(link => link.Supplier.DependsOn(other));

    private DeviceLink FindOrMakeLink(RuntimePmDevice supplier)
    {
        DeviceLink? link = _suppliers.Find(known => known.Supplier == supplier);
        if (link is not null)
        {
            link.References++;
            return link;
        }

        link = new DeviceLink(this, supplier);
        _suppliers.Add(link);
        return link;
    }
}
