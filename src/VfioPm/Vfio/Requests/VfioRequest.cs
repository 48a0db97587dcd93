namespace VfioPm;

/// <summary>
/// An ioctl on an open device, with what the kernel copied of its argument, and what it will copy back.
/// </summary>
internal abstract class VfioRequest : IFrameLocal
{
    /// <summary>What the user does, as the cause of what follows.</summary>
    public abstract string What { get; }

    /// <summary>What kind of call it is, for who decides whether that wakes the device.</summary>
    public virtual UserCalls Kind => UserCalls.OtherIoctls;

    /// <summary>Does it; the device is held (<see cref="VfioPower.BeginUserCall"/>).</summary>
    public abstract KernelCall<int> Execute(VfioSession session);

    /// <summary>What is answered before anybody looks at the device, or null.</summary>
    public virtual int? AnswerAtOnce(VfioRules rules) => null;

    /// <summary>Copies the answer into the argument that the request was read from (<c>copy_to_user()</c>).</summary>
    /// <returns>What <see cref="Execute"/> returned, or -EFAULT where there is no memory for the answer.</returns>
    public virtual int CopyBack(int result, UserMemory argument, VfioRules rules) => result;

    /// <summary>What the kernel may keep of it, and go on to use.</summary>
    public virtual IReadOnlyList<FileDescriptor> Descriptors => [];

    /// <summary>The same in a fork; one that holds nothing of the host is shared.</summary>
    public virtual VfioRequest Fork(ForkContext fork) => this;

    /// <summary>Adds what tells it apart from others of its kind.</summary>
    public virtual void AddTo(ref StateHash hash)
    {
    }

    void IFrameLocal.AddTo(ref StateHash hash)
    {
        hash.AddKindOf(this);
        AddTo(ref hash);
    }

    object IFrameLocal.Fork(ForkContext fork) => Fork(fork);
}
