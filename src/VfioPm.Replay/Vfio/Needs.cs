using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// What must be there before an operation can be tried at all. The recorder leaves one out whose device is not open, say,
/// and writes no event; each of these says what is missing, or null.
/// </summary>
internal static class Needs
{
    /// <summary>Nothing: time passes everywhere.</summary>
    public static string? Nothing(VfioMachine machine, JsonObject asked) => null;

    /// <summary>The function.</summary>
    public static string? Function(VfioMachine machine, JsonObject asked) =>
        machine.Find(AddressIn(asked)) is null ? $"{AddressIn(asked)} is not there" : null;

    /// <summary>The device file.</summary>
    public static string? OpenFile(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (machine.FindFile(AddressIn(asked)) is null ? $"{AddressIn(asked)} is not open" : null);

    /// <summary>Something that is mapped.</summary>
    public static string? Mapping(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (machine.Mappings(AddressIn(asked)).Any() ? null : $"nothing of {AddressIn(asked)} is mapped");

    /// <summary>A mapping that holds the bytes.</summary>
    public static string? MappedBytes(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (RegionOperations.FindMapping(machine, asked) is null
            ? $"BAR {asked["bar"]} is not mapped at 0x{VfioOperations.Offset(asked):x} in the model"
            : null);

    /// <summary>That nobody holds the device: whoever unbinds waits for that, and the recorder is who holds it.</summary>
    public static string? Unused(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (machine.Bound(AddressIn(asked)) is { IsOpen: true } ? $"{AddressIn(asked)} is open" : null);

    /// <summary>The attribute, where it is one that a function without ways to reset it does not have.</summary>
    public static string? Attribute(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (asked.Required<string>("attr") == "reset" && !machine.Function(AddressIn(asked)).ResetMethods.HasAttributes
            ? $"{AddressIn(asked)} has no way to be reset"
            : null);

    /// <summary>A port whose slot the kernel serves.</summary>
    public static string? ServedSlot(VfioMachine machine, JsonObject asked) => Function(machine, asked)
        ?? (machine.Function(AddressIn(asked)).SlotName is null ? $"{AddressIn(asked)} has no slot that the kernel serves" : null);

    /// <summary>The bytes of a region of the bare function.</summary>
    public static string? Region(VfioMachine machine, JsonObject asked)
    {
        long offset = asked.RequiredNumber("off", 0, long.MaxValue);
        long length = asked.RequiredNumber("len", 0, InputLimits.Bytes);
        long region = asked.Required<long>("bar");
        return Function(machine, asked)
            ?? (BusCycles.AreInside(machine.Function(AddressIn(asked)).Hardware, region, (ulong)offset, (ulong)length)
                ? null
                : $"region {region} of {AddressIn(asked)} has no {length} bytes at 0x{offset:x}");
    }

    private static string AddressIn(JsonObject asked) => asked.Required<string>("bdf");
}
