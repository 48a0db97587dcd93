namespace VfioPm;

/// <summary>Is told what the kernel says in its log (<see cref="KernelLog.Events"/>).</summary>
public interface IKernelLogListener : IForkable
{
    /// <summary>The kernel said something.</summary>
    void OnLine(KernelLogLine line);
}
