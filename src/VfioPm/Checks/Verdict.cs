namespace VfioPm;

/// <summary>
/// What a <see cref="StateCheck"/> found, and why, in words: what was expected, what was found, and what happened.
/// It knows no test framework; <c>VfioPm.Assertions</c> hands it to one.
/// </summary>
/// <param name="Holds">Whether what was expected is so.</param>
/// <param name="Subject">What was looked at: "0000:01:00.0".</param>
/// <param name="Expected">What was expected of it: "to be in D3cold".</param>
/// <param name="Found">What it is: "it is in D3hot".</param>
/// <param name="Details">What explains it, in lines; empty where it holds.</param>
public sealed record Verdict(bool Holds, string Subject, string Expected, string Found, string Details)
{
    /// <summary>Fails the test, whatever its framework, if what was expected is not so.</summary>
    /// <exception cref="CheckFailedException">It is not; the message is the explanation.</exception>
    public void ThrowIfNot()
    {
        if (!Holds)
        {
            throw new CheckFailedException(ToString());
        }
    }

    /// <summary>The explanation: "Expected 0000:01:00.0 to be in D3cold, but it is in D3hot." and what happened.</summary>
    public override string ToString() => Holds
        ? $"{Subject} was expected {Expected}, and {Found}."
        : $"Expected {Subject} {Expected}, but {Found}.{Environment.NewLine}{Details}";
}
