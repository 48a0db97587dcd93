using FluentAssertions.Execution;

namespace VfioPm.Tests;

/// <summary>Makes assertions fail, to look at what they say.</summary>
internal static class Failure
{
    /// <summary>The message of an assertion that must fail, without the end of its last line.</summary>
    public static string MessageOf(Action assertion) =>
        assertion.Should().Throw<AssertionFailedException>().Which.Message.TrimEnd();
}
