using System.Globalization;

namespace VfioPm.Cli;

/// <summary>Runs of one scenario beside each other: what they agree on once, and where they part a column each.</summary>
/// <param name="output">Where to.</param>
internal sealed class ComparisonReport(TextWriter output)
{
    private const int Indent = 6;

    public void Write(ScenarioComparison comparison)
    {
        string[] profiles = [.. comparison.Runs.Select(static run => run.Profile.Name)];
        ScenarioRun first = comparison.Runs[0];
        int fieldWidth = Math.Max(
            comparison.Steps.SelectMany(static step => step.Differences).Select(static difference => difference.Field.Length + 2).DefaultIfEmpty().Max(),
            comparison.Steps.Select(static step => step.Step.Text.Length).DefaultIfEmpty().Max());
        int valueWidth = comparison.Steps.SelectMany(static step => step.Differences).SelectMany(static difference => difference.Values)
            .Concat(profiles)
            .Max(static value => value.Length);

        output.WriteLine($"{first.Scenario.Name} on {string.Join(", ", profiles)}, topology {first.Topology.Name}");
        output.WriteLine();
        output.WriteLine($"{"".PadRight(Indent + fieldWidth)}  {Columns(profiles, valueWidth)}".TrimEnd());
        foreach (ComparedStep step in comparison.Steps)
        {
            bool isAgreed = step.Differences.All(static difference => difference.Field.Contains('.', StringComparison.Ordinal));
            string answer = isAgreed ? StepText.Of(step.Results[0]) : "";
            output.WriteLine($"{step.Step.Line.ToString(CultureInfo.InvariantCulture),4}  {step.Step.Text.PadRight(fieldWidth)}  {answer}".TrimEnd());
            foreach (ComparedField difference in step.Differences)
            {
                output.WriteLine($"{"".PadRight(Indent)}  {difference.Field.PadRight(fieldWidth - 2)}  {Columns(difference.Values, valueWidth)}".TrimEnd());
            }
        }

        output.WriteLine();
        output.WriteLine(comparison.FirstParting is { } parting
            ? $"they part at line {parting.Step.Line}: {parting.Step.Text}"
            : "they do the same");
    }

    private static string Columns(IEnumerable<string> values, int width) =>
        string.Join("  ", values.Select(value => value.PadRight(width)));
}
