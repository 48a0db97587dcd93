using NUnit.Framework.Interfaces;
using VfioPm;

/// <summary>A host for each test; of one that fails, the timeline is in the output and the picture is an attachment.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class HostTests : IDisposable
{
    protected HostTests() => Host.Trace.KeepReasons();

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

    [TearDown]
    public void Attach()
    {
        TestContext context = TestContext.CurrentContext;
        if (context.Result.Outcome.Status == TestStatus.Failed)
        {
            string picture = Host.Trace.ToPicture(context.Test.FullName).Save(Path.Combine("failures", $"{context.Test.Name}.html"));
            TestContext.AddTestAttachment(picture, "what happened");
            TestContext.Out.WriteLine($"{Host.Trace}\nPicture: {picture}");
        }
    }

    public void Dispose()
    {
        Host.Dispose();
        GC.SuppressFinalize(this);
    }
}
