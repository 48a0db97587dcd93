namespace VfioPm;

/// <summary>
/// Questions about a device as a guest's kernel sees it; about its usage count and status there,
/// <see cref="RuntimePmCheck"/> has them.
/// </summary>
public static class GuestDeviceCheck
{
    /// <summary>The guest's kernel believes the device to be in a power state.</summary>
    public static StateCheck IsIn(GuestDevice device, PowerState expected) =>
        Make(device, $"to be in {expected.KernelName}", () => device.PowerState == expected, isLasting: false);

    /// <summary>The guest's kernel believes the device to be in any other power state.</summary>
    public static StateCheck IsNotIn(GuestDevice device, PowerState unexpected) =>
        Make(device, $"not to be in {unexpected.KernelName}", () => device.PowerState != unexpected, isLasting: true);

    private static StateCheck Make(GuestDevice device, string expected, Func<bool> holds, bool isLasting)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new StateCheck(
            device.RuntimePm.Core.Clock,
            device.Name,
            expected,
            holds,
            found: () => $"it is in {device.PowerState.KernelName}",
            explanation: () => Explain(device))
        {
            IsLasting = isLasting,
        };
    }

    /// <summary>Both kernels' stories: the guest's device, and the host's function behind it.</summary>
    private static Story Explain(GuestDevice device)
    {
        Story story = new Story().List(
            $"{Story.NowOn(device.RuntimePm.Core.Clock)}:", [$"{device}", $"{device.Function}"]);
        if (device.Virtual.PowerResource is { LastResult: { IsError: true } refused })
        {
            story.Say($"The kernel refused the VMM low power: {refused}.");
        }

        return story
            .Last(device.RuntimePm, TraceKind.RuntimeStatus, TraceKind.UsageCount)
            .Last(device.Function.RuntimePm, TraceKind.PowerState, TraceKind.UsageCount);
    }
}
