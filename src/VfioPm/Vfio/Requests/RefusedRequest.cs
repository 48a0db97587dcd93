namespace VfioPm;

/// <summary>An ioctl that there is not, or whose argument is not there: the device is held for its time all the same.</summary>
internal sealed class RefusedRequest(Errno error) : VfioRequest
{
    public override string What => "user calls an ioctl";

    public override KernelCall<KernelResult> Execute(VfioSession session) => (KernelResult)error;

    public override void AddTo(ref StateHash hash) => hash.Add((int)error);
}
