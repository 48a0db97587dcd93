namespace VfioPm;

// ioctls by number.
public sealed partial class VfioDeviceFile
{
    /// <summary>
    /// Makes an ioctl as user space does, <c>ioctl(fd, request, argument)</c>, with the structures of <c>linux/vfio.h</c>: what
    /// a VMM's own layer over vfio hands to the kernel. Descriptors in it are numbers of
    /// <see cref="VfioPciDriver.Descriptors"/>.
    /// </summary>
    /// <param name="request">The number: a <see cref="VfioIoctl"/>, or one that the kernel does not know.</param>
    /// <param name="argument">
    /// The memory that the pointer points at; what lies behind its end is not mapped, and an empty one is a null pointer.
    /// The answer is written there.
    /// </param>
    /// <returns>
    /// What the method of this class for that ioctl returns; besides -EFAULT where the argument, or room for the answer, is
    /// not all there, and -ENOTTY for an ioctl that a vfio-pci device does not have.
    /// </returns>
    public KernelResult Ioctl(uint request, Span<byte> argument)
    {
        UserMemory memory = new(argument);
        KernelResult result = Ioctl(new UserIoctl(request, memory, Device.Descriptors));
        memory.Bytes.CopyTo(argument);
        return result;
    }

    /// <summary>Begins an ioctl: the answer is in <paramref name="argument"/> when it is over.</summary>
    /// <inheritdoc cref="Ioctl(uint, Span{byte})"/>
    public PendingCall BeginIoctl(uint request, UserMemory argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        return Begin(new UserIoctl(request, argument, Device.Descriptors));
    }

    private KernelResult Ioctl(VfioRequest request)
    {
        Claim(request);
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        BeginCall(request.What);
        return entry.Run(Handle(request));
    }

    /// <inheritdoc cref="ExitToRead"/>
    internal KernelThread Exit(VfioRequest request)
    {
        Claim(request);
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        if (IsClosed)
        {
            return entry.Start(-Errno.EBADF).Thread;
        }

        BeginCall(request.What);
        return entry.Start(Handle(request)).Thread;
    }

    private PendingCall Begin(VfioRequest request)
    {
        Claim(request);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Device.Pci.Name);
        BeginCall(request.What);
        return entry.Start(Handle(request));
    }

    /// <summary>The eventfds of a request belong to this host from now on.</summary>
    /// <exception cref="ArgumentException">One is another host's.</exception>
    private void Claim(VfioRequest request)
    {
        IReadOnlyList<FileDescriptor> descriptors = request.Descriptors;
        for (int i = 0; i < descriptors.Count; i++)
        {
            descriptors[i].CheckHost(Kernel.Clock);
        }

        for (int i = 0; i < descriptors.Count; i++)
        {
            descriptors[i].Claim(Kernel.Clock);
        }
    }

    /// <summary><c>vfio_device_fops_unl_ioctl()</c>.</summary>
    private async KernelCall<int> Handle(VfioRequest request)
    {
        if (request.AnswerAtOnce(Device.Rules) is { } answer)
        {
            await EndCall();
            return answer;
        }

        int result = await Device.Power.BeginUserCall(request.Kind);
        if (result >= 0)
        {
            result = await request.Execute(Session);
            await ReleaseDevice(request.Kind);
        }

        await EndCall();
        return result;
    }
}
