namespace VfioPm;

/// <summary><c>VFIO_DEVICE_IOEVENTFD</c>.</summary>
internal sealed class IoEventFdRequest(VfioIoEventFd argument) : VfioRequest
{
    public override string What => "user has a signal write";

    public override KernelCall<KernelResult> Execute(VfioSession session) => session.IoEventFds.Set(argument);

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
