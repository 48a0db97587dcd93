using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>How a step was written: the text of a lambda, or a name that was given.</summary>
/// <param name="Name">In the schedule: the lambda's body without its parameter, on one line.</param>
/// <param name="Body">The lambda's body, or null.</param>
/// <param name="Parameter">The lambda's parameter, or null.</param>
internal sealed partial record StepText(string Name, string? Body, string? Parameter)
{
    public static StepText Of(string text)
    {
        Match lambda = Lambda().Match(text);
        if (!lambda.Success)
        {
            return new StepText(OneLine(text), Body: null, Parameter: null);
        }

        string parameter = lambda.Groups["parameter"].Value;
        string body = lambda.Groups["body"].Value;
        return new StepText(OneLine(Regex.Replace(body, $@"\b{parameter}\.", "")), body, parameter);
    }

    /// <summary>The lambda's body as code about a variable, or null where a name was given.</summary>
    public string? CodeFor(string variable) =>
        Body is null ? null : Spaces().Replace(Regex.Replace(Body, $@"\b{Parameter}\b", variable), " ").Trim();

    private static string OneLine(string text) =>
        Spaces().Replace(text, " ").Replace(Schedule.Separator, ',').Replace(Schedule.StopMark, ' ').Trim();

    [GeneratedRegex(@"^\s*(static\s+)?\(?\s*(?<parameter>\w+)\s*\)?\s*=>\s*(?<body>.+)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Lambda();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
