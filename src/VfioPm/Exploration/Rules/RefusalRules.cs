namespace VfioPm;

/// <summary>Rules about calls that the kernel refuses.</summary>
internal static class RefusalRules
{
    public static readonly Rule RefusalChangesNothing = new StateRule(
        "refusal-changes-nothing",
        "A call that the kernel refused (-EAGAIN, -EBUSY, -EINVAL, -EPERM, -EACCES) left what users see of their devices as it was.",
        "errno(3); vfio_pci_ioctl_reset(), vfio_pci_dev_set_hot_reset()",
        static moment => moment.Returns.Count > 0 ? FindChange(moment) : null);

    private static readonly Errno[] Refusals = [Errno.EAGAIN, Errno.EBUSY, Errno.EINVAL, Errno.EPERM, Errno.EACCES];

    private static string? FindChange(Moment moment)
    {
        foreach (CallReturn returned in moment.Returns)
        {
            if (returned.Result.Errno is { } errno && Refusals.Contains(errno)
                && returned.Before.FindChange(moment.Host) is { } change)
            {
                return $"{returned.Step} was refused (-{errno}), and {change}";
            }
        }

        return null;
    }
}
