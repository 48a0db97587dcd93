using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// A bare function, as hardware: no kernel stands between it and its client, whose own does what kernels do. An access takes
/// no time.
/// </summary>
internal sealed class SiliconDevice : IServedDevice
{
    private const int Indexes = 5;

    private readonly PciFunction _function;
    private readonly HostTime _time;
    private readonly bool _isPowerCut;
    private readonly PowerCut _powerCut;
    private readonly HostRecording _recording;

    /// <param name="function">The function.</param>
    /// <param name="isPowerCut">Whether the client's machine can cut its power.</param>
    /// <param name="time">The host's time.</param>
    /// <param name="recording">What happens to it.</param>
    public SiliconDevice(PciFunction function, bool isPowerCut, HostTime time, HostRecording recording)
    {
        _recording = recording;
        _function = function;
        _isPowerCut = isPowerCut;
        _powerCut = new PowerCut(function);
        _time = time;
        Interrupts = new SiliconInterrupts(function);
        time.Changed += Interrupts.FollowPin;
    }

    /// <summary>Where its interrupts go.</summary>
    public SiliconInterrupts Interrupts { get; }

    /// <inheritdoc/>
    public Task<Answer> GetInfo(CancellationToken stop) => Task.FromResult(Answer.Of(new DeviceInfoStructure(
        16, (uint)(VfioDeviceFlags.Pci | VfioDeviceFlags.Reset), VfioRegion.Count, Indexes)));

    /// <inheritdoc/>
    public Task<Answer> GetRegionInfo(uint index, CancellationToken stop)
    {
        if (index >= VfioRegion.Vga)
        {
            return Task.FromResult<Answer>(Errno.EINVAL);
        }

        ulong size = BusCycles.SizeOf(_function, index);
        VfioRegionFlags flags = size == 0 ? VfioRegionFlags.None
            : index == VfioRegion.Rom ? VfioRegionFlags.Read
            : VfioRegionFlags.Read | VfioRegionFlags.Write;
        return Task.FromResult(Answer.Of(new RegionInfoStructure(
            32, (uint)flags, index, 0, size, VfioRegion.FileOffset((int)index))));
    }

    /// <inheritdoc/>
    public Task<Answer> GetIrqInfo(uint index, CancellationToken stop) => Task.FromResult<Answer>(
        index < Indexes && Interrupts.InfoOf((VfioIrqIndex)index) is { } info
            ? Answer.Of(new IrqInfoStructure(16, (uint)info.Flags, index, (uint)info.Count))
            : Errno.EINVAL);

    /// <inheritdoc/>
    public Task<Answer> SetIrqs(
        IrqSetStructure request,
        ReadOnlyMemory<byte> bools,
        IReadOnlyList<NativeDescriptor> eventFds,
        CancellationToken stop) => Task.FromResult(Interrupts.Set(request, bools.Span, eventFds));

    /// <inheritdoc/>
    public Task<KernelResult> Read(RegionAccessStructure access, Memory<byte> buffer, CancellationToken stop)
    {
        if (!IsInside(access))
        {
            return Task.FromResult<KernelResult>(Errno.EINVAL);
        }

        Do(SiliconOperations.Read, said =>
        {
            _powerCut.See(access, _function.PowerState);
            BusCycles.Read(_function, (int)access.Region, (long)access.Offset, buffer.Span);
            Say(said, access);
            said["data"] = Convert.ToHexStringLower(buffer.Span);
            said["ret"] = buffer.Length;
        });
        return Task.FromResult((KernelResult)buffer.Length);
    }

    /// <inheritdoc/>
    public Task<KernelResult> Write(RegionAccessStructure access, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (!IsInside(access) || access.Region == VfioRegion.Rom)
        {
            return Task.FromResult<KernelResult>(Errno.EINVAL);
        }

        Do(SiliconOperations.Write, said =>
        {
            PowerState before = _function.PowerState;
            BusCycles.Write(_function, (int)access.Region, (long)access.Offset, bytes.Span);
            _powerCut.See(access, before);
            Say(said, access);
            said["value"] = Convert.ToHexStringLower(bytes.Span);
            said["ret"] = bytes.Length;
        });
        return Task.FromResult((KernelResult)bytes.Length);
    }

    /// <inheritdoc/>
    public Task<Answer> Reset(CancellationToken stop)
    {
        bool isPowerCut = _isPowerCut && _powerCut.IsReset;
        Do(isPowerCut ? SiliconOperations.PowerCycle : SiliconOperations.Reset, said =>
        {
            if (isPowerCut)
            {
                SiliconOperations.Cycle(_function);
            }
            else
            {
                _function.Reset(ResetKind.Bus);
            }

            said["ret"] = 0;
        });
        return Task.FromResult(Answer.Empty);
    }

    /// <summary>Features are a kernel's.</summary>
    /// <inheritdoc/>
    public Task<Answer> Feature(ReadOnlyMemory<byte> request, NativeDescriptor? eventFd, CancellationToken stop)
    {
        eventFd?.Dispose();
        return Task.FromResult<Answer>(Errno.ENOTTY);
    }

    /// <inheritdoc/>
    public void AskBack() => Interrupts.Raise(VfioIrqIndex.Req, 0);

    /// <inheritdoc/>
    public void Forget() => Interrupts.Clear();

    private static void Say(JsonObject said, RegionAccessStructure access)
    {
        said["bar"] = access.Region;
        said["off"] = access.Offset;
        said["len"] = access.Count;
    }

    private bool IsInside(RegionAccessStructure access) =>
        BusCycles.AreInside(_function, access.Region, access.Offset, access.Count);

    /// <summary>Something happens to the function on its bus, at the time that it is.</summary>
    /// <param name="operation">What, as events call it.</param>
    /// <param name="act">Does it, and says what was asked and answered.</param>
    private void Do(string operation, Action<JsonObject> act) => _time.Do(() => _recording.Do(HostRecording.Who.Client, () =>
    {
        JsonObject said = new() { ["op"] = operation, ["bdf"] = _function.Address.ToString() };
        act(said);
        return said;
    }));
}
