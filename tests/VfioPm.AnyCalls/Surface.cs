using System.Reflection;

namespace VfioPm.AnyCalls;

/// <summary>All that somebody can call, and how often somebody does.</summary>
internal static class Surface
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Types that have no calls, or those of other tests, and why.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["ActorSteps"] = "explorations have tests of their own, and take long",
        ["Exploration"] = "the same",
        ["ExplorationReport"] = "the same",
        ["ExplorationResult"] = "the same",
        ["StandardCrowd"] = "the same",
        ["StandardTopology"] = "what sequences begin with",
        ["CauseScope"] = "lives on the stack",
        ["ForkContext"] = "a sequence forks its host in its middle",
        ["KernelCall"] = "what the compiler makes of a kernel function",
        ["KernelCallAwaiter"] = "the same",
        ["KernelCallBuilder"] = "the same",
        ["KernelFrame"] = "the same",
        ["KernelWait"] = "the same",
        ["PciPm"] = "kernel functions, which drivers call",
        ["PciReset"] = "the same",
        ["PmRuntime"] = "the same",
        ["PictureFiles"] = "writes files",
        ["VfioIrqSet"] = "lives on the stack; it is passed on as it is made",
    };

    /// <summary>How often the members of a type are called; others once.</summary>
    private static readonly Dictionary<Type, int> Weights = new()
    {
        [typeof(VfioDeviceFile)] = 120,
        [typeof(VfioConfigRegion)] = 40,
        [typeof(VfioMapping)] = 30,
        [typeof(VfioPciDevice)] = 50,
        [typeof(VfioPciDriver)] = 20,
        [typeof(VfioCdev)] = 15,
        [typeof(Iommufd)] = 5,
        [typeof(EventFd)] = 30,
        [typeof(PciDevice)] = 30,
        [typeof(PciSysfs)] = 50,
        [typeof(PciFunction)] = 40,
        [typeof(HostConfiguration)] = 15,
        [typeof(RuntimePmDevice)] = 60,
        [typeof(RuntimePmCore)] = 10,
        [typeof(VirtualClock)] = 60,
        [typeof(LinuxGuest)] = 20,
        [typeof(GuestDriver)] = 40,
        [typeof(GuestSysfs)] = 10,
        [typeof(SimulatedHost)] = 20,
        [typeof(HostTrace)] = 10,
        [typeof(Kernel)] = 3,
        [typeof(PciTopology)] = 6,
        [typeof(PciDrivers)] = 6,
        [typeof(PciSriov)] = 4,
        [typeof(DescriptorTable)] = 4,
        [typeof(StateCheck)] = 5,
        [typeof(Timeline)] = 3,
        [typeof(Picture)] = 3,
        [typeof(DeviceImage)] = 200,
        [typeof(CapabilityList)] = 20,
        [typeof(ConfigurationSpace)] = 20,
        [typeof(FunctionSetup)] = 1,
        [typeof(VirtualDeviceSetup)] = 1,
    };

    /// <summary>Members that say more than "once in a while" about what is left to do.</summary>
    private static readonly HashSet<string> Rare =
    [
        "TryLock", "TryLockMemory", "RemoveDevice", "Shutdown", "set_Scheduler", "Disable", "SetPower", "AddEndpoint", "AddRootPort",
        "AddDownstreamPort", "AddUpstreamPort", "AddDevice", "AddSupplier", "Spin", "SetIrqSafe", "Unbind", "TryUnbind", "BeginUnbind", "Close",
        "BeginClose", "Dispose", "Unmap", "Unregister", "GetUtcNow", "GetTimestamp", "FireAt", ".ctor",
    ];

    private static readonly Dictionary<Type, IReadOnlyList<SurfaceMember>> ByType = Types()
        .Select(static type => (type, members: (IReadOnlyList<SurfaceMember>)[.. MembersOf(type)]))
        .Where(static pair => pair.members.Count > 0)
        .ToDictionary(static pair => pair.type, static pair => pair.members);

    private static readonly Type[] Lots =
        [.. ByType.Keys.SelectMany(static type => Enumerable.Repeat(type, Weights.GetValueOrDefault(type, 1)))];

    private static readonly Dictionary<Type, SurfaceMember[]> MemberLots = ByType.ToDictionary(
        static pair => pair.Key,
        static pair => pair.Value.SelectMany(static member => Enumerable.Repeat(member, WeightOf(member))).ToArray());

    public static IEnumerable<SurfaceMember> All => ByType.Values.SelectMany(static members => members);

    public static SurfaceMember Pick(Random random) => Pick(random, Lots[random.Next(Lots.Length)]);

    public static SurfaceMember Pick(Random random, Type type)
    {
        SurfaceMember[] members = MemberLots[type];
        return members[random.Next(members.Length)];
    }

    private static int WeightOf(SurfaceMember member) =>
        Rare.Contains(member.Method.Name) ? 1
        : member.Method.Name.StartsWith("get_", StringComparison.Ordinal) || member.Name.EndsWith("ToString", StringComparison.Ordinal) ? 1
        : 8;

    private static IEnumerable<Type> Types() => typeof(SimulatedHost).Assembly.GetExportedTypes()
        .Where(static type => !type.IsEnum && !type.IsInterface && !typeof(Delegate).IsAssignableFrom(type)
            && !typeof(Exception).IsAssignableFrom(type) && !type.FullName!.Contains('<', StringComparison.Ordinal)
            && !LeftOut.ContainsKey(type.Name.Split('`')[0]))
        .SelectMany(static type => type == typeof(EventChannel<>) ? Channels() : type.ContainsGenericParameters ? [] : [type])
        .OrderBy(static type => type.ToString(), StringComparer.Ordinal);

    private static IEnumerable<Type> Channels() =>
    [
        typeof(EventChannel<IOperationListener>), typeof(EventChannel<IKernelLogListener>), typeof(EventChannel<IRuntimePmListener>),
        typeof(EventChannel<IPciPowerListener>), typeof(EventChannel<IVfioListener>),
    ];

    /// <summary>Those of a type, whether or not it is left out.</summary>
    public static IEnumerable<SurfaceMember> MembersOf(Type type) => type.GetMembers(Public)
        .OfType<MethodBase>()
        .Where(method => !type.IsAbstract || !method.IsConstructor)
        .Where(static method => SurfaceMember.IsCallable(method) && !IsPlumbing(method))
        .OrderBy(static method => method.ToString(), StringComparer.Ordinal)
        .Select(static method => new SurfaceMember(method));

    /// <summary>What the compiler writes for records, what only kernel functions can await, what sets a value at its making.</summary>
    private static bool IsPlumbing(MethodBase method) =>
        method.Name is "Equals" or "GetHashCode" or "GetType" or "<Clone>$" or "Deconstruct" or "PrintMembers" or "op_Equality" or "op_Inequality"
        or "Fork" && method.DeclaringType != typeof(SimulatedHost) && method.DeclaringType != typeof(RuntimePmCore)
        || method is MethodInfo { ReturnType: var type } function
            && (type.Name.StartsWith("KernelCall", StringComparison.Ordinal) || type == typeof(KernelWait)
                || function.ReturnParameter.GetRequiredCustomModifiers().Length > 0)
        || method.GetParameters().Any(static parameter => parameter.ParameterType.Name is "StateHash&" or "ForkContext");
}
