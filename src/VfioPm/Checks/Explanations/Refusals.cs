namespace VfioPm;

/// <summary>
/// Why the kernel returns an error to a call: what is so of the function now where that can be seen, and otherwise when such a
/// call fails so at all (docs/errno.md has the same as a table).
/// </summary>
internal static class Refusals
{
    private const string Permits = "user asks to permit low power";
    private const string EndsPermission = "user asks to end low power";
    private const string HotResets = "user hot resets";
    private const string AsksForHotReset = "user asks what a hot reset resets";
    private const string Resets = "user resets the device";
    private const string Opens = "opened";
    private const string Reads = "guest reads a region";
    private const string Writes = "guest writes to a region";
    private const string BindsVfio = "bound to vfio-pci";

    private static readonly Dictionary<(string What, Errno Error), Func<Refusal, IEnumerable<string>>> ByOperation = new()
    {
        [(Permits, Errno.ENOTTY)] = OfMissingLowPower,
        [(EndsPermission, Errno.ENOTTY)] = OfMissingLowPower,
        [(Permits, Errno.EINVAL)] = static _ => ["the user has permitted low power already", "or its eventfd is none"],
        [(HotResets, Errno.ENODEV)] = OfRootBus,
        [(AsksForHotReset, Errno.ENODEV)] = OfRootBus,
        [(HotResets, Errno.EINVAL)] = static it => it.Function is { } function ? OfHotReset(function) : [],
        [(HotResets, Errno.EBUSY)] =
            static _ => ["the user of one of the functions has its power state or its decoding changed, or resets it"],
        [(HotResets, Errno.EAGAIN)] = OfDeviceLock,
        [(Resets, Errno.EAGAIN)] = OfDeviceLock,
        [(Opens, Errno.EAGAIN)] = OfDeviceLock,
        [(Resets, Errno.EINVAL)] = static it => [$"{it.Call.Device} could not be reset when it was opened"],
        [(Resets, Errno.ENOTTY)] = OfSilence,
        [(HotResets, Errno.ENOTTY)] = OfSilence,
        [(BindsVfio, Errno.EBUSY)] = static it => OfOtherDriver(it) ?? [$"virtual functions of {it.Call.Device} are enabled"],
        [(BindsVfio, Errno.ENODEV)] = static it => OfOtherDriver(it) ?? [],
        [(BindsVfio, Errno.EINVAL)] = static it => [$"{it.Call.Device} is a bridge"],
        [(Opens, Errno.EACCES)] = static it => OfOpen(it.Function),
        [(Opens, Errno.EPERM)] = static it => OfKernelsDriver(it.Function) ?? OfOtherIommufd(it.Function),
        [(Opens, Errno.EINVAL)] = static it => OfKernelsDriver(it.Function) ?? [],
        [(Opens, Errno.EBUSY)] = static it => UserOf(it.Function) is { } open ? [OfGroup(open, VfioPciDriver.TryFind(open)!)] : [],
        [(Reads, Errno.EIO)] = OfFences,
        [(Writes, Errno.EIO)] = OfFences,
        [(Reads, Errno.ENOMEM)] = static _ => ["the ROM has no image, or memory is disabled"],
    };

    private static readonly Dictionary<Errno, string> Meanings = new()
    {
        [Errno.EPERM] = "the operation is not permitted",
        [Errno.ENOENT] = "there is no such thing",
        [Errno.EIO] = "the device did not do it",
        [Errno.ENXIO] = "there is no such device or address",
        [Errno.EBADF] = "a descriptor is not open",
        [Errno.EBADFD] = "a descriptor is of another kind of file",
        [Errno.EAGAIN] = "somebody else is busy with it: the caller may try again",
        [Errno.ENOMEM] = "there is no memory for it",
        [Errno.EACCES] = "the caller may not do it now",
        [Errno.EFAULT] = "an address or an offset is outside of what there is",
        [Errno.EBUSY] = "somebody else has it",
        [Errno.EEXIST] = "it is there already",
        [Errno.ENODEV] = "there is no such device",
        [Errno.EINVAL] = "the arguments make no sense, or not now",
        [Errno.ENOTTY] = "there is no such ioctl for this device on this kernel",
        [Errno.ENOSPC] = "there is no room for it",
        [Errno.ERANGE] = "a number is out of range",
        [Errno.ENOSYS] = "the kernel does not have it",
        [Errno.EOVERFLOW] = "there are no such addresses",
        [Errno.EOPNOTSUPP] = "it is not supported",
        [Errno.ETIMEDOUT] = "it took too long",
        [Errno.EINPROGRESS] = "it is under way already",
    };

