using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace VfioPm.AnyCalls;

/// <summary>Arguments by what they are for: mostly sensible, often at the edge, sometimes absurd.</summary>
internal static class Arguments
{
    private static readonly string[] Attributes =
    [
        "power/control", "power/autosuspend_delay_ms", "power/runtime_status", "power/wakeup", "d3cold_allowed", "reset", "reset_method",
        "enable", "sriov_numvfs", "sriov_drivers_autoprobe", "power_state", "power/runtime_usage", "remove", "rescan", "driver_override", "",
        "no/such", "../reset", "bind", "unbind", "new_id", "remove_id", "drivers_probe", "driver/unbind", "reset_subordinate", "power/async",
        "sriov_totalvfs", "sriov_offset", "sriov_stride", "sriov_vf_device", "msi_bus", "current_link_speed", "secondary_bus_number", "power/wakeup_count",
    ];

    private static readonly string[] Texts =
    [
        "on", "auto", "1", "0", "2", "-1", "99999999999999999999", "", "\n", "flr bus", "pm", "device_specific", "disabled", "enabled", "y", "bus",
        "0x10", " 7 ", "\0", "\ud800", "١", "default", "bus,flr", "10000000000", "vfio-pci", "pcieport", "busy", "0000:01:00.0", "8086 10d3",
        "8086 10d3 0 0 0 0 0", "vf_token=00000000-0000-0000-0000-000000000001", "2147483648", "-2147483648", "1.5", "on\n", "reset\tx",
    ];

    private static readonly string[] Words = ["1", "0", "on", "auto", "2", "enabled"];

    private static readonly string[] Addresses =
    [
        "0000:01:00.0", "0000:00:03.0", "0000:00:05.0", "0000:01:00.1", "0000:02:00.0", "0001:00:00.0", "0000:04:1f.7", "0000:ff:1f.7", "01:00.0", "",
        "0000:00:20.0", "0000:00:00.8", "ffffffff:00:00.0", "100000000:00:00.0", "x", "0000:00:07.0", "0000:00:08.0", "0000:05:00.0",
    ];

    private static readonly int[] Offsets =
        [0, 1, 3, 4, 6, 0x10, 0x14, 0x24, 0x2f, 0x30, 0x34, 0x3c, 0x3e, 0xc8, 0xcc, 0xce, 0xd0, 0xe0, 0xff, 0x100, 0xffc, 0xfff, 0x1000, -1, int.MaxValue, int.MinValue];

    private static readonly int[] Numbers = [0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 63, 64, 100, 255, 256, 2000, 65535, 65536, -1, -2, int.MaxValue, int.MinValue];

    private static readonly int[] Widths = [1, 2, 4, 4, 2, 1, 8, 0, 3, 5, -1, 16, int.MaxValue, int.MinValue];

    // Time that passes is work for whoever recurs, so that it is not centuries, unless the clock refuses them.
    private static readonly TimeSpan[] Times =
    [
        TimeSpan.Zero, new(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20), new(-1), TimeSpan.FromSeconds(-1), TimeSpan.MinValue, TimeSpan.MaxValue,
    ];

    private static readonly TimeSpan[] Periods =
        [Timeout.InfiniteTimeSpan, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.Zero, new(-1), TimeSpan.FromMilliseconds(-2), TimeSpan.MaxValue, TimeSpan.FromDays(40)];

    private static readonly uint[] Requests = [.. Enum.GetValues<VfioIoctl>().Select(static request => (uint)request), 0, uint.MaxValue, 15212 + 64];

    public static object? Of(SurfaceMember member, int index, Random random, World world)
    {
        ParameterInfo parameter = member.Parameters[index];
        Type type = parameter.ParameterType;
        type = type.IsByRef ? type.GetElementType()! : type;
        bool isReference = !type.IsByRefLike && (!type.IsValueType || Nullable.GetUnderlyingType(type) is not null);
        if (isReference && random.Next(member.IsNullable[index] ? 3 : 60) == 0)
        {
            return null;
        }

        return Of(type, parameter.Name ?? "", random, world);
    }

