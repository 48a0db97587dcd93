using System.Runtime.InteropServices;

namespace VfioPm.Server;

/// <summary>
/// One client, from its <c>VFIO_USER_VERSION</c> to its end: every message is answered, one after the other. What a message
/// says wrongly is refused; a client that does not keep to the protocol is sent away.
/// </summary>
internal sealed class ClientSession(MessageSocket socket, IServedDevice device)
{
    private readonly DmaWindows _dma = new();
    private Negotiation _agreed = new(Limits.Transfer, WritesMultiple: false);

    /// <summary>Serves the client until it is gone.</summary>
    public async Task Run(CancellationToken stop)
    {
        if (!await Greet(stop))
        {
            return;
        }

        try
        {
            while (await socket.Receive(isAwaited: false, stop) is { } message)
            {
                using (message)
                {
                    Answer answer = message.Header.HasKnownFlags ? await Handle(message, stop) : Errno.EINVAL;
                    if (!await Reply(message, answer, stop))
                    {
                        break;
                    }
                }
            }
        }
        finally
        {
            device.Forget();
        }
    }

    /// <summary>The first message proposes a version.</summary>
    private async Task<bool> Greet(CancellationToken stop)
    {
        using Message? first = await socket.Receive(isAwaited: true, stop);
        if (first is null)
        {
            return false;
        }

        if (first.Header is not { Command: Command.Version, HasKnownFlags: true } || Negotiation.Try(first) is not { } result)
        {
            await Reply(first, Errno.EINVAL, stop);
            return false;
        }

        _agreed = result.Agreed;
        return await Reply(first, result.Answer, stop);
    }

    private async Task<bool> Reply(Message message, Answer answer, CancellationToken stop) =>
        !message.Header.WantsReply || await socket.Send(message.Header.ReplyWith(answer), answer.Payload, stop);

    private async Task<Answer> Handle(Message message, CancellationToken stop) => message.Header.Command switch
    {
        Command.DmaMap => message.TryRead(out DmaMapStructure window) && message.DescriptorCount <= 1
            ? _dma.Map(window)
            : Errno.EINVAL,
        Command.DmaUnmap => message.TryRead(out DmaUnmapStructure window) ? _dma.Unmap(window) : Errno.EINVAL,
        Command.DeviceGetInfo => message.TryRead(out DeviceInfoStructure asked) && asked.ArgumentSize >= 16
            ? await device.GetInfo(stop)
            : Errno.EINVAL,
        Command.DeviceGetRegionInfo => message.TryRead(out RegionInfoStructure asked) && asked.ArgumentSize >= 32
            ? await device.GetRegionInfo(asked.Index, stop)
            : Errno.EINVAL,
        Command.DeviceGetRegionIoFds => message.TryRead(out RegionIoFdsStructure asked)
            ? await GetRegionIoFds(asked, stop)
            : Errno.EINVAL,
        Command.DeviceGetIrqInfo => message.TryRead(out IrqInfoStructure asked) && asked.ArgumentSize >= 16
            ? await device.GetIrqInfo(asked.Index, stop)
            : Errno.EINVAL,
        Command.DeviceSetIrqs => await SetIrqs(message, stop),
        Command.RegionRead => message.TryRead(out RegionAccessStructure access) ? await Read(access, stop) : Errno.EINVAL,
        Command.RegionWrite => message.TryRead(out RegionAccessStructure access)
            ? await Write(access, message.After<RegionAccessStructure>(), stop)
            : Errno.EINVAL,
        Command.RegionWriteMulti when _agreed.WritesMultiple => await WriteMultiple(message, stop),
        Command.DeviceReset => await device.Reset(stop),
        Command.DeviceFeature => await Feature(message, stop),
        Command.MigrationDataRead or Command.MigrationDataWrite => Errno.EOPNOTSUPP,
        _ => Errno.EINVAL,
    };