    /// <summary>The reasons, in clauses without their full stops: at least one.</summary>
    public static IEnumerable<string> Of(ReturnedCall? call, Errno error)
    {
        string[] reasons = call?.Operation is { What: { } what } ? Of(new Refusal(call, what, FunctionOf(call)), error) : [];
        return reasons.Length > 0 ? reasons : [Meanings.GetValueOrDefault(error, "it is no error of these calls")];
    }

    private static string[] Of(Refusal it, Errno error)
    {
        string[] known = ByOperation.TryGetValue((it.What, error), out Func<Refusal, IEnumerable<string>>? reasons) ? [.. reasons(it)] : [];
        return known.Length > 0 ? known : error switch
        {
            Errno.EBUSY when it.Is("bound to ") && it.Function is { Driver: null } && UserOf(it.Function) is { } user =>
                [$"a user has {user.Name}, which is in the same IOMMU group, {user.IommuGroup}"],
            Errno.ENOENT when it.Is("host ") => [OfAttribute(it)],
            Errno.EINVAL when it.Is("host writes ") => ["the attribute does not take this value"],
            Errno.EIO when (it.Is("user ") || it.Is("guest ")) && it.Function is { } function => OfWaking(function),
            _ => [],
        };
    }

    private static string[] OfMissingLowPower(Refusal it) =>
        [$"there is no low power for users before Linux 6.1, and this is {it.Kernel}"];

    private static string[] OfRootBus(Refusal it) => [$"{it.Call.Device} is on a root bus, which nobody can reset"];

    private static string[] OfDeviceLock(Refusal it) =>
        ["somebody else is busy with the function: the device_lock of one that is reset is held"];

    private static string[] OfSilence(Refusal it) => [$"{it.Call.Device} did not come back after the reset"];

    private static string[]? OfOtherDriver(Refusal it) =>
        it.Function?.Driver is { } driver ? [$"{driver.Name} has {it.Call.Device}: unbind it first"] : null;

    private static string[]? OfKernelsDriver(PciDevice? function) => function is not null && DmaOwnership.KernelsOf(function) is { } kernels
        ? [$"IOMMU group {function.IommuGroup} is not viable: {kernels.Driver!.Name} has {kernels.Name}, which is in it"]
        : null;

    private static string[] OfOtherIommufd(PciDevice? function) => UserOf(function) is { } bound
        ? [$"{bound.Name}, which is in the same IOMMU group, {bound.IommuGroup}, is bound to another iommufd"]
        : [];

    private static IEnumerable<string> OfFences(Refusal it) =>
        it.Function is { } function && VfioPciDriver.TryFind(function)?.Files is [.., var file] ? MemoryFences.Of(file) : [];

    private static PciDevice? UserOf(PciDevice? function) => function is null ? null : DmaOwnership.UserOf(function);

    /// <summary>An attribute that the model lacks is no finding about the kernel.</summary>
    private static string OfAttribute(Refusal it)
    {
        string? missing = NotModelledAttributes.All
            .FirstOrDefault(attribute => it.What.EndsWith($" {attribute.Name}", StringComparison.Ordinal) && attribute.IsThere(it.Function)).Name;
        return missing is not null
            ? $"{missing} is not modelled, though Linux has it (docs/sysfs.md lists what is)"
            : $"there is no such attribute of {it.Call.Device} on {it.Kernel}";
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

    private static PciDevice? FunctionOf(ReturnedCall call) => HostTrace.Of(call.Clock)?.Core.Devices
        .Select(PciRuntimePm.FunctionOf)
        .FirstOrDefault(function => function?.Name == call.Device);

    /// <summary>A call that failed, of which function of the host that is known.</summary>
    private sealed record Refusal(ReturnedCall Call, string What, PciDevice? Function)
    {
        public string Kernel => HostTrace.Of(Call.Clock)?.KernelName ?? "this kernel";

        public bool Is(string begin) => What.StartsWith(begin, StringComparison.Ordinal);
    }
}
