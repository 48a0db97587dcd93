namespace VfioPm;

/// <summary>Resets of all that is on a bridge's secondary bus.</summary>
internal static class BusReset
{
    /// <summary>
    /// Resets the bus with everybody's configuration saved before and restored after (<c>__pci_reset_bus()</c>).
    /// </summary>
    /// <returns>0; -ENOTTY where the reset is not for one of them; -EAGAIN if somebody holds a lock of one of them; -ENOTTY if the first did not come back.</returns>
    public static async KernelCall<int> TryReset(PciDevice bridge)
    {
        if (!IsResettable(bridge))
        {
            return -Errno.ENOTTY;
        }

        using BusScope held = BusScope.TryLock(bridge);
        if (!held.IsTaken)
        {
            return -Errno.EAGAIN;
        }

        await SaveAndDisable(bridge);
        int result = await ResetSecondary(bridge);
        await Restore(bridge);
        return result;
    }

    /// <summary>Whether a reset is for all that is below a bridge, and for the bridge (<c>pci_bus_resettable()</c>).</summary>
    public static bool IsResettable(PciDevice bridge)
    {
        if (bridge.Quirks.HasNoBusReset)
        {
            return false;
        }

        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciDevice below = bridge.Downstream[i];
            if (below.Quirks.HasNoBusReset || (below.IsBridge && !IsResettable(below)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Pulses the bus's reset and waits for the first function (<c>pci_bridge_secondary_bus_reset()</c>).
    /// </summary>
    public static async KernelCall<int> ResetSecondary(PciDevice bridge)
    {
        uint control = bridge.ReadConfig(PciRegisters.BridgeControl, 2);
        bridge.WriteConfig(PciRegisters.BridgeControl, 2, control | PciRegisters.BridgeControlBusReset);
        await bridge.Msleep(TimeSpan.FromMilliseconds(2));
        bridge.WriteConfig(PciRegisters.BridgeControl, 2, control & ~(uint)PciRegisters.BridgeControlBusReset);
        return await PciPm.WaitForSecondaryBus(bridge, ReadyWait.AfterBusReset);
    }

    /// <summary>A bridge first, then what is below it (<c>pci_bus_save_and_disable_locked()</c>).</summary>
    private static async KernelCall SaveAndDisable(PciDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciDevice device = bridge.Downstream[i];
            await AroundReset.SaveAndDisable(device);
            await SaveAndDisable(device);
        }
    }

    /// <summary>A bridge first, then what is below it, once that answers (<c>pci_bus_restore_locked()</c>).</summary>
    private static async KernelCall Restore(PciDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciDevice device = bridge.Downstream[i];
            await AroundReset.Restore(device);
            if (device.IsBridge)
            {
                await PciPm.WaitForSecondaryBus(device, ReadyWait.AfterBusReset);
                await Restore(device);
            }
        }
    }
}
