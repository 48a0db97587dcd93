namespace VfioPm;

/// <summary><c>VFIO_DEVICE_FEATURE</c>.</summary>
internal sealed class FeatureRequest(VfioFeatureRequest argument) : VfioRequest
{
    public override string What => argument.Feature switch
    {
        VfioFeature.LowPowerEntry or VfioFeature.LowPowerEntryWithWakeup => "user asks to permit low power",
        VfioFeature.LowPowerExit => "user asks to end low power",
        _ => "user calls VFIO_DEVICE_FEATURE",
    };

    public override KernelCall<KernelResult> Execute(VfioSession session) => new DeviceFeatures(session.Device).Handle(argument);

    public override VfioRequest Fork(ForkContext fork) =>
        new FeatureRequest(argument with { Wakeup = argument.Wakeup?.Fork(fork) });

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(argument.Flags);
        hash.Add(argument.ArgumentSize);
        hash.Add(argument.Wakeup is not null);
        argument.Wakeup?.AddTo(ref hash);
        hash.Add(argument.Token is not null);
        Span<byte> token = stackalloc byte[16];
        argument.Token.GetValueOrDefault().TryWriteBytes(token);
        hash.Add(token);
    }
}
