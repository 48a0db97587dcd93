using System.Text;

namespace VfioPm;

/// <summary>
/// The attributes of a function under <c>/sys/bus/pci/devices/…</c> that show and steer its power, or of the bus itself
/// (<see cref="PciTopology.Sysfs"/>), as text without the line's end.
/// </summary>
public sealed class PciSysfs
{
    private readonly Kernel _kernel;
    private readonly string _function;
    private readonly ISysfsAttributes _attributes;

    internal PciSysfs(Kernel kernel, string function, ISysfsAttributes attributes)
    {
        _kernel = kernel;
        _function = function;
        _attributes = attributes;
    }

    internal PciSysfs(PciSysfs original, ForkContext fork)
        : this(fork.Of(original._kernel), original._function, fork.Of(original._attributes))
    {
    }

    /// <summary>Reads an attribute, such as "power/control" or "power_state".</summary>
    /// <remarks>A few attributes show registers of the function, which is woken for it.</remarks>
    /// <returns>
    /// The text, or the error: -ENOENT without such an attribute, -EACCES for one that can only be written, -EIO where it
    /// does not apply now.
    /// </returns>
    public SysfsResult Read(string attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        using KernelEntry entry = KernelEntry.Call(_kernel, _function);
        SysfsResult result = entry.Run(_attributes.Read(attribute));
        return _kernel.Clock.Operations.IsHeard ? Tell(result, attribute) : result;
    }

    /// <summary>Begins a <see cref="Read"/> into memory, where the text stands with its line's end when the call is over.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="memory">Where to; a page holds any attribute, and what does not fit is left out.</param>
    /// <returns>The call, which returns how many bytes were read, or what <see cref="Read"/> does.</returns>
    public PendingCall BeginRead(string attribute, UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        ArgumentNullException.ThrowIfNull(memory);
        using KernelEntry entry = KernelEntry.Begin(_kernel, $"host reads {attribute}", _function);
        return entry.Start(ReadInto(_attributes, attribute, memory));
    }

    /// <summary>Writes an attribute.</summary>
    /// <returns>
    /// 0; -EINVAL for a value that the attribute does not take; -EACCES for one that can only be read; -EIO, -ENOENT as for
    /// reading.
    /// </returns>
    public KernelResult Write(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        ArgumentNullException.ThrowIfNull(value);
        using KernelEntry entry = KernelEntry.Call(_kernel, NameOfWrite(attribute, value), _function);
        return entry.Run(_attributes.Write(attribute, value));
    }

    /// <summary>Begins <see cref="Write"/>.</summary>
    public PendingCall BeginWrite(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        ArgumentNullException.ThrowIfNull(value);
        using KernelEntry entry = KernelEntry.Begin(_kernel, NameOfWrite(attribute, value), _function);
        return entry.Start(_attributes.Write(attribute, value));
    }

    private static async KernelCall<int> ReadInto(ISysfsAttributes attributes, string attribute, UserMemory memory)
    {
        SysfsResult result = await attributes.Read(attribute);
        if (result.Error is { } error)
        {
            return -error;
        }

        memory.TryCopyTo<byte>(0, Encoding.Latin1.GetBytes($"{result.Text}\n").AsSpan(0, result.Length));
        return Math.Min(result.Length, memory.Length);
    }

    /// <summary>A read changes nothing, so that only a failed one is told.</summary>
    private SysfsResult Tell(SysfsResult result, string attribute)
    {
        var operation = new Cause($"host reads {attribute}", _function);
        if (result.Error is { } error)
        {
            _kernel.Clock.TellReturn(operation.What, _function, -(int)error);
        }

        return result with { Call = new ReturnedCall(_kernel.Clock, _function, operation) };
    }

    private static string NameOfWrite(string attribute, string value) => $"host writes {value} to {attribute}";
}