    /// <summary>No part of any region has a descriptor to be accessed by.</summary>
    private async Task<Answer> GetRegionIoFds(RegionIoFdsStructure asked, CancellationToken stop)
    {
        if (asked is not { ArgumentSize: >= 16, Flags: 0, Count: 0 })
        {
            return Errno.EINVAL;
        }

        Answer region = await device.GetRegionInfo(asked.Index, stop);
        return region.Error is { } error ? error : Answer.Of(asked with { ArgumentSize = 16 });
    }

    private async Task<Answer> SetIrqs(Message message, CancellationToken stop)
    {
        const uint Bool = 2;
        const uint EventFd = 4;
        const uint DataMask = 7;

        if (!message.TryRead(out IrqSetStructure request) || request.ArgumentSize < 20)
        {
            return Errno.EINVAL;
        }

        uint data = request.Flags & DataMask;
        int descriptors = message.DescriptorCount;
        ReadOnlyMemory<byte> bools = message.After<IrqSetStructure>();
        bool fits = descriptors == 0 || (data == EventFd && descriptors == request.Count);
        return !fits || (data == Bool && bools.Length < request.Count)
            ? Errno.EINVAL
            : await device.SetIrqs(request, data == Bool ? bools[..(int)request.Count] : default, message.TakeDescriptors(), stop);
    }

    private async Task<Answer> Read(RegionAccessStructure access, CancellationToken stop)
    {
        if (access.Count > _agreed.Transfer)
        {
            return Errno.EINVAL;
        }

        byte[] buffer = new byte[access.Count];
        KernelResult result = await device.Read(access, buffer, stop);
        return result.Errno is { } error
            ? error
            : Answer.Of(access with { Count = (uint)result.Value }, buffer.AsSpan(0, result.Value));
    }

    private async Task<Answer> Write(RegionAccessStructure access, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        if (access.Count > _agreed.Transfer || access.Count != data.Length)
        {
            return Errno.EINVAL;
        }

        KernelResult result = await device.Write(access, data, stop);
        return result.Errno is { } error ? error : Answer.Of(access with { Count = (uint)result.Value });
    }

    /// <summary>Several writes in their order, up to the first that fails; the answer says how many were done.</summary>
    private async Task<Answer> WriteMultiple(Message message, CancellationToken stop)
    {
        if (!message.TryRead(out ulong count) || SingleWrites(message, count) is not { } writes)
        {
            return Errno.EINVAL;
        }

        ulong done = 0;
        foreach (SingleWriteStructure write in writes)
        {
            byte[] data = BitConverter.GetBytes(write.Data);
            KernelResult result = await device.Write(write.Access, data.AsMemory(0, (int)write.Access.Count), stop);
            if (result.Errno is { } error)
            {
                return done == 0 ? error : Answer.Of(done);
            }

            done++;
        }

        return Answer.Of(done);
    }

    /// <summary>The writes in a message, or null where they are not all there or one is longer than it can be.</summary>
    private static SingleWriteStructure[]? SingleWrites(Message message, ulong count)
    {
        ReadOnlySpan<byte> bytes = message.After<ulong>().Span;
        int size = Marshal.SizeOf<SingleWriteStructure>();
        if (bytes.Length % size != 0 || (ulong)(bytes.Length / size) != count)
        {
            return null;
        }

        SingleWriteStructure[] writes = MemoryMarshal.Cast<byte, SingleWriteStructure>(bytes).ToArray();
        return Array.TrueForAll(writes, static write => write.Access.Count <= sizeof(ulong)) ? writes : null;
    }

    private async Task<Answer> Feature(Message message, CancellationToken stop)
    {
        if (!message.TryRead(out FeatureStructure _) || message.DescriptorCount > 1)
        {
            return Errno.EINVAL;
        }

        NativeDescriptor? eventFd = message.TakeDescriptors() is [var one] ? one : null;
        return await device.Feature(message.Payload, eventFd, stop);
    }
}
