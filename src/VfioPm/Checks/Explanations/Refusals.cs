namespace VfioPm;

/// <summary>
/// Why the kernel returns an error to a call: what is so of the function now where that can be seen, and otherwise when such a
/// call fails so at all (docs/errno.md has the same as a table).
/// </summary>
internal static class Refusals
{
    /// <summary>The reasons, in clauses without their full stops: at least one.</summary>
    public static IEnumerable<string> Of(ReturnedCall? call, Errno error)
    {
        string[] reasons = call is null ? [] : [.. OfOperation(call, error)];
        return reasons.Length > 0 ? reasons : [MeaningOf(error)];
    }

    private static IEnumerable<string> OfOperation(ReturnedCall call, Errno error)
    {
        string kernel = HostTrace.Of(call.Clock)?.KernelName ?? "this kernel";
        PciDevice? function = FunctionOf(call);
        return (call.Operation?.What, error) switch
        {
            ("user asks to permit low power" or "user asks to end low power", Errno.ENOTTY) =>
                [$"there is no low power for users before Linux 6.1, and this is {kernel}"],
            ("user asks to permit low power", Errno.EINVAL) => ["the user has permitted low power already", "or its eventfd is none"],
            ("user hot resets" or "user asks what a hot reset resets", Errno.ENODEV) =>
                [$"{call.Device} is on a root bus, which nobody can reset"],
            ("user hot resets", Errno.EINVAL) when function is not null => OfHotReset(function),
            ("user hot resets", Errno.EBUSY) => ["the user of one of the functions has its power state or its decoding changed, or resets it"],
            ("user hot resets" or "user resets the device" or "opened", Errno.EAGAIN) =>
                ["somebody else is busy with the function: the device_lock of one that is reset is held"],
            ("user resets the device", Errno.EINVAL) => [$"{call.Device} could not be reset when it was opened"],
            ("user resets the device" or "user hot resets", Errno.ENOTTY) => [$"{call.Device} did not come back after the reset"],
            ("bound to vfio-pci", Errno.EBUSY or Errno.ENODEV) when function is { Driver: { } driver } =>
                [$"{driver.Name} has {call.Device}: unbind it first"],
            ("bound to vfio-pci", Errno.EBUSY) => [$"virtual functions of {call.Device} are enabled"],
            ("bound to vfio-pci", Errno.EINVAL) => [$"{call.Device} is a bridge"],
            ("opened", Errno.EACCES) => OfOpen(function),
            ("opened", Errno.EPERM or Errno.EINVAL) when function is not null && DmaOwnership.KernelsOf(function) is { } kernels =>
                [$"IOMMU group {function.IommuGroup} is not viable: {kernels.Driver!.Name} has {kernels.Name}, which is in it"],
            ("opened", Errno.EPERM) when function is not null && DmaOwnership.UserOf(function) is { } bound =>
                [$"{bound.Name}, which is in the same IOMMU group, {function.IommuGroup}, is bound to another iommufd"],
            ("opened", Errno.EBUSY) when function is not null && DmaOwnership.UserOf(function) is { } open =>
                [OfGroup(open, VfioPciDriver.TryFind(open)!)],
            ({ } what, Errno.EBUSY) when what.StartsWith("bound to ", StringComparison.Ordinal)
                && function is { Driver: null } && DmaOwnership.UserOf(function) is { } users =>
                [$"a user has {users.Name}, which is in the same IOMMU group, {function.IommuGroup}"],
            ("guest reads a region" or "guest writes to a region", Errno.EIO)
                when function is not null && VfioPciDriver.TryFind(function)?.Files is [.., var file] && MemoryFences.Of(file).Any() =>
                MemoryFences.Of(file),
            ("guest reads a region", Errno.ENOMEM) => ["the ROM has no image, or memory is disabled"],
            ({ } what, Errno.ENOENT) when what.StartsWith("host ", StringComparison.Ordinal) => [OfAttribute(what, call.Device, function, kernel)],
            ({ } what, Errno.EINVAL) when what.StartsWith("host writes ", StringComparison.Ordinal) =>
                ["the attribute does not take this value"],
            ({ } what, Errno.EIO) when IsOfUser(what) && function is not null => OfWaking(function),
            _ => [],
        };
    }

