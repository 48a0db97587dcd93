namespace VfioPm;

/// <summary>
/// What the kernel keeps of a physical function, and the virtual functions that it has enabled (<c>struct pci_sriov</c>,
/// <c>drivers/pci/iov.c</c>). Migration of virtual functions is not modelled.
/// </summary>
public sealed class PciSriov : INumbered
{
    private static readonly TimeSpan EnableDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DisableDelay = TimeSpan.FromSeconds(1);

    private readonly PciDevice _device;
    private readonly SriovCapability _capability;
    private readonly PublishedList<PciDevice> _virtualFunctions = [];
    private readonly uint[] _bars;
    private readonly uint _pageSize;
    private readonly uint _disabledControl;

    /// <summary>Takes the capability down when the function is found (<c>sriov_init()</c>).</summary>
    private PciSriov(PciDevice device, SriovCapability capability, bool tellsAri)
    {
        _device = device;
        _capability = capability;
        TotalVfs = capability.TotalVfs;
        MostVfs = capability.TotalVfs;
        VfDeviceId = capability.VfDeviceId;
        uint sizes = Read(SriovRegisters.SupportedPageSizes, 4);
        _pageSize = sizes & ~(sizes - 1);
        _bars = new uint[Bar.RomIndex];
        for (int bar = 0; bar < _bars.Length; bar++)
        {
            _bars[bar] = Read(SriovRegisters.VfBaseAddress0 + (4 * bar), 4);
        }

        _disabledControl = tellsAri ? SriovRegisters.ControlAri : 0u;
        Write(SriovRegisters.Control, 2, _disabledControl);
        Write(SriovRegisters.SystemPageSize, 4, _pageSize);
        SetNumVfs(0);
    }

    internal PciSriov(PciSriov original, PciDevice device, ForkContext fork)
    {
        _device = device;
        _capability = device.Hardware.Sriov!;
        fork.CopyAll(original._virtualFunctions, _virtualFunctions);
        _bars = original._bars;
        _pageSize = original._pageSize;
        _disabledControl = original._disabledControl;
        TotalVfs = original.TotalVfs;
        VfDeviceId = original.VfDeviceId;
        Offset = original.Offset;
        Stride = original.Stride;
        DriversAutoprobe = original.DriversAutoprobe;
        MostVfs = original.MostVfs;
    }

    /// <summary>How many virtual functions there can be.</summary>
    public int TotalVfs { get; }

    /// <summary>How many the driver lets there be (<c>pci_sriov_get_totalvfs()</c>).</summary>
    public int MostVfs { get; private set; }

    /// <summary>The device ID of each.</summary>
    public ushort VfDeviceId { get; }

    /// <summary>How far the first one's routing identifier is from the physical function's.</summary>
    public int Offset { get; private set; }

    /// <summary>How far each is from the one before.</summary>
    public int Stride { get; private set; }

    /// <summary>How many are enabled (<c>pci_num_vf()</c>).</summary>
    public int NumVfs => _virtualFunctions.Count;

    /// <summary>Those that are enabled.</summary>
    public IReadOnlyList<PciDevice> VirtualFunctions => _virtualFunctions;

    /// <summary>Whether drivers may take virtual functions that no driver was set for.</summary>
    public bool DriversAutoprobe { get; internal set; } = true;

    int INumbered.Index => _device.RuntimePm.Index;

    private uint EnabledControl =>
        _disabledControl | SriovRegisters.ControlVfEnable | SriovRegisters.ControlVfMemory;

