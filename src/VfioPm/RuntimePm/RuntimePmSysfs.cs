using System.Globalization;

namespace VfioPm;

/// <summary>
/// The attributes of a device under <c>power/</c> in sysfs that show and steer its runtime PM
/// (<c>drivers/base/power/sysfs.c</c>), as text without the line's end. Who steers holds the device's lock, which keeps them
/// from a driver that binds or goes.
/// </summary>
internal readonly struct RuntimePmSysfs(RuntimePmDevice device)
{
    /// <summary>Reads an attribute, such as "power/control".</summary>
    /// <returns>The text, or the error: -ENOENT without such an attribute, -EIO where it does not apply now.</returns>
    public SysfsResult Read(string attribute) => attribute switch
    {
        "power/control" => device.RuntimeAuto ? "auto" : "on",
        "power/runtime_status" => NameOfStatus,
        "power/runtime_active_time" => Milliseconds(device.ActiveTime),
        "power/runtime_suspended_time" => Milliseconds(device.SuspendedTime),
        "power/runtime_usage" => Number(device.UsageCount),
        "power/runtime_active_kids" => Number(device.IgnoresChildren ? 0 : device.ChildCount),
        "power/runtime_enabled" => NameOfEnabled,
        "power/autosuspend_delay_ms" => device.UseAutosuspend ? Number(device.AutosuspendDelay) : Errno.EIO,
        "power/async" => device.SuspendsAsync ? "enabled" : "disabled",
        _ => Errno.ENOENT,
    };

    /// <summary>Writes an attribute.</summary>
    /// <returns>
    /// 0; -EINVAL for a value that the attribute does not take; -EACCES for one that can only be read; -EIO, -ENOENT as for reading.
    /// </returns>
    public async KernelCall<int> Write(string attribute, string value) => attribute switch
    {
        "power/control" => await SetControl(value),
        "power/autosuspend_delay_ms" => await SetAutosuspendDelay(value),
        "power/async" => SetAsync(value),
        _ => Read(attribute).Error == Errno.ENOENT ? -Errno.ENOENT : -Errno.EACCES,
    };

    private async KernelCall<int> SetControl(string value)
    {
        using (await device.Lock.Lock())
        {
            if (SysfsText.Is(value, "auto"))
            {
                await PmRuntime.Allow(device);
                return 0;
            }

            if (SysfsText.Is(value, "on"))
            {
                await PmRuntime.Forbid(device);
                return 0;
            }

            return -Errno.EINVAL;
        }
    }

    private async KernelCall<int> SetAutosuspendDelay(string value)
    {
        if (!device.UseAutosuspend)
        {
            return -Errno.EIO;
        }

        if (!SysfsText.TryParseInt(value, out int delay))
        {
            return -Errno.EINVAL;
        }

        using (await device.Lock.Lock())
        {
            await PmRuntime.SetAutosuspendDelay(device, delay);
            return 0;
        }
    }

    /// <summary>Whether system sleep may suspend it beside others (<c>async_store()</c>).</summary>
    private int SetAsync(string value)
    {
        bool isEnabled = SysfsText.Is(value, "enabled");
        if (!isEnabled && !SysfsText.Is(value, "disabled"))
        {
            return -Errno.EINVAL;
        }

        device.SuspendsAsync = isEnabled;
        return 0;
    }

    /// <summary><c>rpm_status</c>: an error shows before the status, a disabled device as unsupported.</summary>
    private string NameOfStatus =>
        device.Error != 0 ? "error"
        : !device.IsEnabled ? "unsupported"
        : device.Status switch
        {
            RuntimeStatus.Active => "active",
            RuntimeStatus.Resuming => "resuming",
            RuntimeStatus.Suspended => "suspended",
            _ => "suspending",
        };

    private string NameOfEnabled => (device.IsEnabled, device.RuntimeAuto) switch
    {
        (true, true) => "enabled",
        (true, false) => "forbidden",
        (false, true) => "disabled",
        _ => "disabled & forbidden",
    };

    private static string Milliseconds(TimeSpan time) =>
        (time.Ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
