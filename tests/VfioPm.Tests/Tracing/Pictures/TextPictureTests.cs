namespace VfioPm.Tests;

/// <summary>The picture without a picture.</summary>
public sealed class TextPictureTests
{
    [Fact]
    public void A_text_has_all_that_happened_and_how_long_each_value_lasted()
    {
        string text = PictureMachine.OfSleep().To(PictureFormat.Text);

        text.Should().StartWith("a sleep");
        text.Should().Contain("guest asks for low power in PMCSR").And.Contain("hardware D0 → D3hot").And.Contain("guest reads D3hot");
        text.ReplaceLineEndings("\n").Should().Contain(
            """
            From 0.000 s to 2.184 s, 2.184 s in all:
              0000:00:03.0  kernel believes  D0 1.208 s, D3cold 0.976 s
              0000:00:03.0  hardware is in   D0 1.196 s, D3hot 0.012 s, D3cold 0.976 s

            """);
    }
}
