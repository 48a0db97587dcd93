using System.Text.Json;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>What a page holds; <c>tests/VfioPm.BrowserTests</c> looks at it in a browser.</summary>
public sealed partial class HtmlPictureTests
{
    [Fact]
    public void A_page_has_everything_in_it_and_names_no_other_place()
    {
        string page = PictureMachine.OfSleep().To(PictureFormat.Html);

        page.Should().StartWith("<!DOCTYPE html>").And.EndWith("</html>\n").And.Contain("default-src 'none'")
            .And.NotContain("{{").And.NotContain("http://").And.NotContain("https://").And.NotContain("src=").And.NotContain("@import");
    }

    [Fact]
    public void A_title_cannot_end_the_page_s_scripts()
    {
        const string evil = "</script><script>alert(1)</script>";
        PictureMachine machine = new();
        machine.Host.Clock.Because(evil, PictureMachine.NicName).Dispose();

        string page = machine.Host.Trace.ToPicture(evil).To(PictureFormat.Html);

        page.Should().NotContain("alert(1)</script>");
        Regex.Count(page, "</script>").Should().Be(2);
        Texts(page).Should().Contain(evil);
    }

    [Fact]
    public void A_text_that_comes_again_is_written_once()
    {
        string[] texts = Texts(PictureMachine.OfSleep().To(PictureFormat.Html));

        texts.Should().OnlyHaveUniqueItems().And.Contain("guest asks for low power in PMCSR").And.Contain("D3cold");
    }

    [Fact]
    public void Every_value_has_its_height_and_its_colour()
    {
        string page = PictureMachine.OfSleep().To(PictureFormat.Html);
        JsonElement run = Data(page);
        string[] texts = Texts(page);
        JsonElement lane = run.GetProperty("devices")[1].GetProperty("lanes").EnumerateArray()
            .Single(candidate => candidate.GetProperty("kind").GetString() == "power_state");

        lane.GetProperty("values").EnumerateArray()
            .Select(value => (texts[value[2].GetInt32()], texts[value[3].GetInt32()], value[4].GetInt32()))
            .Should().Equal(("D0", "d0", 100), ("D3hot", "d3hot", 35), ("D3cold", "d3cold", 10), ("D0", "d0", 100));
        page.Should().Contain("--d3cold: #0072b2");
    }

    [Fact]
    public void Reasons_are_there_where_they_were_kept()
    {
        PictureMachine machine = new();
        machine.Host.Trace.KeepReasons();
        machine.Sleep();

        Picture picture = machine.Host.Trace.ToPicture();

        Texts(picture.To(PictureFormat.Html)).Should().Contain(picture.Devices[1].Reasons[^1].Text);
        Texts(PictureMachine.OfSleep().To(PictureFormat.Html)).Should().NotContain(text => text.Contains("because:", StringComparison.Ordinal));
    }

    private static JsonElement Data(string page) => JsonDocument.Parse(Run().Match(page).Groups[1].Value).RootElement;

    private static string[] Texts(string page) => [.. Data(page).GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];

    [GeneratedRegex("""<script id="run" type="application/json">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Run();
}
