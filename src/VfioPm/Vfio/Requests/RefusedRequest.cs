namespace VfioPm;

/// <summary>An ioctl that there is not, or whose argument is not there: the device is held for its time all the same.</summary>
/// <param name="error">What is answered.</param>
internal sealed class RefusedRequest(Errno error) : VfioRequest
{
    public override string What => "user calls an ioctl";

    public override KernelCall<int> Execute(VfioSession session) => -error;

    public override void AddTo(ref StateHash hash) => hash.Add((int)error);
}
