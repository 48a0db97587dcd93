namespace VfioPm;

// ioctls by number.
public sealed partial class VfioDeviceFile
{
    /// <summary>
    /// Makes an ioctl of the vfio type with a null pointer for its argument:
    /// <c>ioctl(fd, _IO(';', 100 + number), 0)</c>.
    /// </summary>
    /// <returns>
    /// -EFAULT for an ioctl that takes an argument; -ENOTTY for one that is none of a vfio-pci device's; what
    /// <see cref="Reset"/> returns for <c>VFIO_DEVICE_RESET</c>, which takes none.
    /// </returns>
    public KernelResult Ioctl(int number) => Ioctl(new BareRequest((VfioIoctl)number));

    private KernelResult Ioctl(VfioRequest request)
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        BeginCall(request.What);
        return entry.Run(Handle(request));
    }

    /// <summary>The same for a process, or a guest, that waits for the thread that makes the call.</summary>
    internal KernelThread Exit(VfioRequest request)
    {
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        BeginCall(request.What);
        return entry.Start(Handle(request)).Thread;
    }

    private PendingCall Begin(VfioRequest request)
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, Device.Pci.Name);
        BeginCall(request.What);
        return entry.Start(Handle(request));
    }

    /// <summary><c>vfio_device_fops_unl_ioctl()</c>.</summary>
    private async KernelCall<KernelResult> Handle(VfioRequest request)
    {
        await using UserCall call = await Hold();
        return call.IsRefused ? call.Refusal : await request.Execute(Session);
    }
}
