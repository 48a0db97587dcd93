using System.Collections.Frozen;

namespace VfioPm;

/// <summary>What the attributes of a function in sysfs show and do (<c>drivers/pci/pci-sysfs.c</c>).</summary>
internal sealed class PciAttributes : ISysfsAttributes
{
    private static readonly FrozenDictionary<string, PciAttribute> All =
        DeviceAttributes.All
            .Concat(WakeupAttributes.All)
            .Concat(DriverAttributes.All)
            .Concat(ResetAttributes.All)
            .Concat(BridgeAttributes.All)
            .Concat(LinkAttributes.All)
            .Concat(ResourceAttributes.All)
            .Concat(SriovAttributes.All)
            .ToFrozenDictionary(static attribute => attribute.Name);

    private readonly PciDevice _device;

    public PciAttributes(PciDevice device) => _device = device;

    int INumbered.Index => _device.RuntimePm.Index;

    private RuntimePmSysfs Power => new(_device.RuntimePm);

    /// <summary><c>kernfs_seq_start()</c>.</summary>
    public async KernelCall<SysfsResult> Read(string attribute)
    {
        using LockScope entered = _device.TryEnterFile();
        return entered.IsTaken ? await Show(attribute) : Errno.ENOENT;
    }

    /// <summary><c>kernfs_fop_write_iter()</c>.</summary>
    public async KernelCall<int> Write(string attribute, string value)
    {
        bool isUnprotected = Find(attribute) is { IsUnprotected: true };
        using LockScope entered = isUnprotected ? default : _device.TryEnterFile();
        return entered.IsTaken || (isUnprotected && !_device.IsDead) ? await Store(attribute, value) : -Errno.ENOENT;
    }

    /// <summary>Those of the function in the fork.</summary>
    public IForkable Fork(ForkContext fork) => new PciAttributes(fork.Of(_device));

    private KernelCall<SysfsResult> Show(string attribute) =>
        Find(attribute) is not { } found ? Power.Read(attribute)
        : found.Show is { } show ? show(_device)
        : (SysfsResult)Errno.EACCES;

    private KernelCall<int> Store(string attribute, string value) =>
        Find(attribute) is not { } found ? Power.Write(attribute, value)
        : found.Store is { } store ? store(_device, value)
        : -Errno.EACCES;

    private PciAttribute? Find(string attribute) =>
        All.TryGetValue(attribute, out PciAttribute? found) && found.IsThere(_device) ? found : null;
}
