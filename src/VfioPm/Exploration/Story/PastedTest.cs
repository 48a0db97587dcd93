using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>
/// A schedule as a test to be pasted: plain calls, and time that passes, where everything goes in the usual order; otherwise the
/// schedule for the exploration to replay.
/// </summary>
internal sealed partial class PastedTest
{
    private readonly Plan _plan;
    private readonly Finding _finding;
    private readonly SimulatedHost _host;
    private readonly StringBuilder _body = new();
    private bool _isPlain = true;

    public PastedTest(Plan plan, Finding finding, SimulatedHost host)
    {
        _plan = plan;
        _finding = finding;
        _host = host;
    }

    /// <summary>Adds a choice that was played.</summary>
    /// <param name="choice">Its name.</param>
    /// <param name="begin">When it was made.</param>
    public void Add(string choice, TimeSpan begin)
    {
        string? code = CodeOf(choice);
        _isPlain &= code is not null || choice == Schedule.Settle;
        if (code is not null)
        {
            _body.AppendLine(CultureInfo.InvariantCulture, $"    {code};");
        }

        // What an actor began is over by now unless the schedule says otherwise; so is what time brought about.
        if (_host.Clock.Now > begin)
        {
            _body.AppendLine(
                CultureInfo.InvariantCulture, $"    host.Clock.Advance(TimeSpan.FromTicks({(_host.Clock.Now - begin).Ticks}));");
        }
        else
        {
            _body.AppendLine("    host.Clock.RunPending();");
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine("[Fact]");
        text.AppendLine(CultureInfo.InvariantCulture, $"public void {NoIdentifier().Replace(_finding.Rule.Id, "_")}_holds()");
        text.AppendLine("{");
        text.AppendLine(CultureInfo.InvariantCulture, $"    // {_finding.How}");
        if (_isPlain)
        {
            text.Append(_body);
        }
        else
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    const string schedule =");
            text.AppendLine(CultureInfo.InvariantCulture, $"        \"{_finding.Schedule.ToString().Replace("\"", "\\\"", StringComparison.Ordinal)}\";");
            text.AppendLine("    exploration.Replay(Schedule.Parse(schedule)).Should().HoldInEveryOrder();");
        }

        text.AppendLine("}");
        return text.ToString();
    }

    private string? CodeOf(string choice) =>
        _plan.FindStep(choice) is var (actor, step) ? step.Text.CodeFor(NoIdentifier().Replace(actor.Name, "_")) : null;

    [GeneratedRegex(@"\W")]
    private static partial Regex NoIdentifier();
}
