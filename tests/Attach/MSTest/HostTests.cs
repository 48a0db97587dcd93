using VfioPm;

/// <summary>A host for each test; of one that fails, the timeline is in the output and the picture is an attachment.</summary>
public abstract class HostTests
{
    public required TestContext TestContext { get; set; }

    protected HostTests() => Host.Trace.KeepReasons();

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

    [TestCleanup]
    public void Attach()
    {
        if (TestContext.CurrentTestOutcome == UnitTestOutcome.Failed)
        {
            string picture = Host.Trace.ToPicture(TestContext.TestName!).Save(Path.Combine("failures", $"{TestContext.TestName}.html"));
            TestContext.AddResultFile(picture);
            TestContext.WriteLine($"{Host.Trace}\nPicture: {picture}");
        }

        Host.Dispose();
    }
}
