namespace VfioPm;

// Functions that come and go while the machine runs (drivers/pci/remove.c, drivers/pci/probe.c).
public sealed partial class PciTopology
{
    void IPciBus.InsertCard(PciDevice port, string address, DeviceImage image, Action<FunctionSetup>? setup)
    {
        ArgumentNullException.ThrowIfNull(address);
        var wishes = new FunctionSetup();
        setup?.Invoke(wishes);
        PciAddress at = PciAddress.Parse(address);
        lock (_core.Clock.Gate)
        {
            bool replaces = FindsSlotEmptied(port);
            Check(at, port, wishes);
            if (replaces)
            {
                _absent.RemoveAll(absent => IsBelow(absent.Hardware, port.Hardware));
                port.Hardware.ForgetCard();
            }

            bool isFirst = !port.Hardware.HasCard;
            PciFunction hardware = MakeHardware(at, wishes.Image ?? image, port, wishes);
            _absent.Add(new AbsentFunction(
                hardware, wishes.MakePlatform(hardware), wishes.IommuGroup ?? NextIommuGroup(at)));
            if (isFirst)
            {
                port.Hardware.TellCard();
            }
        }
    }

    async KernelCall IPciBus.Remove(PciDevice function)
    {
        await StopTree(function);
        await DestroyTree(function);
    }

    async KernelCall IPciBus.FindBelow(PciDevice? bridge)
    {
        for (int i = 0; i < _absent.Count; i++)
        {
            AbsentFunction found = _absent[i];
            if (found.Hardware.Upstream == bridge?.Hardware && found.Answers)
            {
                _absent.RemoveAt(i--);
                found.AssignBars();
                var device = new PciDevice(this, _core, found.Hardware, bridge, _firmware, found.Platform)
                {
                    IommuGroup = found.IommuGroup,
                };
                await SetUp(device);
                await Drivers.Attach(device);
            }
        }
    }

    /// <summary>Whether another card comes where one was pulled out.</summary>
    private static bool FindsSlotEmptied(PciDevice port)
    {
        bool isEmptied = port.IsBridge && !port.Hardware.HasCard && port.Hardware.Downstream.Count > 0;
        return !isEmptied || port.Downstream.Count == 0
            ? isEmptied
            : throw new InvalidOperationException(
                $"The kernel has not let go of the card that was pulled out below {port.Name}.");
    }

    private static bool IsBelow(PciFunction function, PciFunction bridge)
    {
        PciFunction? above = function.Upstream;
        while (above is not null && above != bridge)
        {
            above = above.Upstream;
        }

        return above is not null;
    }

    /// <summary><c>pci_stop_bus_device()</c>: drivers first, the last function's first.</summary>
    private static async KernelCall StopTree(PciDevice function)
    {
        for (int i = function.Downstream.Count - 1; i >= 0; i--)
        {
            // With a physical function its virtual ones go.
            if (i < function.Downstream.Count)
            {
                await StopTree(function.Downstream[i]);
            }
        }

        await PciPm.SetPmeActive(function, false);
        if (function.IsAdded)
        {
            function.IsAdded = false;
            await DriverBinding.Release(function);
        }
    }

    /// <summary><c>pci_remove_bus_device()</c>.</summary>
    private async KernelCall DestroyTree(PciDevice function)
    {
        while (function.Downstream.Count > 0)
        {
            await DestroyTree(function.Downstream[0]);
        }

        if (!function.IsVirtualFunction)
        {
            _absent.Add(new AbsentFunction(function.Hardware, function.Platform, function.IommuGroup));
        }

        await Forget(function);

        // down_write(&pci_bus_sem): whether the bridge is idle is asked before it may learn that nobody below minds D3 any more.
        await function.Kernel.MightSleep();
        function.LeaveTree();
        if (function.Upstream is { } bridge)
        {
            PciPm.ReconsiderBridgeD3(bridge);
        }

        _devices.Remove(function);
        _highestIommuGroup = null;
    }

    /// <summary>
    /// <c>device_del()</c>: who is in its files is waited for, who bound it since it was stopped loses it, and nobody gets it any more.
    /// </summary>
    private static async KernelCall Forget(PciDevice function)
    {
        using (await function.Lock.Lock())
        {
            function.IsDead = true;
        }

        await function.Files.Drain();
        await DriverBinding.Release(function);
        await PmRuntime.Remove(function.RuntimePm);
    }
}
