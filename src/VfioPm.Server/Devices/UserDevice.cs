using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// A function by way of the simulated host's vfio-pci: each message is the ioctl or the access that it stands for, with the
/// time that it takes the kernel.
/// </summary>
internal sealed class UserDevice : IServedDevice
{
    private const uint NoDescriptor = uint.MaxValue;
    private const uint MostVectors = 2048;

    private readonly VfioDeviceFile _file;
    private readonly DescriptorTable _numbers;
    private readonly HostTime _time;
    private readonly HostRecording _recording;
    private readonly UserEvents _events;
    private readonly EventFdSlots _eventFds = new();
    private PendingCall? _removal;

    public UserDevice(VfioDeviceFile file, DescriptorTable numbers, HostTime time, HostRecording recording)
    {
        _file = file;
        _numbers = numbers;
        _time = time;
        _recording = recording;
        _events = new UserEvents(file.Device.Pci.Name);
        _time.Changed += _eventFds.Forward;
    }

    /// <inheritdoc/>
    public async Task<Answer> GetInfo(CancellationToken stop)
    {
        DeviceInfoStructure asked = new(16, 0, 0, 0);
        var memory = MemoryOf(asked);
        KernelResult result = await Ioctl(
            VfioIoctl.DeviceGetInfo,
            memory,
            () => _events.Info(asked),
            result => UserEvents.Answer(result, MemoryMarshal.Read<DeviceInfoStructure>(memory.Bytes)),
            stop);
        DeviceInfoStructure info = MemoryMarshal.Read<DeviceInfoStructure>(memory.Bytes);
        return result.Errno is { } error ? error : Answer.Of(info with
        {
            ArgumentSize = 16,
            Flags = info.Flags & ~(uint)VfioDeviceFlags.Capabilities,
        });
    }

    /// <inheritdoc/>
    public async Task<Answer> GetRegionInfo(uint index, CancellationToken stop)
    {
        // Nothing of it can be mapped here, so the only capability, about mapping, says nothing.
        RegionInfoStructure asked = new(32, 0, index, 0, 0, 0);
        var memory = MemoryOf(asked);
        KernelResult result = await Ioctl(
            VfioIoctl.DeviceGetRegionInfo,
            memory,
            () => _events.RegionInfo(asked),
            result => UserEvents.Answer(result, MemoryMarshal.Read<RegionInfoStructure>(memory.Bytes)),
            stop);
        RegionInfoStructure info = MemoryMarshal.Read<RegionInfoStructure>(memory.Bytes);
        return result.Errno is { } error ? error : Answer.Of(info with
        {
            ArgumentSize = 32,
            Flags = info.Flags & (uint)(VfioRegionFlags.Read | VfioRegionFlags.Write),
        });
    }

    /// <inheritdoc/>
    public async Task<Answer> GetIrqInfo(uint index, CancellationToken stop)
    {
        IrqInfoStructure asked = new(16, 0, index, 0);
        var memory = MemoryOf(asked);
        KernelResult result = await Ioctl(
            VfioIoctl.DeviceGetIrqInfo,
            memory,
            () => _events.IrqInfo(asked),
            result => UserEvents.Answer(result, MemoryMarshal.Read<IrqInfoStructure>(memory.Bytes)),
            stop);
        return Answer.After(result, memory.Bytes.ToArray());
    }

    /// <inheritdoc/>
    public async Task<Answer> SetIrqs(
        IrqSetStructure request,
        ReadOnlyMemory<byte> bools,
        IReadOnlyList<NativeDescriptor> eventFds,
        CancellationToken stop)
    {
        ForwardedEventFd[] forwarded = [.. eventFds.Select(native => new ForwardedEventFd(_numbers, native))];
        KernelResult result = (KernelResult)Errno.EINVAL;
        try
        {
            result = await TrySetIrqs(request, bools, eventFds, forwarded, stop);
            if (result.IsError)
            {
                return result.Errno!.Value;
            }
        }
        finally
        {
            if (result.IsError)
            {
                Array.ForEach(forwarded, static eventFd => eventFd.Dispose());
            }
        }

        Keep(request, forwarded);
        return Answer.Empty;
    }

    /// <inheritdoc/>
    public async Task<KernelResult> Read(RegionAccessStructure access, Memory<byte> buffer, CancellationToken stop)
    {
        if (!IsInFile(access))
        {
            return Errno.EINVAL;
        }

        var memory = new UserMemory(buffer.Length);
        KernelResult result = await Complete(
            () => _events.Read(access),
            () => _file.BeginRead((int)access.Region, (long)access.Offset, memory),
            result => VfioOperations.Read(result, memory.Bytes),
            stop);
        memory.Bytes.CopyTo(buffer.Span);
        return result;
    }

    /// <inheritdoc/>
    public async Task<KernelResult> Write(RegionAccessStructure access, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (!IsInFile(access))
        {
            return Errno.EINVAL;
        }

        var memory = new UserMemory(bytes.Span);
        return await Complete(
            () => _events.Write(access, bytes.Span),
            () => _file.BeginWrite((int)access.Region, (long)access.Offset, memory),
            VfioOperations.Answer,
            stop);
    }

    /// <inheritdoc/>
    public async Task<Answer> Reset(CancellationToken stop) => Answer.After(
        await Complete(() => _events.Of("reset"), _file.BeginReset, VfioOperations.Answer, stop), default);

