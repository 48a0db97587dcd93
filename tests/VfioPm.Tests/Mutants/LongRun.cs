using System.Globalization;

namespace VfioPm.Tests;

/// <summary>
/// How much tests with random input try. As a rule it is little; the environment variable VFIO_PM_LONG_RUN says how many times
/// as much. docs/quality.md has what was run so.
/// </summary>
internal static class LongRun
{
    public const string Variable = "VFIO_PM_LONG_RUN";

    private static readonly int Factor =
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int factor)
            ? Math.Max(factor, 1)
            : 1;

    /// <summary>So many, as a rule.</summary>
    public static int Times(int usual) => checked(usual * Factor);
}
