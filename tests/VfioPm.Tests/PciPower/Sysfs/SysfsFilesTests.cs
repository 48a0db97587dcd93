namespace VfioPm.Tests;

/// <summary>Who is in a function's files while it is removed (<c>kernfs_drain()</c>).</summary>
public sealed class SysfsFilesTests
{
    private readonly RuntimePmCore _core = new();
    private readonly SysfsFiles _files;

    public SysfsFilesTests() => _files = new SysfsFiles(_core.Kernel, "nic", 0);

    [Fact]
    public void Nobody_comes_in_between_the_last_who_leaves_and_who_waits_for_that()
    {
        LockScope last = _files.Enter();
        _core.AddActive("nic", callbacks: new Remover(_files)).BeginSuspend();
        last.Dispose();

        _files.Enter().IsTaken.Should().BeFalse("who waits comes first, though he has not run yet");
    }

    private sealed class Remover(SysfsFiles files) : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            await files.Drain();
            return 0;
        }
    }
}
