using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>A schedule as it is told: what each choice brought about, and what guest, kernel and hardware see afterwards.</summary>
internal sealed class ToldSchedule
{
    private static readonly TraceKind[] Told =
    [
        TraceKind.PowerState, TraceKind.RuntimeStatus, TraceKind.UsageCount, TraceKind.HardwareState, TraceKind.GuestState,
    ];

    private ToldSchedule(SimulatedHost host, string text, string code, string? scenario, Picture picture)
    {
        Host = host;
        Text = text;
        Code = code;
        Scenario = scenario;
        Picture = picture;
    }

    /// <summary>The host at the end.</summary>
    public SimulatedHost Host { get; }

    public string Text { get; }

    public string Code { get; }

    public string? Scenario { get; }

    public Picture Picture { get; }

    /// <param name="playback">The beginning, traced.</param>
    /// <param name="finding">What is told of.</param>
    /// <param name="plan">Who does what.</param>
    public static ToldSchedule Tell(Playback playback, Finding finding, Plan plan)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{finding.Rule.Id}: {finding.How}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  but: {finding.Rule.Principle}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  see: {finding.Rule.Source}");
        var code = new PastedTest(plan, finding, playback.Host);
        var scenario = new LabScenario(plan, finding, playback);
        playback.Host.Trace.KeepReasons();
        List<PictureStep> steps = [];
        foreach (string choice in finding.Schedule.Choices)
        {
            int before = playback.Host.Trace.Entries.Count;
            TimeSpan begin = playback.Host.Clock.Now;
            scenario.Add(choice);
            playback.MustPlay(choice);
            if (steps.Count + 1 == finding.Schedule.Choices.Count)
            {
                playback.Finish();
            }

            string told = $"{playback.Host.Trace.ToTimeline().Of(Told).After(before)}{Views.Of(playback.Host)}";
            steps.Add(new PictureStep(choice, begin, playback.Host.Clock.Now, told));
            text.AppendLine(CultureInfo.InvariantCulture, $"{steps.Count,3}. {choice}");
            Indent(text, told);
            code.Add(choice, begin);
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  schedule: {finding.Schedule}");
        Picture picture = playback.Host.Trace.ToPicture($"{finding.Rule.Id}: {finding.How}").With(steps);
        return new ToldSchedule(playback.Host, text.ToString(), code.ToString(), scenario.ToString(), picture);
    }

    private static void Indent(StringBuilder text, string lines)
    {
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append("       ").AppendLine(line.TrimEnd());
        }
    }
}
