using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary><c>VFIO_DEVICE_FEATURE</c>.</summary>
internal sealed class FeatureRequest(VfioFeatureRequest argument) : VfioRequest
{
    public override string What => argument.Feature switch
    {
        VfioFeature.LowPowerEntry or VfioFeature.LowPowerEntryWithWakeup => "user asks to permit low power",
        VfioFeature.LowPowerExit => "user asks to end low power",
        VfioFeature.DmaBuf => "user exports a BAR",
        _ => "user calls VFIO_DEVICE_FEATURE",
    };

    public override UserCalls Kind => UserCalls.IoctlsBelievedSafe;

    /// <summary>What the kernel reads of it; of the data what the feature needs, if it is there.</summary>
    /// <returns>Null for an argument that is not there.</returns>
    public static FeatureRequest? CopyFrom(UserMemory argument, DescriptorTable descriptors)
    {
        if (!argument.TryCopyFrom(out FeatureStructure header))
        {
            return null;
        }

        var request = new VfioFeatureRequest { ArgumentSize = header.ArgumentSize, Flags = header.Flags };
        ReadOnlySpan<byte> data = argument.Bytes[(int)VfioFeatureRequest.HeaderSize..];
        return new FeatureRequest(request.Feature switch
        {
            VfioFeature.PciVfToken when data.Length >= VfioFeatureRequest.TokenSize =>
                request with { Token = new Guid(data[..(int)VfioFeatureRequest.TokenSize], bigEndian: true) },
            VfioFeature.LowPowerEntryWithWakeup when MemoryMarshal.TryRead(data, out LowPowerEntryStructure entry) =>
                request with { Wakeup = descriptors[entry.Wakeup] },
            VfioFeature.DmaBuf when MemoryMarshal.TryRead(data, out DmaBufStructure buffer) =>
                request with { DmaBuf = Read(buffer, data[(int)VfioDmaBufRequest.HeaderSize..]) },
            _ => request,
        });
    }

    public override KernelCall<int> Execute(VfioSession session) => new DeviceFeatures(session.Device).Handle(argument);

    public override IReadOnlyList<FileDescriptor> Descriptors => argument.Wakeup is { } wakeup ? [wakeup] : [];

    public override VfioRequest Fork(ForkContext fork) =>
        new FeatureRequest(argument with { Wakeup = argument.Wakeup?.Fork(fork) });

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(argument.Flags);
        hash.Add(argument.ArgumentSize);
        hash.Add(argument.Wakeup is not null);
        argument.Wakeup?.AddTo(ref hash);
        hash.Add(argument.Token);
        hash.Add(argument.DmaBuf is not null);
        argument.DmaBuf?.AddTo(ref hash);
    }

    /// <summary>As many ranges as the user says there are, or as are in memory.</summary>
    private static VfioDmaBufRequest Read(DmaBufStructure header, ReadOnlySpan<byte> memory)
    {
        ReadOnlySpan<VfioDmaRange> there = MemoryMarshal.Cast<byte, VfioDmaRange>(memory);
        return new VfioDmaBufRequest(header.Region, [.. there[..(int)Math.Min(header.Count, there.Length)]], header.Count)
        {
            Flags = header.Flags,
        };
    }
}
