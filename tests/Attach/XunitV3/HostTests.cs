using VfioPm;

/// <summary>A host for each test; of one that fails, the timeline is in the output and the picture is an attachment.</summary>
public abstract class HostTests : IDisposable
{
    protected HostTests() => Host.Trace.KeepReasons();

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

    public void Dispose()
    {
        ITestContext context = TestContext.Current;
        if (context.TestState?.Result == TestResult.Failed)
        {
            string picture = Host.Trace.ToPicture(context.TestCase!.TestCaseDisplayName)
                .Save(Path.Combine("failures", $"{context.TestCase.TestMethod!.MethodName}.html"));
            context.AddAttachment("picture", File.ReadAllBytes(picture), "text/html");
            context.TestOutputHelper?.WriteLine($"{Host.Trace}\nPicture: {picture}");
        }

        Host.Dispose();
        GC.SuppressFinalize(this);
    }
}
