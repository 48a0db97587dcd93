namespace VfioPm;

/// <summary>
/// A link from a consumer to a supplier (<c>struct device_link</c>, made with <c>DL_FLAG_STATELESS</c>): with
/// <c>DL_FLAG_PM_RUNTIME</c> the supplier is held active while the consumer is.
/// </summary>
public sealed class DeviceLink : INumbered
{
    internal DeviceLink(RuntimePmDevice consumer, RuntimePmDevice supplier)
    {
        Consumer = consumer;
        Supplier = supplier;
    }

    private DeviceLink(DeviceLink original, ForkContext fork)
    {
        fork.Register(original, this);
        Consumer = fork.Of(original.Consumer);
        Supplier = fork.Of(original.Supplier);
        ManagesRuntimePm = original.ManagesRuntimePm;
        RpmActive = original.RpmActive;
        SupplierPreactivated = original.SupplierPreactivated;
        References = original.References;
    }

    /// <summary>Who needs the other.</summary>
    public RuntimePmDevice Consumer { get; }

    /// <summary>Who is needed.</summary>
    public RuntimePmDevice Supplier { get; }

    /// <summary><c>DL_FLAG_PM_RUNTIME</c>.</summary>
    public bool ManagesRuntimePm { get; internal set; }

    /// <summary>One more than the references that the link holds on the supplier (<c>rpm_active</c>).</summary>
    public int RpmActive { get; internal set; } = 1;

    /// <summary>Whether <c>pm_runtime_get_suppliers()</c> holds the supplier for the consumer's probe.</summary>
    public bool SupplierPreactivated { get; internal set; }

    /// <summary>Among those of its consumer there is one to each supplier.</summary>
    int INumbered.Index => Supplier.Index;

    /// <summary>How often the link was made.</summary>
    internal int References { get; set; } = 1;

    IForkable IForkable.Fork(ForkContext fork) => new DeviceLink(this, fork);

    /// <summary>Gives all references on the supplier back (<c>pm_runtime_release_supplier()</c>).</summary>
    internal void ReleaseSupplier()
    {
        while (RpmActive > 1)
        {
            RpmActive--;
            if (Supplier.UsageCount <= 0)
            {
                break;
            }

            PmRuntime.PutNoIdle(Supplier);
        }
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Supplier.Index);
        hash.Add(ManagesRuntimePm);
        hash.Add(RpmActive);
        hash.Add(SupplierPreactivated);
        hash.Add(References);
    }
}
