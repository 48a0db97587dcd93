using VfioPm;

/// <summary>A host for each test; of one that fails, the timeline is in the output and the picture is an artifact.</summary>
public abstract class HostTests
{
    protected HostTests() => Host.Trace.KeepReasons();

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

    [After(Test)]
    public void Attach(TestContext context)
    {
        if (context.Execution.Result?.State == TestState.Failed)
        {
            string picture = Host.Trace.ToPicture(context.Metadata.DisplayName)
                .Save(Path.Combine("failures", $"{context.Metadata.TestName}.html"));
            context.Output.AttachArtifact(picture, "what happened");
            context.Output.WriteLine($"{Host.Trace}\nPicture: {picture}");
        }

        Host.Dispose();
    }
}
