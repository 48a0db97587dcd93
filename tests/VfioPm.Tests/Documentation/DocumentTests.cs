namespace VfioPm.Tests;

/// <summary>What the README, docs/*.md and the packages' READMEs show runs, and what they link to is there.</summary>
public sealed class DocumentTests
{
    private const string Console = "console";

    /// <summary>Code, what it says, the tool, and sketches: what is behind another fence would not be run.</summary>
    private static readonly string[] Fences = ["csharp", "csharp anew", "text", Console, ShownCommand.Scenario, ""];

    private static readonly Dictionary<string, RunnablePage> Pages =
        Names().ToDictionary(name => name, name => new RunnablePage(MarkdownPage.Read(name)));

    public static TheoryData<string> KernelProfiles() => [.. KernelProfile.All.Select(profile => profile.Name)];

    public static TheoryData<string> Documents() => [.. Names()];

    public static TheoryData<string, string> Examples() =>
        [.. Pages.SelectMany(page => page.Value.Examples.Select(example => (page.Key, example.Name)))];

    public static TheoryData<string, int> Commands() =>
    [
        .. Names().SelectMany(name => MarkdownPage.Read(name).Blocks
            .Where(block => block.Info == Console)
            .Select(block => (name, block.Line))),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Code_does_what_the_page_says(string document, string example) =>
        Pages[document].Run(Pages[document].Examples.Single(known => known.Name == example));

    /// <summary>Pages do as the package tells their readers to: nobody ignores what the kernel returned.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public async Task The_packages_analyzer_has_nothing_to_say_of_a_page(string document) =>
        string.Join('\n', await Pages[document].Warnings()).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_tool_prints_what_the_page_says(string document, int line) => ShownCommand.Run(
        MarkdownPage.Read(document),
        MarkdownPage.Read(document).Blocks.Single(block => block.Line == line));

    [Theory]
    [MemberData(nameof(KernelProfiles))]
    public void Each_scenario_of_a_page_can_be_played_to_its_end(string profile) => Names()
        .SelectMany(name => MarkdownPage.Read(name).Blocks)
        .Where(block => block.Info == ShownCommand.Scenario)
        .SelectMany(block => ScenarioRun.Play(
            Scenario.Parse("page", block.Text), KernelProfile.Parse(profile), ScenarioTopology.Named("b")).Steps)
        .Select(played => played.Result.Obstacle)
        .Should().NotBeEmpty().And.AllSatisfy(obstacle => obstacle.Should().BeNull());

    [Fact]
    public void The_page_about_scenarios_writes_each_operation_as_it_is_read() => LineForms.All
        .Select(form => $"`{form.Key} {form.Value.Shape}".TrimEnd() + "`")
        .Where(form => !SourceFiles.Read("docs/scenarios.md").Contains(form, StringComparison.Ordinal))
        .Should().BeEmpty();

    [Fact]
    public void The_page_about_scenarios_names_each_machine() => ScenarioTopology.Names
        .Where(name => !SourceFiles.Read("docs/scenarios.md").Contains($"`{name}`", StringComparison.Ordinal))
        .Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Fences_say_what_is_known(string document) =>
        MarkdownPage.Read(document).Blocks.Select(block => block.Info).Should().BeSubsetOf(Fences);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_to_files_that_exist(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(SourceFiles.Root, document))!;

        SourceFiles.Read(document)
            .Split("](")
            .Skip(1)
            .Select(link => link[..link.IndexOfAny([')', '#'])])
            .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !File.Exists(Path.Combine(folder, link)))
            .Should().BeEmpty();
    }

    [Theory]
    [InlineData("dotnet run -v minimal --project src/VfioPm.Cli -- demo")]
    [InlineData("dotnet test VfioPm.sln")]
    public void The_README_says_how_to_run_it(string command) =>
        SourceFiles.Read("README.md").Split('\n').Should().Contain(command);

    private static IEnumerable<string> Names() => Directory
        .EnumerateFiles(Path.Combine(SourceFiles.Root, "docs"), "*.md")
        .Concat(Directory.EnumerateDirectories(Path.Combine(SourceFiles.Root, "src"))
            .Select(package => Path.Combine(package, "README.md"))
            .Where(File.Exists))
        .Select(SourceFiles.NameOf)
        .Order(StringComparer.Ordinal)
        .Prepend("README.md");
}
