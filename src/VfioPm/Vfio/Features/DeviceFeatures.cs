namespace VfioPm;

/// <summary><c>VFIO_DEVICE_FEATURE</c> of a device (<c>vfio_ioctl_device_feature()</c>).</summary>
internal readonly struct DeviceFeatures(VfioPciDevice device)
{
    /// <summary>Carries a request out.</summary>
    /// <returns>
    /// 0; -EINVAL for what makes no sense or is not offered; -ENOTTY for a feature that the kernel does not have, or
    /// not for such a device; and what the feature gives.
    /// </returns>
    public async KernelCall<int> Handle(VfioFeatureRequest request)
    {
        if (!request.IsWellFormed)
        {
            return -Errno.EINVAL;
        }

        if (Find(request.Feature) is not { } support)
        {
            return -Errno.ENOTTY;
        }

        int result = support.Check(request);
        return result != 1 ? result : request.Feature switch
        {
            VfioFeature.PciVfToken => SetToken(request.Token),
            VfioFeature.LowPowerEntry => await device.Power.EnterLowPower(wakeup: null),
            VfioFeature.LowPowerEntryWithWakeup => await EnterWithWakeup(request.Wakeup),
            VfioFeature.LowPowerExit => await device.Power.ExitLowPower(),
            VfioFeature.DmaBuf => await device.Export(request.DmaBuf),
            _ => -Errno.EINVAL,
        };
    }

    private FeatureSupport? Find(VfioFeature feature)
    {
        IReadOnlyList<FeatureSupport> all = device.Rules.Features;
        for (int i = 0; i < all.Count; i++)
        {
            if (all[i].Feature == feature)
            {
                return IsTokenOfAnother(feature) ? null : all[i];
            }
        }

        return null;
    }

    /// <summary>Only a physical function has a token.</summary>
    private bool IsTokenOfAnother(VfioFeature feature) => feature == VfioFeature.PciVfToken && device.Token is null;

    /// <summary><c>vfio_pci_core_feature_token()</c>.</summary>
    private int SetToken(Guid? value)
    {
        if (value is not { } token)
        {
            return -Errno.EFAULT;
        }

        device.Token!.Set(token);
        return 0;
    }

    /// <summary><c>vfio_pci_core_pm_entry_with_wakeup()</c>.</summary>
    private async KernelCall<int> EnterWithWakeup(FileDescriptor? descriptor)
    {
        if (descriptor is not { } wakeup)
        {
            return -Errno.EFAULT;
        }

        EventFd? eventFd = null;
        int result = wakeup.IsNone ? -Errno.EINVAL : wakeup.GetEventFd(device.Pci, out eventFd);
        return result < 0 ? result : await device.Power.EnterLowPower(eventFd);
    }
}
