namespace VfioPm;

/// <summary>Hands a verdict to FluentAssertions, which fails the test in the words of its framework.</summary>
internal static class VerdictReport
{
    public static void Report(this Verdict verdict, string because, object[] becauseArgs)
    {
        string message = $"Expected {verdict.Subject} {verdict.Expected}";
        string rest = $", but {verdict.Found}.{Environment.NewLine}{verdict.Details}";
#if AWESOME
        AssertionChain chain = AssertionChain.GetOrCreate();
#else
        AssertionScope chain = Execute.Assertion;
#endif
        _ = chain
            .BecauseOf(because, becauseArgs)
            .ForCondition(verdict.Holds)
            .FailWith(Escape(message) + "{reason}" + Escape(rest));
    }

    /// <summary>The text is finished: its braces are no places for arguments.</summary>
    private static string Escape(string text) =>
        text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
}