    /// <inheritdoc/>
    public async Task<Answer> Feature(ReadOnlyMemory<byte> request, NativeDescriptor? eventFd, CancellationToken stop)
    {
        if (eventFd is null)
        {
            return await Feature(request, NoDescriptor, stop);
        }

        var forwarded = new ForwardedEventFd(_numbers, eventFd);
        Answer answer = eventFd.IsEventFd ? await Feature(request, (uint)forwarded.Number, stop) : Errno.EINVAL;
        if (answer.Error is null)
        {
            _eventFds.Set(EventFdSlots.Slot.Wakeup, forwarded);
        }
        else
        {
            forwarded.Dispose();
        }

        return answer;
    }

    /// <inheritdoc/>
    public void AskBack() => _removal ??= _recording.Begin(
        HostRecording.Who.Remover, () => _events.Of("unbind"), _file.Device.BeginUnbind, VfioOperations.Answer);

    /// <inheritdoc/>
    public void Forget()
    {
        // The user's descriptors close without anybody waiting; whoever comes next waits in the kernel, if need be.
        foreach (uint index in _eventFds.Indexes)
        {
            IrqSetStructure given = new(20, (uint)IrqFlags.GiveUp, index, 0, 0);
            Begin(
                () => _events.SetIrqs(given, [], 0),
                () => _file.BeginIoctl((uint)VfioIoctl.DeviceSetIrqs, MemoryOf(given)),
                VfioOperations.Answer);
        }

        _time.CatchUp();
        _eventFds.Clear();
    }

    private static UserMemory MemoryOf<T>(T structure, ReadOnlySpan<byte> data = default)
        where T : unmanaged => new((byte[])[.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in structure)), .. data]);

    /// <summary>Whether a file has such a place; what lies in no region the kernel says.</summary>
    private static bool IsInFile(RegionAccessStructure access) =>
        access.Region <= byte.MaxValue && VfioRegion.Within((long)access.Offset) == (long)access.Offset;

    private PendingCall Begin(Func<JsonObject> ask, Func<PendingCall> begin, Func<KernelResult, JsonObject> answer) =>
        _recording.Begin(HostRecording.Who.Client, ask, begin, answer);

    private Task<KernelResult> Complete(
        Func<JsonObject> ask, Func<PendingCall> begin, Func<KernelResult, JsonObject> answer, CancellationToken stop) =>
        _time.Complete(() => Begin(ask, begin, answer), stop);

    private Task<KernelResult> Ioctl(
        VfioIoctl number, UserMemory argument, Func<JsonObject> ask, Func<KernelResult, JsonObject> answer, CancellationToken stop) =>
        Complete(ask, () => _file.BeginIoctl((uint)number, argument), answer, stop);

    /// <summary>The ioctl has numbers where the message has descriptors, or -1 for each where it has none.</summary>
    private async Task<KernelResult> TrySetIrqs(
        IrqSetStructure request,
        ReadOnlyMemory<byte> bools,
        IReadOnlyList<NativeDescriptor> natives,
        ForwardedEventFd[] forwarded,
        CancellationToken stop)
    {
        bool isEventFd = request.Data() == VfioIrqSetFlags.DataEventFd;
        if (isEventFd && request.Action() != VfioIrqSetFlags.ActionTrigger)
        {
            return Errno.EOPNOTSUPP;
        }

        // Any more interrupts than a function can have the kernel refuses without a look at the data.
        if (!natives.All(static native => native.IsEventFd) || (isEventFd && request.Count > MostVectors))
        {
            return Errno.EINVAL;
        }

        int[] numbers = !isEventFd ? []
            : forwarded.Length == 0 ? [.. Enumerable.Repeat(-1, (int)request.Count)]
            : [.. forwarded.Select(static eventFd => eventFd.Number)];
        byte[] data = [.. bools.Span, .. MemoryMarshal.AsBytes<int>(numbers)];
        IrqSetStructure asked = request with { ArgumentSize = (uint)(20 + data.Length) };
        return await Ioctl(
            VfioIoctl.DeviceSetIrqs,
            MemoryOf(asked, data),
            () => _events.SetIrqs(asked, bools.Span, forwarded.Length),
            VfioOperations.Answer,
            stop);
    }

    /// <summary>What the kernel has accepted.</summary>
    private void Keep(IrqSetStructure request, ForwardedEventFd[] forwarded)
    {
        if (request.GivesUp())
        {
            _eventFds.Clear(request.Index);
        }
        else if (request.Data() == VfioIrqSetFlags.DataEventFd)
        {
            for (uint i = 0; i < request.Count; i++)
            {
                _eventFds.Set(new EventFdSlots.Slot(request.Index, request.Start + i), forwarded.ElementAtOrDefault((int)i));
            }
        }
    }

    /// <summary>The ioctl has a number behind the header where the wakeup's message has a descriptor.</summary>
    private async Task<Answer> Feature(ReadOnlyMemory<byte> request, uint number, CancellationToken stop)
    {
        FeatureStructure header = MemoryMarshal.Read<FeatureStructure>(request.Span);
        byte[] argument = request.ToArray();
        bool isWakeup = (header.Flags & ushort.MaxValue) == (uint)VfioFeature.LowPowerEntryWithWakeup;
        if (isWakeup && argument.Length >= 12)
        {
            BitConverter.TryWriteBytes(argument.AsSpan(8), number);
        }

        KernelResult result = await Ioctl(
            VfioIoctl.DeviceFeature,
            new UserMemory(argument),
            () => _events.Feature(header, argument.AsSpan(8), hasWakeup: isWakeup && number != NoDescriptor),
            VfioOperations.Answer,
            stop);
        return Answer.After(result, request);
    }
}
