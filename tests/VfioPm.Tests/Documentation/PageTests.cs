namespace VfioPm.Tests;

/// <summary>A page whose code fails, or does not say what the page shows, is told with the line.</summary>
public sealed class PageTests
{
    private const string Name = "docs/page.md";
    private const string Told = "docs/page.md:2: the tool prints\n\nThe table of";

    [Fact]
    public void Statements_are_one_program_and_see_what_was_declared_above()
    {
        RunnablePage page = PageOf(
            """
            # A host
            ```csharp
            using var host = new SimulatedHost();
            ```
            ## More of it
            ```csharp
            host.Clock.Now.Should().Be(TimeSpan.Zero);
            ```
            """);

        page.Examples.Select(example => example.Name).Should().Equal("line 3: A host");
        page.Run(page.Examples[0]);
    }

    [Fact]
    public void A_program_begins_anew_where_the_page_says_so()
    {
        RunnablePage page = PageOf(
            """
            # One
            ```csharp
            int number = 1;
            ```
            # Two
            <!-- csharp anew
            int number = Two;
            -->
            ```csharp
            number.Should().Be(2);
            ```
            <!-- csharp
            private const int Two = 2;
            -->
            """);

        page.Examples.Select(example => example.Name).Should().Equal("line 3: One", "line 7: Two");
        page.Run(page.Examples[1]);
    }

    [Fact]
    public void Each_fact_is_run_by_itself_also_in_a_class_below_its_usings()
    {
        RunnablePage page = PageOf(
            """
            ```csharp
            [Fact]
            public void One() => Number.Should().Be(1);

            private int Number => 1;
            ```
            ```csharp
            using System.Text;

            public sealed class Builders
            {
                [Fact]
                public void Two() => new StringBuilder("2").Length.Should().Be(2);
            }
            ```
            """);

        page.Examples.Select(example => example.Name).Should().Equal("line 2: One", "line 12: Two");
        page.Run(page.Examples[0]);
        FailureOf(page, 1).Should().StartWith("docs/page.md:13: Expected");
    }

    [Fact]
    public void A_failing_assertion_is_told_with_its_line() => FailureOf(PageOf(
        """
        # Page

        ```csharp
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera");

        camera.Should().HaveUsageCount(1);
        ```
        """)).Should().StartWith("docs/page.md:7: Expected camera to have a usage count of 1, but it is 0.");

    [Fact]
    public void Code_that_does_not_compile_is_told_with_its_line() => FailureOf(PageOf(
        """
        1. In a list:
           ```csharp
           int one = 1;
           int two = "2";
           ```
        """)).Should().Contain("docs/page.md(4,11): error CS0029");

    [Fact]
    public void Half_a_block_does_not_compile() => FailureOf(PageOf(
        """
        ```csharp
        int one = 1;
        }
        ```
        """)).Should().Contain("error CS");

    [Theory]
    [InlineData("one\ntwo", null)]
    [InlineData("one\n…", null)]
    [InlineData("one", "docs/page.md:2: the code says\n\none\ntwo")]
    [InlineData("one\nthree\n…", "docs/page.md:2: the code says\n\none\ntwo")]
    public void Text_is_what_the_code_above_prints_and_fails_with(string text, string? failure) => FailureOf(PageOf(
        $"""
        ```csharp
        Console.WriteLine("one");
        throw new InvalidOperationException("two");
        ```
        ```text
        {text}
        ```
        """)).Should().Be(failure);

    [Theory]
    [InlineData("…", true)]
    [InlineData("something else", false)]
    public void A_command_is_shown_with_what_it_prints(string line, bool isSo)
    {
        MarkdownPage page = new(Name,
            $"""
            ```console
            $ vfio-pm demo
            The table of "[RFC 0/3] vfio/pci: Enable runtime power management support" (November 2021),
            {line}
            ```
            """);

        string? failure = Record.Exception(() => ShownCommand.Run(page, page.Blocks[0]))?.Message;

        (failure is null).Should().Be(isSo);
        (failure ?? Told).Should().StartWith(Told);
    }

    [Fact]
    public void A_theory_fails_with_the_first_row_that_does() => FailureOf(PageOf(
        """
        ```csharp
        [Theory]
        [InlineData(1)]
        [InlineData(2)]
        [InlineData(3)]
        public void Is_one(int number) => number.Should().Be(1);
        ```
        """)).Should().StartWith("docs/page.md:6: Expected value to be 1, but found 2");

    [Fact]
    public void Text_that_no_code_says_is_refused() => FluentActions.Invoking(() => PageOf(
        """
        ```text
        one
        ```
        """)).Should().Throw<FormatException>().WithMessage("docs/page.md:2:*");

    [Fact]
    public void A_block_that_does_not_end_is_refused() => FluentActions.Invoking(() => PageOf(
        """
        ```csharp
        int one = 1;
        """)).Should().Throw<FormatException>().WithMessage("docs/page.md:1:*");

    private static RunnablePage PageOf(string text) => new(new MarkdownPage(Name, text));

    private static string? FailureOf(RunnablePage page, int example = 0) =>
        Record.Exception(() => page.Run(page.Examples[example]))?.Message;
}
