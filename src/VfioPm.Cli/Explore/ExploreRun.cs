using System.Diagnostics;

namespace VfioPm.Cli;

/// <summary>One exploration of a standard machine, and what is printed of it.</summary>
internal sealed class ExploreRun(ExploreRequest request, TextWriter output, TextWriter error)
{
    /// <returns>0 if every rule held, 1 if one broke.</returns>
    /// <exception cref="BadInputException">What was asked for cannot be explored.</exception>
    public int Run()
    {
        // How long it took is real time, as its user sees it.
#pragma warning disable RS0030
        var watch = Stopwatch.StartNew();
        ExplorationResult result = Explore();
        double seconds = Math.Round(watch.Elapsed.TotalSeconds, 3);
#pragma warning restore RS0030
        if (request.IsJson)
        {
            output.WriteLine(new ExplorationReport(result, seconds).ToJson(isShard: request.Options.Shard != Shard.Whole));
        }
        else
        {
            output.WriteLine($"{request.Topology}: {request.Topology.Description}");
            output.WriteLine(result.ToString().TrimEnd());
            foreach (Counterexample finding in result.Findings)
            {
                output.WriteLine();
                output.WriteLine(finding.Test.TrimEnd());
                if (finding.Scenario is { } scenario)
                {
                    output.WriteLine();
                    output.WriteLine(scenario.TrimEnd());
                }
            }
        }

        if (result.Findings is [var first, ..])
        {
            request.Picture?.Write(first.ToPicture());
        }

        return result.Holds ? 0 : 1;
    }

    private ExplorationResult Explore()
    {
        ProgressLine progress = new(error);
        Exploration exploration = Exploration.Of(request.Topology.Make(request.Profile)).WithStandardCrowd();
        exploration = (request.IsUnreliable ? exploration.WithUnreliableCards() : exploration).Always(request.Rules);
        try
        {
            return request.Schedule is { } schedule
                ? exploration.Replay(schedule)
                : exploration.Run(request.Options with { Progress = (states, depth) => progress.Say($"{states} states, depth {depth}") });
        }
        catch (Exception problem) when (problem is ScheduleException or ArgumentException)
        {
            throw new BadInputException(problem);
        }
        finally
        {
            progress.Clear();
        }
    }
}
