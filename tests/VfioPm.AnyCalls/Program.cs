using System.Globalization;

namespace VfioPm.AnyCalls;

/// <summary>
/// Makes sequences of calls, and ends at the first that the model does not take:
/// <c>VfioPm.AnyCalls [--profile NAME] [--seed FIRST] [--operations N] [--length N] [--citizens] [--all] [--tell]</c>. Or says
/// what comes of a run, in whatever culture: <c>VfioPm.AnyCalls --fingerprint [--profile NAME] [--culture NAME]</c>.
/// </summary>
internal static class Program
{
    // Who is interrupted goes on behind the last line.
    private const int SequencesOfALine = 1000;

    public static int Main(string[] arguments)
    {
        string? profile = Value(arguments, "--profile");
        IReadOnlyList<KernelProfile> profiles = profile is null ? KernelProfile.All : [KernelProfile.Parse(profile)];
        if (arguments.Contains("--fingerprint"))
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(Value(arguments, "--culture") ?? "");
            Console.WriteLine(string.Join('\n', profiles.Select(Fingerprint.Of)));
            return 0;
        }

        int first = Number(arguments, "--seed", 0);
        int operations = Number(arguments, "--operations", 100_000);
        int length = Number(arguments, "--length", 60);
        bool goesOn = arguments.Contains("--all");
        bool isTame = arguments.Contains("--citizens");
        bool tells = arguments.Contains("--tell");
        Dictionary<string, int> known = [];
        using var watchdog = new Watchdog();
        foreach (KernelProfile one in profiles)
        {
            int seed = first;
            for (int left = operations; left > 0; left -= length, seed++)
            {
                Trial trial = isTame ? new CitizenTrial(one, seed, length) : new CallTrial(one, seed, length);
                if (tells)
                {
                    Console.WriteLine(string.Join("\n", trial.Tell()));
                }

                if ((seed - first) % SequencesOfALine == SequencesOfALine - 1)
                {
                    Console.WriteLine($"{one}: up to seed {seed}");
                }

                watchdog.Begin($"{one} seed {seed}");
                if (trial.Run() is not { } problem)
                {
                    continue;
                }

                string headline = $"{one}: {Trial.Headline(problem)}";
                known[headline] = known.GetValueOrDefault(headline) + 1;
                if (known[headline] == 1)
                {
                    Console.WriteLine($"=== {trial.Explain(problem)}");
                }

                if (!goesOn)
                {
                    return 1;
                }
            }

            Console.WriteLine($"{one}: seeds {first} to {seed - 1}, {operations} operations");
        }

        foreach ((string headline, int times) in known.OrderByDescending(static pair => pair.Value))
        {
            Console.WriteLine($"{times,6}  {headline}");
        }

        return known.Count == 0 ? 0 : 1;
    }

    private static string? Value(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;

    private static int Number(string[] arguments, string name, int usual) =>
        Value(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
