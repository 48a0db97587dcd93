using Microsoft.Playwright;

namespace VfioPm.BrowserTests;

/// <summary>What a picture's page shows in a browser, and what its reader can do with it.</summary>
public sealed class PageTests(Chromium browser) : IClassFixture<Chromium>
{
    private static readonly TimeSpan Cold = TimeSpan.FromSeconds(1.4);

    [Theory]
    [InlineData(ColorScheme.Light, "rgb(255, 255, 255)")]
    [InlineData(ColorScheme.Dark, "rgb(13, 17, 23)")]
    public async Task The_page_is_light_or_dark_as_its_reader_has_it_and_t_changes_it(ColorScheme scheme, string background)
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps(), scheme);
        Task<string> Background() => page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        (await Background()).Should().Be(background);
        await page.Shoot($"sleep-{scheme}");
        await page.Press("t");
        (await Background()).Should().NotBe(background);
    }

    [Fact]
    public async Task Nothing_is_loaded_and_nothing_is_wrong()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());
        await page.Press("ArrowLeft", "+", "-", "q", "q", "0", "n", "p", "Home", "End", "f", "t", "?", "Escape");

        page.Requests.Should().ContainSingle().Which.Should().StartWith("file:");
        page.Errors.Should().BeEmpty();
        (await page.Page.EvaluateAsync<bool>("fetch('http://127.0.0.1:9/').then(() => true, () => false)")).Should().BeFalse();
        page.Errors.Should().Contain(error => error.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Under_the_pointer_stand_value_time_cause_and_call()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());

        string tip = await page.TipAt(await page.PlaceOf(Machine.Nic, "kernel believes", Cold));
        tip.Split('\n').Should().Equal(
            "0000:01:00.0, kernel believes: D3cold", "1.048 s to 1.660 s, for 612 ms", "0000:00:03.0: power switched off");
        await page.Shoot("tip");

        tip = await page.TipAt(await page.PlaceOf(Machine.Nic, "marks", TimeSpan.FromSeconds(1.524)));
        tip.Should().Contain("0000:01:00.0: guest asks for D0 in PMCSR\n1.524 s\npart of 0000:01:00.0: guest writes configuration space");
    }

    [Fact]
    public async Task A_moment_is_explained_by_a_click_in_the_words_of_a_failed_check()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());

        (float x, float y) = await page.PlaceOf(Machine.Nic, "usage count", TimeSpan.FromSeconds(0.5));
        await page.Page.Mouse.ClickAsync(x, y);
        (await page.Devices).Should().Contain("It does not sleep because:")
            .And.Contain("the suspend timer of 0000:01:00.0 runs out at 1.000 s only");

        (x, y) = await page.PlaceOf(Machine.Nic, "usage count", Cold);
        await page.Page.Mouse.ClickAsync(x, y);
        (await page.Devices).Should().Contain("D3cold").And.Contain("It is asleep because:")
            .And.Contain("nobody holds 0000:01:00.0 since its last user left");
        (await page.Moment).Should().MatchRegex(@"^\d\.\d{3} s$", "nobody points at a tenth of a microsecond");
        await page.Shoot("explained");
    }

    [Fact]
    public async Task The_keys_go_from_change_to_change()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());

        (await page.Moment).Should().Be("2.160 s", "the end is what a failed test is about");
        await page.Press("Home", "ArrowRight");
        (await page.Moment).Should().Be("0.012 s");
        await page.Press("ArrowLeft");
        (await page.Moment).Should().Be("0.000 s");
        await page.Press("ArrowLeft");
        (await page.Moment).Should().Be("0.000 s");
        await page.Press("End", "ArrowLeft");
        (await page.Events).Should().Contain("Resuming → Active");
    }

    [Fact]
    public async Task Devices_and_kinds_can_be_left_out()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());
        Task<string> Rows() => page.Page.EvaluateAsync<string>(
            "window.shownRun.drawing.rows.map(row => row.device.name + ' ' + (row.lane?.kind ?? 'none')).join()");

        await page.Page.GetByLabel(Machine.Port).UncheckAsync();
        await page.Page.GetByLabel("usage count").UncheckAsync();

        (await Rows()).Should().NotContain(Machine.Port).And.NotContain("usage_count").And.Contain($"{Machine.Nic} power_state");
        (await page.Devices).Should().StartWith(Machine.Nic);
        (await page.Events).Should().NotContain("usage");
        await page.Page.GetByLabel(Machine.Port).CheckAsync();
        (await Rows()).Should().Contain(Machine.Port);
    }

    [Fact]
    public async Task The_wheel_zooms_around_the_pointer_and_dragging_pans()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());
        var moment = TimeSpan.FromSeconds(1.036);
        (float x, float y) = await page.PlaceOf(Machine.Nic, "kernel believes", moment);
        Task<double> Length() => page.Page.EvaluateAsync<double>("window.shownRun.view().length");
        double before = await Length();

        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.WheelAsync(0, -900);
        await page.Page.WaitForFunctionAsync("before => window.shownRun.view().length < before / 3", before);

        (await page.PlaceOf(Machine.Nic, "kernel believes", moment)).X.Should().BeApproximately(x, 1);
        await page.Shoot("zoomed");

        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(x - 100, y);
        await page.Page.Mouse.UpAsync();
        (await page.PlaceOf(Machine.Nic, "kernel believes", moment)).X.Should().BeApproximately(x - 100, 2);

        await page.Press("0");
        (await Length()).Should().Be(before);
    }

    [Fact]
    public async Task A_quiet_stretch_is_squeezed_unless_its_reader_wants_time_as_it_is()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());
        async Task<float> Distance(double from, double to) =>
            (await page.PlaceOf(Machine.Nic, "kernel believes", TimeSpan.FromSeconds(to))).X
            - (await page.PlaceOf(Machine.Nic, "kernel believes", TimeSpan.FromSeconds(from))).X;

        (await Distance(0.024, 1.024)).Should().BeLessThan(4 * await Distance(1.024, 1.048));
        await page.Press("q");
        (await Distance(0.024, 1.024)).Should().BeGreaterThan(20 * await Distance(1.024, 1.048));
        await page.Shoot("even");
    }

    [Fact]
    public async Task The_name_of_a_state_stands_where_no_tear_goes_through_it()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());
        Task<string> RoomFor(string place) => page.Page.EvaluateAsync<string>(
            """
            place => {
              const { drawing } = window.shownRun;
              const width = drawing.pen.measureText("D3cold").width + 8;
              drawing.tears = [300];
              return String(drawing.findRoom("D3cold", ...{ before: [200, 500], across: [300 - width, 500], none: [280, 310] }[place]));
            }
            """,
            place);

        (await RoomFor("before")).Should().Be("200");
        (await RoomFor("across")).Should().Be("308");
        (await RoomFor("none")).Should().Be("undefined");
    }

    [Fact]
    public async Task A_legend_says_what_the_colours_mean()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps());

        (await page.Page.Locator("#legend li").AllInnerTextsAsync()).Should().Equal(
            "D0", "D3hot", "D3cold", "active (high), suspended (low)", "suspending, resuming", "usage count", "what was done");
    }

    [Fact]
    public async Task Two_hundred_sleeps_stay_usable()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps(200));
        await page.Shoot("200-sleeps");

        (await page.Page.EvaluateAsync<double>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(1400);
        (await page.CountStrokes()).Should().BeLessThan(12_000, "it is drawn anew with each turn of the wheel");

        await page.Press("Home", "+", "+", "+", "+", "+", "+", "+", "+", "+");
        await page.Shoot("200-sleeps-zoomed");
        (await page.Page.EvaluateAsync<double>("window.shownRun.view().length / window.shownRun.view().axis.length")).Should().BeLessThan(0.02);
        await page.Press("End");
        (await page.Moment).Should().Be("427.224 s");
    }

    [Fact]
    public async Task A_counterexample_is_gone_through_step_by_step()
    {
        await using OpenPage page = await browser.Open(Broken().ToPicture());

        await page.Press("n");
        string first = await page.Page.InnerTextAsync("#steps [aria-current]");
        await page.Press("n");
        string second = await page.Page.InnerTextAsync("#steps [aria-current]");

        first.Should().StartWith("guest: Config.BeginWritePmcsrState(PowerState.D3Hot)").And.Contain("guest reads D3hot");
        second.Should().NotBe(first);
        await page.Press("p");
        (await page.Page.InnerTextAsync("#steps [aria-current]")).Should().Be(first);
        await page.Shoot("steps");
        page.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Where_no_reasons_were_kept_the_page_says_how_to_keep_them()
    {
        await using OpenPage page = await browser.Open(Machine.OfSleeps(keepsReasons: false));

        (await page.Devices).Should().Contain("host.Trace.KeepReasons()");
    }

    [Fact]
    public async Task A_title_is_text_whatever_is_in_it()
    {
        const string title = "</script><b>{{data}}</b> & \"more\"";
        await using OpenPage page = await browser.Open(new Machine().Host.Trace.ToPicture(title));

        (await page.Page.InnerTextAsync("h1")).Should().Be(title);
        page.Errors.Should().BeEmpty();
    }

    private static Counterexample Broken()
    {
        Machine machine = new();
        return Exploration.Of(machine.Host)
            .Where("guest", machine.Device, guest => guest
                .Then(device => device.Config.BeginWritePmcsrState(PowerState.D3Hot))
                .Then(device => device.Config.BeginWritePmcsrState(PowerState.D0)))
            .Eventually("asleep", host => host[Machine.Nic].PowerState == PowerState.D3Cold)
            .Run().Findings[0];
    }
}
