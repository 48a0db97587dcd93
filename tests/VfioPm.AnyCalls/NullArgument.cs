namespace VfioPm.AnyCalls;

/// <summary>What a member makes of null where that is no value.</summary>
internal static class NullArgument
{
    private const int Attempts = 40;

    /// <returns>What is wrong, or null: it says which argument it was, and changes nothing.</returns>
    public static string? FindFault(SurfaceMember member, int index)
    {
        // Other arguments are drawn until the member gets as far as to look at this one.
        string fault = "";
        for (int seed = 0; seed < Attempts; seed++)
        {
            Random random = new(seed);
            World world = new(StandardTopology.Parse("sriov").Make(KernelProfile.Linux6_12.WithDeviceCdev()));
            world.Host.Boot(world.Host.VfioPci.Devices[0].Open());
            world.Host.Clock.Advance(TimeSpan.FromSeconds(1));
            KeepWhatNoPropertyGives(world);
            world.HasChanged();
            fault = world.DoWithNull(member, index, random) switch
            {
                ArgumentNullException missing when missing.ParamName == member.Parameters[index].Name => world.HasChanged() ? "changes the host" : "",
                null => "is accepted",
                Exception other => $"{other.GetType().Name}, {other.Message.Split('\n')[0]}",
            };
            if (fault.Length == 0)
            {
                return null;
            }
        }

        return fault;
    }

    private static void KeepWhatNoPropertyGives(World world)
    {
        world.Keep(world.Host.VfioPci.Devices[^1].OpenCdev());
        world.Keep(world.Host.VfioPci.OpenIommufd());
        world.Keep(new FunctionSetup());
        world.Keep(new VirtualDeviceSetup());
        world.Keep(world.Host.Trace.ToTimeline());
        world.Keep(world.Host.Trace.ToPicture());
        world.Keep(UsageBaseline.Of(world.Host.RuntimePm));
        world.Keep(Exploration.Of(world.Host).Where("actor", world.Keep));
    }
}
