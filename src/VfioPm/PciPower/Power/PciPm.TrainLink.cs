using System.Numerics;

namespace VfioPm;

// Links that are down though something is at their other end.
public static partial class PciPm
{
    // ASM2824, the one switch that older kernels let go fast again.
    private const uint AsMedia = 0x1b21;
    private const uint AsMediaSwitch = 0x2824;

    /// <summary>
    /// A link whose speed or width changed and that is down is trained again at 2.5 GT/s, where the port says whether it is up; and one that
    /// is up at no more than that, as fast as it can be (<c>pcie_failed_link_retrain()</c>).
    /// </summary>
    /// <returns>0 if the link was trained; -ENOTTY if there was no need to; -ETIMEDOUT or -EAGAIN where it came to nothing.</returns>
    private static async KernelCall<int> TrainFailedLink(PciPmDevice port)
    {
        if (port.IsDisconnected
            || port.Express is not { IsDownstreamPort: true, HasLinkControl: true, HasSecondRegisters: true, ReportsLink: true } express)
        {
            return -Errno.ENOTTY;
        }

        int fastest = express.FastestSpeed(port.Rules);
        uint target = await ReadTargetSpeed(port);
        uint status = await ReadLinkStatus(port);
        bool isUp = (status & ExpressRegisters.LinkStatusActive) != 0;
        bool isSlow = fastest == ExpressRegisters.LinkSpeed2_5 || (!isUp && target == ExpressRegisters.LinkSpeed2_5);
        if (port.Rules.SwitchesSpeeds && isSlow)
        {
            return -Errno.ENOTTY;
        }

        int result = -Errno.ENOTTY;
        if (!isUp && HasChanged(port, status))
        {
            PciPowerLog.TrainingSlowly(port.Logger, port.Name);
            result = await TrainAt(port, ExpressRegisters.LinkSpeed2_5, untilUp: true);
            if (result < 0)
            {
                return await TrainAsBefore(port, target, result);
            }
        }

        if (!await MayGoFast(port))
        {
            return result;
        }

        PciPowerLog.TrainingFast(port.Logger, port.Name);
        result = await TrainAt(port, fastest, untilUp: true);
        return result < 0 ? await TrainAsBefore(port, target, result) : result;
    }

    /// <summary><c>pcie_lbms_seen()</c>.</summary>
    private static bool HasChanged(PciPmDevice port, uint status) =>
        port.Bridge is { SawLinkChange: true } || (status & ExpressRegisters.LinkStatusBandwidthChanged) != 0;

    /// <summary>Whether the link is held to 2.5 GT/s; older kernels look at one port only, and where the link is up.</summary>
    private static async KernelCall<bool> MayGoFast(PciPmDevice port)
    {
        bool isAsked = port.Rules.SwitchesSpeeds
            || (PciIdentity.In(port.Config.Found) is { Vendor: AsMedia, Device: AsMediaSwitch } && await ReadLinkActive(port));
        return isAsked && await ReadTargetSpeed(port) == ExpressRegisters.LinkSpeed2_5;
    }

    /// <summary>What is left of it is taken back, whatever comes of that.</summary>
    private static async KernelCall<int> TrainAsBefore(PciPmDevice port, uint target, int result)
    {
        PciPowerLog.TrainingFailed(port.Logger, port.Name);
        await TrainAt(port, (int)target, untilUp: false);
        return result;
    }

    /// <summary>
    /// Sets the link's speed and trains it (<c>pcie_retrain_link()</c>); later kernels ask for no more than who is below can do, and
    /// not for what there is (<c>pcie_set_target_speed()</c>).
    /// </summary>
    private static async KernelCall<int> TrainAt(PciPmDevice port, int speed, bool untilUp)
    {
        if (!port.Rules.SwitchesSpeeds)
        {
            await WriteTargetSpeed(port, speed);
            return await Train(port, untilUp);
        }

        if (await ReadLinkSpeed(port) == speed)
        {
            return 0;
        }

        await WriteTargetSpeed(port, SpeedOfBoth(port, speed));
        int result = await Train(port, untilUp);
        return result == 0 && port.Downstream.Count > 0 && await ReadLinkSpeed(port) != speed ? -Errno.EAGAIN : result;
    }

    private static async KernelCall<int> Train(PciPmDevice port, bool untilUp)
    {
        int express = port.Express!.Offset;
        await port.Config.Update(express + ExpressRegisters.LinkControl, 2, clear: 0, ExpressRegisters.LinkControlRetrain);
        int result = untilUp ? await LookForSecond(port) : 0;
        port.Bridge!.SawLinkChange = false;
        await port.Config.Write(express + ExpressRegisters.LinkStatus, 2, ExpressRegisters.LinkStatusBandwidthChanged);
        return result;
    }

    /// <summary>The fastest speed up to one that a port and the first function below it have (<c>pcie_bwctrl_select_speed()</c>).</summary>
    private static int SpeedOfBoth(PciPmDevice port, int speed)
    {
        uint speeds = port.Express!.SupportedSpeeds;
        if (port.Downstream.Count > 0)
        {
            speeds &= port.Downstream[0].Express?.SupportedSpeeds ?? 0;
        }

        speeds &= (2u << speed) - 1;
        return speeds == 0 ? ExpressRegisters.LinkSpeed2_5 : BitOperations.Log2(speeds);
    }

    private static async KernelCall<int> ReadLinkSpeed(PciPmDevice port) =>
        (int)(await ReadLinkStatus(port) & ExpressRegisters.LinkCapabilitiesSpeed);

    private static async KernelCall<uint> ReadTargetSpeed(PciPmDevice port) =>
        await port.Config.Read(port.Express!.Offset + ExpressRegisters.LinkControl2, 2) & ExpressRegisters.LinkControl2TargetSpeed;

    private static KernelCall WriteTargetSpeed(PciPmDevice port, int speed) => port.Config.Update(
        port.Express!.Offset + ExpressRegisters.LinkControl2, 2, ExpressRegisters.LinkControl2TargetSpeed, (uint)speed);
}