    /// <summary>An attribute that the model lacks is no finding about the kernel.</summary>
    private static string OfAttribute(string what, string device, PciDevice? function, string kernel)
    {
        string? missing = NotModelledAttributes.All
            .FirstOrDefault(attribute => what.EndsWith($" {attribute.Name}", StringComparison.Ordinal) && attribute.IsThere(function)).Name;
        return missing is not null
            ? $"{missing} is not modelled, though Linux has it (docs/sysfs.md lists what is)"
            : $"there is no such attribute of {device} on {kernel}";
    }

    private static IEnumerable<string> OfHotReset(PciDevice function)
    {
        if (function.Upstream is not { } bridge)
        {
            yield break;
        }

        PciDevice[] others = [.. bridge.Downstream.Where(static below => VfioPciDriver.TryFind(below) is null)];
        foreach (PciDevice below in others)
        {
            yield return $"{below.Name} is on the same bus, and {(below.Driver is { } driver ? $"{driver.Name} has it" : "it has no driver")}:"
                + " vfio-pci must have all that the reset would reset";
        }

        if (others.Length > 0)
        {
            yield break;
        }

        if (VfioPciDriver.TryFind(function)?.Iommufd is { } iommufd)
        {
            foreach (PciDevice below in bridge.Downstream.Where(below => VfioPciDriver.TryFind(below)!.FindIn(iommufd) == DependentDevice.NotOwned))
            {
                yield return $"{below.Name} is on the same bus, and the iommufd that {function.Name} is bound to does not own it";
            }

            yield return "the flags are not 0, or the caller names groups, which is for who opened the device by its group";
            yield break;
        }

        yield return "the flags are not 0, or the caller names no group, something that is none, or not those of all functions on the bus: "
            + string.Join(", ", bridge.Downstream.Select(below => $"{below.Name} is in group {below.IommuGroup}"));
    }

    private static string OfGroup(PciDevice open, VfioPciDevice bound) => bound.Iommufd is not null
        ? $"{open.Name}, of IOMMU group {open.IommuGroup}, is open by its character device, and so the group cannot be"
        : bound.IsGroupBusy
            ? $"a user has closed {open.Name}, and what he has mapped keeps its IOMMU group, {open.IommuGroup}, open"
            : $"a user has {open.Name} by its IOMMU group, {open.IommuGroup}, and so nobody can have a function of it by a character device";

    private static IEnumerable<string> OfOpen(PciDevice? function)
    {
        if (function is { RuntimePm.IsEnabled: false })
        {
            yield return $"runtime PM of {function.Name} is disabled, and it sleeps";
        }
        else
        {
            yield return "the token of the physical function and its virtual functions is missing, or another";
        }
    }

    private static string[] OfWaking(PciDevice function) =>
        [.. WakeObstacles.Of(function).Select(reason => $"the device cannot be woken for the call: {reason}")];

    private static bool IsOfUser(string what) =>
        what.StartsWith("user ", StringComparison.Ordinal) || what.StartsWith("guest ", StringComparison.Ordinal);

    private static PciDevice? FunctionOf(ReturnedCall call) => HostTrace.Of(call.Clock)?.Core.Devices
        .Select(PciRuntimePm.FunctionOf)
        .FirstOrDefault(function => function?.Name == call.Device);

    /// <summary>What the number says by itself (<c>errno(3)</c>).</summary>
    private static string MeaningOf(Errno error) => error switch
    {
        Errno.EPERM => "the operation is not permitted",
        Errno.ENOENT => "there is no such thing",
        Errno.EIO => "the device did not do it",
        Errno.ENXIO => "there is no such device or address",
        Errno.EBADF => "a descriptor is not open",
        Errno.EBADFD => "a descriptor is of another kind of file",
        Errno.EAGAIN => "somebody else is busy with it: the caller may try again",
        Errno.ENOMEM => "there is no memory for it",
        Errno.EACCES => "the caller may not do it now",
        Errno.EFAULT => "an address or an offset is outside of what there is",
        Errno.EBUSY => "somebody else has it",
        Errno.EEXIST => "it is there already",
        Errno.ENODEV => "there is no such device",
        Errno.EINVAL => "the arguments make no sense, or not now",
        Errno.ENOTTY => "there is no such ioctl for this device on this kernel",
        Errno.ENOSPC => "there is no room for it",
        Errno.ERANGE => "a number is out of range",
        Errno.ENOSYS => "the kernel does not have it",
        Errno.EOVERFLOW => "there are no such addresses",
        Errno.EOPNOTSUPP => "it is not supported",
        Errno.ETIMEDOUT => "it took too long",
        Errno.EINPROGRESS => "it is under way already",
        _ => "errno(3) tells",
    };
}
