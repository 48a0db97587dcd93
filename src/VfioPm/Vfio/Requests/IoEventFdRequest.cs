namespace VfioPm;

/// <summary><c>VFIO_DEVICE_IOEVENTFD</c>.</summary>
internal sealed class IoEventFdRequest(VfioIoEventFd argument) : VfioRequest
{
    public override string What => "user has a signal write";

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static IoEventFdRequest? CopyFrom(UserMemory argument, DescriptorTable descriptors) =>
        argument.TryCopyFrom(out IoEventFdStructure given)
            ? new IoEventFdRequest(new VfioIoEventFd(
                VfioRegion.IndexOf(given.Offset),
                VfioRegion.Within((long)given.Offset),
                given.Data,
                descriptors[given.EventFd])
            {
                ArgumentSize = given.ArgumentSize,
                Flags = given.Flags,
            })
            : null;

    public override KernelCall<int> Execute(VfioSession session) => session.IoEventFds.Set(argument);

    public override IReadOnlyList<FileDescriptor> Descriptors => [argument.EventFd];

    public override VfioRequest Fork(ForkContext fork) =>
        new IoEventFdRequest(argument with { EventFd = argument.EventFd.Fork(fork) });

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(argument.Region);
        hash.Add(argument.Offset);
        hash.Add((long)argument.Data);
        hash.Add(argument.Flags);
        hash.Add(argument.ArgumentSize);
        argument.EventFd.AddTo(ref hash);
    }
}