    /// <summary>A value of a type; null where nobody has one.</summary>
    public static object? Of(Type type, string name, Random random, World world)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Of(inner, name, random, world);
        }

        if (type.IsEnum)
        {
            return EnumOf(type, random);
        }

        if (type == typeof(VfioIrqSet))
        {
            return Interrupts(random, world);
        }

        if (type.IsArray)
        {
            return Several(type.GetElementType()!, name, random, world);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() is var open
            && (open == typeof(Span<>) || open == typeof(ReadOnlySpan<>) || open == typeof(IReadOnlyList<>) || open == typeof(IReadOnlyCollection<>)
                || open == typeof(IEnumerable<>)))
        {
            return Several(type.GetGenericArguments()[0], name, random, world);
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => random.Next(2) == 0,
            TypeCode.Byte => (byte)random.Next(256),
            TypeCode.UInt16 => (ushort)random.Next(65536),
            TypeCode.Int32 => Number(name, random),
            TypeCode.UInt32 => name == "request" ? Pick(Requests, random) : random.Next(3) > 0 ? (uint)random.Next(70) : (uint)Pick(Numbers, random),
            TypeCode.Int64 => name is "offset" or "length" or "recorded" ? Offset(random) : random.NextInt64(),
            TypeCode.UInt64 => random.Next(2) == 0 ? (ulong)random.Next(5) : (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            TypeCode.Double => Pick([0, 1, 1.5, -1, double.NaN, double.PositiveInfinity, 1e300], random),
            TypeCode.String => Text(name, random, world),
            _ => Object(type, name, random, world),
        };
    }

    public static T Pick<T>(T[] all, Random random) => all[random.Next(all.Length)];

    private static object? Object(Type type, string name, Random random, World world)
    {
        if (type == typeof(TimeSpan))
        {
            return Pick(name == "period" ? Periods : Times, random);
        }

        if (type == typeof(FileDescriptor))
        {
            return Descriptor(random, world);
        }

        if (type == typeof(Guid))
        {
            return random.Next(2) == 0 ? Guid.Empty : new Guid(random.Next(3), 0, 0, new byte[8]);
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return Callbacks.Of(type);
        }

        if (type == typeof(ILoggerFactory) || type == typeof(object) || (type.IsInterface && type.IsAssignableFrom(typeof(Busybody))))
        {
            return Busybody.Instance;
        }

        if (type == typeof(PciDriver) && random.Next(2) == 0)
        {
            return new BusyDriver(random.Next());
        }

        if (type == typeof(RuntimePmCallbacks))
        {
            return new DriverCallbacks
            {
                Suspend = random.Next(4) == 0 ? null : Callbacks.OfDevice,
                Resume = random.Next(4) == 0 ? null : Callbacks.OfDevice,
                Idle = random.Next(2) == 0 ? null : Callbacks.OfDevice,
                SuspendTime = Pick(Times[..7], random),
                ResumeTime = Pick(Times[..7], random),
            };
        }

        if (type == typeof(DriverData))
        {
            return new BusyData(random.Next(3));
        }

        if (type == typeof(UserMemory) && random.Next(2) == 0)
        {
            return new UserMemory(random.Next(70));
        }

        if (!type.IsValueType && type.GetMethod("<Clone>$") is null)
        {
            return world.Find(type, random);
        }

        try
        {
            return Value(type, random, world);
        }
        catch (TargetInvocationException)
        {
            // A value that cannot be, which its constructor said; that one is called by itself, too.
            return type.IsValueType ? Activator.CreateInstance(type) : null;
        }
    }

    /// <summary>A record, or a structure: by one of its constructors, and some of its properties.</summary>
    private static object? Value(Type type, Random random, World world)
    {
        ConstructorInfo[] constructors = [.. type.GetConstructors().OrderBy(static constructor => constructor.ToString(), StringComparer.Ordinal)];
        if (constructors.Length == 0 && !type.IsValueType)
        {
            return world.Find(type, random);
        }

        object value = constructors.Length == 0
            ? Activator.CreateInstance(type)!
            : Invoke(Pick(constructors, random), random, world);
        foreach (PropertyInfo property in type.GetProperties().Where(static property => property.SetMethod is { IsPublic: true }).OrderBy(static property => property.Name, StringComparer.Ordinal))
        {
            bool isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
            if ((isRequired || random.Next(4) == 0) && Of(property.PropertyType, property.Name, random, world) is { } part)
            {
                property.SetValue(value, part);
            }
        }

        return value;
    }

    private static object Invoke(ConstructorInfo constructor, Random random, World world) => constructor.Invoke(
        [.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType, parameter.Name!, random, world))]);

    private static Array Several(Type element, string name, Random random, World world)
    {
        if (element == typeof(byte))
        {
            byte[] bytes = new byte[random.Next(12) == 0 ? 5000 : random.Next(random.Next(2) == 0 ? 5 : 70)];
            random.NextBytes(bytes);
            return bytes;
        }

        List<object> all = [];
        for (int left = random.Next(4); left > 0; left--)
        {
            if (Of(element, name, random, world) is { } one)
            {
                all.Add(one);
            }
        }

        Array array = Array.CreateInstance(element, all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            array.SetValue(all[i], i);
        }

        return array;
    }

    private static object EnumOf(Type type, Random random)
    {
        Array values = Enum.GetValues(type);
        if (random.Next(8) > 0)
        {
            return values.GetValue(random.Next(values.Length))!;
        }

        int odd = Pick([-1, 6, 7, 12, 99, int.MaxValue, int.MinValue], random);
        return Enum.GetUnderlyingType(type) == typeof(uint) ? Enum.ToObject(type, (uint)odd) : Enum.ToObject(type, odd);
    }

    private static int Number(string name, Random random) => name switch
    {
        "offset" => random.Next(3) > 0 ? random.Next(0x1010) : Pick(Offsets, random),
        "width" => Pick(Widths, random),
        "region" or "bar" or "Region" => random.Next(8) > 0 ? random.Next(10) : Pick(Numbers, random),
        "length" => Pick([0, 1, 4, 64, 4096, 100_000, -1, int.MinValue], random),
        "id" => random.Next(0x30),
        _ => random.Next(3) > 0 ? random.Next(12) : Pick(Numbers, random),
    };

    private static long Offset(Random random) => random.Next(6) switch
    {
        0 => Pick([-1, long.MaxValue, long.MinValue, 1L << 40, 7L << 40, 8L << 40, (7L << 40) + 4, (8L << 40) + 0x3c0, 1L << 32], random),
        1 => random.Next(3) * 4096,
        2 => Pick(Offsets, random),
        _ => random.Next(0x1010),
    };

    private static string Text(string name, Random random, World world) => name switch
    {
        "attribute" => Pick(Attributes, random),
        "value" => random.Next(2) == 0 ? Pick(Words, random) : Pick(Texts, random),
        "address" or "device" => Address(random, world),
        "name" when random.Next(2) == 0 => Pick(["busy", "vfio-pci", "pcieport", "custom", ""], random),
        "json" or "text" or "line" or "pathOrText" => Pick(["", "{}", "{", "[]", "a: b; c @3", "off", "force", "pcie_port_pm=force", "0/1", "00:01.0 x"], random),
        _ => random.Next(2) == 0 ? Pick(Texts, random) : Address(random, world),
    };

    private static string Address(Random random, World world) => random.Next(3) == 0
        ? Pick(Addresses, random)
        : world.Host.Devices.Count == 0 ? "0000:00:05.0" : world.Host.Devices[random.Next(world.Host.Devices.Count)].Name;

    private static FileDescriptor Descriptor(Random random, World world) => random.Next(9) switch
    {
        0 => FileDescriptor.None,
        1 => FileDescriptor.Closed,
        2 => FileDescriptor.OtherFile,
        3 => new VfioGroup(random.Next(4)),
        4 => world.Find(typeof(VfioDeviceFile), random) is VfioDeviceFile file ? file.Group : FileDescriptor.None,
        5 => world.Find(typeof(Iommufd), random) is Iommufd iommufd ? FileDescriptor.FromIommufd(iommufd) : FileDescriptor.None,
        _ => (EventFd)world.Find(typeof(EventFd), random)!,
    };

    private static IrqSetRecipe Interrupts(Random random, World world)
    {
        int count = random.Next(4);
        uint told = random.Next(10) == 0 ? Pick<uint>([uint.MaxValue, int.MaxValue, 64, 1u << 30], random) : (uint)count;
        var flags = (VfioIrqSetFlags)(random.Next(4) == 0 ? random.Next(128) : (1 << random.Next(3)) | (8 << random.Next(3)));
        return new IrqSetRecipe(
            (VfioIrqIndex)EnumOf(typeof(VfioIrqIndex), random),
            flags,
            random.Next(4) > 0 ? 0 : Pick<uint>([1u, 2u, 5u, uint.MaxValue, int.MaxValue], random),
            told,
            random.Next(10) == 0 ? (uint)random.Next(40) : null,
            [.. Enumerable.Range(0, count).Select(_ => Descriptor(random, world))],
            new byte[count]);
    }

}