    private bool HasUnassignedBar
    {
        get
        {
            foreach (Bar bar in _capability.VfBars)
            {
                if (bar.AddressIn(_device.Hardware.Configuration) == 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Only a total of virtual functions makes a physical function (<c>pci_iov_init()</c>).</summary>
    /// <param name="device">The function.</param>
    /// <param name="tellsAri">Whether it says that virtual functions may have numbers above 7.</param>
    internal static PciSriov? Find(PciDevice device, bool tellsAri) =>
        device.Hardware.Sriov is { TotalVfs: > 0 } capability ? new PciSriov(device, capability, tellsAri) : null;

    /// <summary>The driver lets there be fewer virtual functions (<c>pci_sriov_set_totalvfs()</c>), as long as it has the function.</summary>
    /// <returns>0; -EINVAL for more than the function has; -EBUSY while some are enabled.</returns>
    public int SetTotalVfs(int count)
    {
        if (count < 0 || count > TotalVfs)
        {
            return -Errno.EINVAL;
        }

        if (NumVfs != 0)
        {
            return -Errno.EBUSY;
        }

        MostVfs = count;
        return 0;
    }

    /// <summary>
    /// Enables virtual functions, or with 0 takes all away, for a driver that has nothing to prepare
    /// (<c>pci_sriov_configure_simple()</c>).
    /// </summary>
    /// <returns>How many there are; what <see cref="Enable"/> gives.</returns>
    public async KernelCall<int> ConfigureSimple(int count)
    {
        if (count == 0)
        {
            await Disable();
            return 0;
        }

        int result = await Enable(count);
        return result < 0 ? result : count;
    }

    /// <summary>Enables virtual functions (<c>pci_enable_sriov()</c>, <c>sriov_enable()</c>).</summary>
    /// <returns>
    /// 0; -EINVAL if some are enabled, or there cannot be as many; -ENOMEM without addresses for their BARs, or a bus for
    /// all of them; -EIO if one does not answer, or the capability makes no sense.
    /// </returns>
    public async KernelCall<int> Enable(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        if (NumVfs != 0)
        {
            return -Errno.EINVAL;
        }

        if (Read(SriovRegisters.InitialVfs, 2) != TotalVfs)
        {
            return -Errno.EIO;
        }

        if (count < 0 || count > TotalVfs)
        {
            return -Errno.EINVAL;
        }

        int last = _device.Address.RequesterId + Offset + ((count - 1) * Stride);
        if (HasUnassignedBar || last >> 8 != _device.Address.Bus)
        {
            return -Errno.ENOMEM;
        }

        if (_capability.VfBars.Count > 0)
        {
            _device.Command.Update(clear: 0, set: PciRegisters.CommandMemory);
        }

        SetNumVfs(count);
        Write(SriovRegisters.Control, 2, EnabledControl);
        await _device.Msleep(EnableDelay);
        return await AddAll(count);
    }

    /// <summary>Takes all virtual functions away (<c>pci_disable_sriov()</c>, <c>sriov_disable()</c>).</summary>
    public async KernelCall Disable()
    {
        if (NumVfs != 0)
        {
            await RemoveAll();
            await SwitchOff();
        }
    }

    /// <summary>
    /// After a reset the capability is as the kernel set it up, where VF Enable was lost (<c>sriov_restore_state()</c>).
    /// </summary>
    internal async KernelCall RestoreState()
    {
        if ((Read(SriovRegisters.Control, 2) & SriovRegisters.ControlVfEnable) != 0)
        {
            return;
        }

        // ARI first: where the virtual functions are depends on it.
        Write(SriovRegisters.Control, 2, _disabledControl);
        for (int bar = 0; bar < _bars.Length; bar++)
        {
            if (_bars[bar] != 0)
            {
                Write(SriovRegisters.VfBaseAddress0 + (4 * bar), 4, _bars[bar]);
            }
        }

        Write(SriovRegisters.SystemPageSize, 4, _pageSize);
        SetNumVfs(NumVfs);
        if (NumVfs != 0)
        {
            Write(SriovRegisters.Control, 2, EnabledControl);
            await _device.Msleep(EnableDelay);
        }
    }

    /// <summary>The next driver may have other limits (<c>pci_iov_remove()</c>).</summary>
    internal void OnDriverRemoved()
    {
        MostVfs = TotalVfs;
        if (NumVfs != 0)
        {
            DriverLog.LeftSriovEnabled(_device.Logger, _device.Name);
        }
    }

    /// <summary>The one of the function in the fork.</summary>
    IForkable IForkable.Fork(ForkContext fork) => fork.Of(_device).Sriov!;

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_virtualFunctions.Count);
        foreach (PciDevice virtualFunction in _virtualFunctions)
        {
            hash.Add(virtualFunction.RuntimePm.Index);
        }

        hash.Add(Offset);
        hash.Add(Stride);
        hash.Add(DriversAutoprobe);
        hash.Add(MostVfs);
    }

    /// <summary>All or none (<c>sriov_add_vfs()</c>).</summary>
    private async KernelCall<int> AddAll(int count)
    {
        for (int number = 0; number < count; number++)
        {
            if (!await TryAdd(number))
            {
                await RemoveAll();
                await SwitchOff();
                return -Errno.EIO;
            }
        }

        return 0;
    }

    /// <summary>
    /// Adds one (<c>pci_iov_add_virtfn()</c>). No driver may match when it is registered, only once it is complete
    /// (<c>pci_bus_add_device()</c>).
    /// </summary>
    /// <returns>
    /// False for one whose header cannot be read (<c>pci_setup_device()</c>), or at whose address another function answers.
    /// </returns>
    private async KernelCall<bool> TryAdd(int number)
    {
        if (number >= _device.Hardware.VirtualFunctions.Count
            || _device.Bus.Find(_device.Hardware.VirtualFunctions[number].Address) is not null
            || _device.Hardware.VirtualFunctions[number].ReadCycle(PciRegisters.HeaderType, 1) == 0xff)
        {
            return false;
        }

        PciDevice virtualFunction = await _device.Bus.AddVirtualFunction(_device, number);
        _virtualFunctions.Add(virtualFunction);
        if (_device.Driver is { CapturesVirtualFunctions: true } driver)
        {
            virtualFunction.DriverOverride = driver.Name;
        }

        await _device.Bus.Attach(virtualFunction);
        virtualFunction.Complete();
        await _device.Bus.Attach(virtualFunction);
        return true;
    }

    /// <summary><c>sriov_del_vfs()</c>, the first one first.</summary>
    private async KernelCall RemoveAll()
    {
        for (int i = 0; i < _virtualFunctions.Count; i++)
        {
            await _device.Bus.Remove(_virtualFunctions[i]);
        }

        _virtualFunctions.Clear();
    }

    private async KernelCall SwitchOff()
    {
        Write(SriovRegisters.Control, 2, _disabledControl);
        await _device.Msleep(DisableDelay);
        SetNumVfs(0);
    }

    /// <summary>What the number is may change where they are (<c>pci_iov_set_numvfs()</c>).</summary>
    private void SetNumVfs(int count)
    {
        Write(SriovRegisters.NumVfs, 2, (uint)count);
        Offset = (int)Read(SriovRegisters.FirstVfOffset, 2);
        Stride = (int)Read(SriovRegisters.VfStride, 2);
    }

    private uint Read(int register, int width) => _device.ReadConfig(_capability.Offset + register, width);

    private void Write(int register, int width, uint value) =>
        _device.WriteConfig(_capability.Offset + register, width, value);
}
