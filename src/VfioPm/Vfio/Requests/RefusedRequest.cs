namespace VfioPm;

/// <summary>An ioctl that there is not, or whose argument is not there: the device is held for its time all the same.</summary>
/// <param name="error">What is answered.</param>
/// <param name="isOfIommufd">
/// Whether it is <c>VFIO_DEVICE_BIND_IOMMUFD</c>: kernels that know it answer who opened the device through its group before they
/// look at the device (<c>vfio_df_ioctl_bind_iommufd()</c>).
/// </param>
internal sealed class RefusedRequest(Errno error, bool isOfIommufd = false) : VfioRequest
{
    public override string What => "user calls an ioctl";

    public override int? AnswerAtOnce(VfioRules rules) => isOfIommufd && rules.KnowsIommufd ? -error : null;

    public override KernelCall<int> Execute(VfioSession session) => -error;

    public override void AddTo(ref StateHash hash)
    {
        hash.Add((int)error);
        hash.Add(isOfIommufd);
    }
}
