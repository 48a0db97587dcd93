using Microsoft.Extensions.Logging;

namespace VfioPm;

// Waiting until functions answer.
public static partial class PciPm
{
    // Milliseconds: PCI_RESET_WAIT. Longer waits are worth a line in the log.
    private const int LongWait = 1000;

    // The Vendor ID of who wants to be asked again (pci_bus_rrs_vendor_id()).
    private const uint RetryVendor = 0x0001;

    // How often a port's link is looked at, where looks are counted.
    private const int LooksAtLink = 100;

    // PCIE_LINK_RETRAIN_TIMEOUT_MS.
    private static readonly TimeSpan LinkTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits for a function until it answers configuration reads, in steps of 1, 2, 4, … ms (<c>pci_dev_wait()</c>).
    /// </summary>
    /// <param name="device">The function.</param>
    /// <param name="after">After what it is waited for (<see cref="ReadyWait"/>).</param>
    /// <param name="timeout">The time to give up after, in milliseconds.</param>
    /// <returns>0, or -ENOTTY if the function never answered.</returns>
    internal static async KernelCall<int> WaitReady(PciPmDevice device, string after, int timeout)
    {
        bool mayTrain = device.Rules.TrainsFailedLinks && device.Express is not null && device.Upstream is not null;
        int next = 1;
        while (true)
        {
            if (device.IsDisconnected && !device.Rules.WaitsForDisconnected)
            {
                return -Errno.ENOTTY;
            }

            if (await IsReady(device))
            {
                break;
            }

            if (next > timeout)
            {
                PciPowerLog.NotReady(
                    device.Logger, device.Rules.GivingUpIsError ? LogLevel.Error : LogLevel.Warning, device.Name, next - 1, after);
                return -Errno.ENOTTY;
            }

            if (next > LongWait)
            {
                bool isTrained = mayTrain && await TrainFailedLink(device.Upstream!) == 0;
                mayTrain = false;
                if (isTrained)
                {
                    next = 1;
                    continue;
                }

                PciPowerLog.Waiting(device.Logger, device.Name, next - 1, after);
            }

            await device.Msleep(TimeSpan.FromMilliseconds(next));
            next *= 2;
        }

        if (next > LongWait)
        {
            PciPowerLog.Ready(device.Logger, device.Name, next - 1, after);
        }

        return 0;
    }

    /// <summary>
    /// Has a root port show who wants to be asked again, where it can (<c>pci_enable_rrs_sv()</c>, before Linux 6.12
    /// <c>pci_enable_crs()</c>).
    /// </summary>
    internal static async KernelCall EnableRetryVisibility(PciPmDevice port)
    {
        if (port.Express is { SeesRetries: true, Offset: int express })
        {
            uint control = await port.Config.Read(express + ExpressRegisters.RootControl, 2);
            await port.Config.Write(
                express + ExpressRegisters.RootControl, 2, control | ExpressRegisters.RootControlRetryVisible);
        }
    }

    /// <summary>
    /// Whether a function answers: by Command, or where the root port shows who wants to be asked again by the Vendor ID. Linux 6.12
    /// takes anything else for an answer, all ones too.
    /// </summary>
    private static async KernelCall<bool> IsReady(PciPmDevice device)
    {
        if (!device.Rules.WaitsByVendorId || !IsBelowSeeingRoot(device))
        {
            return await device.Config.Read(PciRegisters.Command, 4) != uint.MaxValue;
        }

        uint id = await device.Config.Read(PciRegisters.VendorId, 4);
        if ((id & 0xffff) == RetryVendor)
        {
            return false;
        }

        if (!device.Rules.WantsVendorThere)
        {
            return true;
        }

        if (id == uint.MaxValue && device.HasNoVendorId)
        {
            id = await device.Config.Read(PciRegisters.Command, 4);
        }

        return id != uint.MaxValue;
    }

    private static bool IsBelowSeeingRoot(PciPmDevice device)
    {
        PciPmDevice? port = device;
        while (port is not null and not { Express.Type: ExpressPortType.RootPort })
        {
            port = port.Upstream;
        }

        return port is { Express.SeesRetries: true };
    }

