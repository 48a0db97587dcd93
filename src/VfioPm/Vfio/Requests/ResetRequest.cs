namespace VfioPm;

/// <summary><c>VFIO_DEVICE_RESET</c>.</summary>
internal sealed class ResetRequest : VfioRequest
{
    public static readonly ResetRequest Instance = new();

    public override string What => "user resets the device";

    public override KernelCall<int> Execute(VfioSession session) => session.Reset();
}
