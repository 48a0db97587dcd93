using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>
/// A schedule as a scenario that a real kernel can play (<c>docs/scenarios.md</c>): operations one after the other, and in a <c>par</c>
/// what was done in the middle of another's call. There is none where a thread is interrupted in its call, which nobody can ask of
/// a kernel, and where something was done that no scenario can say.
/// </summary>
internal sealed class LabScenario
{
    // Who begins so much later meets the other in the middle of his call, as far as that got by itself.
    private static readonly TimeSpan NextTurn = TimeSpan.FromMilliseconds(1);

    private readonly Plan _plan;
    private readonly Playback _playback;
    private readonly StringBuilder _text = new();
    private readonly List<Deed> _together = [];
    private TimeSpan _began;
    private bool _isComplete;

    /// <param name="plan">Who does what.</param>
    /// <param name="finding">What is told of.</param>
    /// <param name="playback">The beginning.</param>
    public LabScenario(Plan plan, Finding finding, Playback playback)
    {
        _plan = plan;
        _playback = playback;
        _isComplete = finding.Schedule.Preemptions == 0;
        _text.AppendLine(CultureInfo.InvariantCulture, $"# name: {finding.Rule.Id}");
        _text.AppendLine(CultureInfo.InvariantCulture, $"# desc: {finding.How}");
        _text.AppendLine("# settle: 0");
        _text.AppendLine("# quiet: 0");
        foreach (VfioPciDevice device in playback.Host.VfioPci.Devices)
        {
            _text.AppendLine(CultureInfo.InvariantCulture, $"bind {device.Pci.Name}");
            foreach (VfioDeviceFile _ in device.Files)
            {
                _text.AppendLine(CultureInfo.InvariantCulture, $"open {device.Pci.Name} again");
            }
        }

        // Long enough for whoever may sleep.
        _text.AppendLine("sleep 3000");
    }

    private TimeSpan Now => _playback.Host.Clock.Now;

    /// <summary>Adds a choice that is about to be played.</summary>
    public void Add(string choice)
    {
        if (_plan.FindStep(choice) is not var (actor, step))
        {
            return;
        }

        _isComplete &= step.Operation is not null;
        if (!_playback.IsAnybodyCalling)
        {
            WriteTogether();
            WriteSleep(Now - _playback.IdleSince);
            _began = Now;
        }

        _together.Add(DeedOf(actor.Name, step.Operation));
    }

    /// <summary>The scenario, once all is played; null where there is none.</summary>
    public override string? ToString()
    {
        WriteTogether();
        WriteSleep(Now - _playback.IdleSince);
        return _isComplete ? _text.ToString() : null;
    }

    /// <summary>What is done now, after what was done before: on a real kernel nobody else says whose turn it is.</summary>
    private Deed DeedOf(string actor, string? operation)
    {
        TimeSpan begin = Now - _began;
        TimeSpan lab = begin;
        if (_together is [.., var last] && last.Actor != actor && lab < last.InLab + NextTurn)
        {
            lab = last.InLab + NextTurn;
        }

        Deed? his = _together.FindLast(deed => deed.Actor == actor);
        TimeSpan free = his is null ? TimeSpan.Zero : _playback.ReturnedAt(actor) - _began + (his.InLab - his.Begin);
        return new Deed(actor, operation, begin, lab, lab > free ? lab - free : TimeSpan.Zero);
    }

    /// <summary>What was done at once.</summary>
    private void WriteTogether()
    {
        if (_together is [var alone])
        {
            _text.AppendLine(alone.Operation);
        }
        else if (_together.Count > 0)
        {
            IEnumerable<string> threads = _together.GroupBy(static deed => deed.Actor)
                .Select(static deeds => $"{{ {string.Join(" ; ", deeds.SelectMany(static deed => deed.Words))} }}");
            _text.AppendLine(CultureInfo.InvariantCulture, $"par {string.Join(' ', threads)}");
        }

        _together.Clear();
    }

    private void WriteSleep(TimeSpan duration)
    {
        if (duration > TimeSpan.Zero)
        {
            _text.AppendLine(Sleep(duration));
        }
    }

    private static string Sleep(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"sleep {(long)Math.Ceiling(duration.TotalMilliseconds)}");

    /// <summary>Something that an actor did.</summary>
    /// <param name="Actor">Who.</param>
    /// <param name="Operation">What, in a scenario.</param>
    /// <param name="Begin">When, after the first of what was done at once.</param>
    /// <param name="InLab">When in the scenario.</param>
    /// <param name="After">How long he does nothing before it.</param>
    private sealed record Deed(string Actor, string? Operation, TimeSpan Begin, TimeSpan InLab, TimeSpan After)
    {
        public IEnumerable<string?> Words => After > TimeSpan.Zero ? [Sleep(After), Operation] : [Operation];
    }
}