    /// <summary>
    /// Waits until what is below a bridge may be accessed after a reset or power-on
    /// (<c>pci_bridge_wait_for_secondary_bus()</c>): the 100 ms of the specification, or what a function asks for, and then until
    /// the first function answers. What is inside of a switch needs no time: its upstream port has no link below it.
    /// </summary>
    /// <returns>0, or -ENOTTY if the link stayed down or the first function never answered.</returns>
    internal static async KernelCall<int> WaitForSecondaryBus(PciPmDevice bridge, string after)
    {
        TimeSpan delay = SecondaryBusDelay(bridge);
        if (bridge.Downstream.Count == 0 || bridge.IsDisconnected || delay == TimeSpan.Zero)
        {
            return 0;
        }

        // It may be removed meanwhile, and is waited for all the same (pci_dev_get()).
        PciPmDevice first = bridge.Downstream[0];
        if (bridge.Express is not { } express)
        {
            // Conventional buses need a second more (Tpvrh and Trhfa of PCI Local Bus 3.0, section 4.3.2).
            await bridge.Msleep(TimeSpan.FromSeconds(1) + delay);
            return 0;
        }

        if (!express.IsDownstreamPort)
        {
            return 0;
        }

        // Faster than 5 GT/s, the time begins when the link is up.
        bool waitsForLink = express.WaitsForLink(bridge.Rules);
        if (!waitsForLink)
        {
            await bridge.Msleep(delay);
        }
        else if (await WaitForLink(bridge, delay) < 0)
        {
            // Later kernels tell another time than the one that they waited for the link.
            PciPowerLog.NoLink(
                bridge.Logger, bridge.Name, (int)(bridge.Rules.LooksAtLinkForSecond ? delay : LinkTimeout).TotalMilliseconds);
            return -Errno.ENOTTY;
        }

        int waited = (int)delay.TotalMilliseconds;
        return bridge.Rules.GivesUpWithoutLink && !waitsForLink
            ? await WaitWhileLinkIsUp(bridge, first, after, waited)
            : await WaitReady(first, after, ReadyWait.DefaultTimeout - waited);
    }

    /// <summary>After a second, a link that is not up says that nobody is there.</summary>
    private static async KernelCall<int> WaitWhileLinkIsUp(PciPmDevice port, PciPmDevice first, string after, int waited)
    {
        if (await WaitReady(first, after, LongWait - waited) >= 0)
        {
            return 0;
        }

        return port.Express is { ReportsLink: true } && await ReadLinkActive(port)
            ? await WaitReady(first, after, ReadyWait.DefaultTimeout - LongWait)
            : -Errno.ENOTTY;
    }

    /// <summary>
    /// Waits until the link below a port is up, and then for a time (<c>pcie_wait_for_link_delay()</c>): 20 ms in which it begins to
    /// train, then a look now and again for a second. A port that does not say whether it is gets a second.
    /// </summary>
    /// <returns>0, or -ENOTTY if the link stayed down.</returns>
    internal static async KernelCall<int> WaitForLink(PciPmDevice port, TimeSpan delay)
    {
        if (port.Express is not { ReportsLink: true })
        {
            await port.Msleep(LinkTimeout + delay);
            return 0;
        }

        await port.Msleep(TimeSpan.FromMilliseconds(20));
        int result = await (port.Rules.LooksAtLinkForSecond ? LookForSecond(port) : LookHundredTimes(port));
        if (result < 0 && !(port.Rules.TrainsFailedLinks && await TrainFailedLink(port) == 0))
        {
            return -Errno.ENOTTY;
        }

        await port.Msleep(delay);
        return 0;
    }

    /// <summary>A look every other tick (<c>pcie_wait_for_link_status()</c>).</summary>
    private static async KernelCall<int> LookForSecond(PciPmDevice port)
    {
        TimeSpan end = port.Kernel.Clock.Now + LinkTimeout;
        do
        {
            if (await ReadLinkActive(port))
            {
                return 0;
            }

            await port.Msleep(TimeSpan.FromMilliseconds(1));
        }
        while (port.Kernel.Clock.Now < end);

        return -Errno.ETIMEDOUT;
    }

    /// <summary>A look every 10 ms, as if that were what <c>msleep(10)</c> takes: two seconds.</summary>
    private static async KernelCall<int> LookHundredTimes(PciPmDevice port)
    {
        for (int looks = 0; !await ReadLinkActive(port); looks++)
        {
            if (looks == LooksAtLink)
            {
                return -Errno.ENOTTY;
            }

            await port.Msleep(TimeSpan.FromMilliseconds(10));
        }

        return 0;
    }

    /// <summary>What Link Status says of the link now.</summary>
    private static async KernelCall<bool> ReadLinkActive(PciPmDevice port) =>
        (await ReadLinkStatus(port) & ExpressRegisters.LinkStatusActive) != 0;

    private static KernelCall<uint> ReadLinkStatus(PciPmDevice port) =>
        port.Config.Read(port.Express!.Offset + ExpressRegisters.LinkStatus, 2);

    /// <summary>
    /// How long a bridge waits for its secondary bus (<c>pci_bus_max_d3cold_delay()</c>): as long as the slowest function needs,
    /// and at least 100 ms unless there is one that is known to need less.
    /// </summary>
    private static TimeSpan SecondaryBusDelay(PciPmDevice bridge)
    {
        TimeSpan shortest = TimeSpan.FromMilliseconds(100);
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciPmDevice below = bridge.Downstream[i];
            TimeSpan delay = below.Quirks.D3ColdDelay ?? below.D3ColdDelay;
            shortest = delay < shortest ? delay : shortest;
            longest = delay > longest ? delay : longest;
        }

        return longest > shortest ? longest : shortest;
    }
}
