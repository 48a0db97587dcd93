namespace VfioPm;

/// <summary>The parameters that the module is loaded with (<c>modinfo vfio-pci</c>).</summary>
public sealed record VfioModuleParameters
{
    /// <summary>Keep unused functions in D0 (<c>disable_idle_d3</c>).</summary>
    public bool DisableIdleD3 { get; init; }

    /// <summary>Do not use the interrupt-disable bit of COMMAND to mask INTx (<c>nointxmask</c>).</summary>
    public bool NoIntxMask { get; init; }

    /// <summary>Do not give legacy VGA ranges to users (<c>disable_vga</c>).</summary>
    public bool DisableVga { get; init; }

    /// <summary>Let the administrator enable virtual functions of bound physical ones (<c>enable_sriov</c>).</summary>
    public bool EnableSriov { get; init; }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(DisableIdleD3);
        hash.Add(NoIntxMask);
        hash.Add(DisableVga);
        hash.Add(EnableSriov);
    }
}
