using System.Globalization;
using Microsoft.Playwright;

namespace VfioPm.BrowserTests;

/// <summary>A picture's page in a browser, and what its reader does with it.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _file;

    private OpenPage(IBrowserContext context, IPage page, string file)
    {
        _context = context;
        Page = page;
        _file = file;
    }

    public IPage Page { get; }

    /// <summary>What the page asked for beyond itself.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Mistakes of its scripts.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>The moment that is explained: "1.036 s".</summary>
    public Task<string> Moment => Page.InnerTextAsync("#time");

    /// <summary>The devices at that moment: names, values and reasons.</summary>
    public Task<string> Devices => Page.InnerTextAsync("#devices");

    public Task<string> Events => Page.InnerTextAsync("#events");

    public static async Task<OpenPage> Load(IBrowserContext context, string file)
    {
        IPage page = await context.NewPageAsync();
        var open = new OpenPage(context, page, file);
        page.Request += (_, request) => open.Requests.Add(request.Url);
        page.PageError += (_, error) => open.Errors.Add(error);
        page.Console += (_, message) => open.Errors.AddRange(message.Type == "error" ? [message.Text] : []);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return open;
    }

    public Task Press(params string[] keys) => Task.Run(async () =>
    {
        foreach (string key in keys)
        {
            await Page.Keyboard.PressAsync(key);
        }
    });

    /// <summary>Where a moment is in a row: a lane of a device by its title, or its marks.</summary>
    public async Task<(float X, float Y)> PlaceOf(string device, string row, TimeSpan moment)
    {
        string place = await Page.EvaluateAsync<string>(
            """
            ([device, row, moment]) => {
              const { drawing, view } = window.shownRun;
              const box = document.getElementById("lanes").getBoundingClientRect();
              const found = drawing.rows.find(other => other.device.name === device && (other.lane ? other.lane.title === row : row === "marks" && other.marks));
              return `${box.left + drawing.xOf(view(), moment)} ${box.top + found.top + found.height / 2}`;
            }
            """,
            new object[] { device, row, moment.Ticks });
        float[] parts = [.. place.Split(' ').Select(part => float.Parse(part, CultureInfo.InvariantCulture))];
        return (parts[0], parts[1]);
    }

    /// <summary>What is said at a point of the lanes, when the pointer comes there.</summary>
    public async Task<string> TipAt((float X, float Y) place)
    {
        await Page.Mouse.MoveAsync(1, 1);
        await Page.WaitForFunctionAsync("() => document.getElementById('tip').hidden");
        await Page.Mouse.MoveAsync(place.X, place.Y);
        await Page.WaitForFunctionAsync("() => !document.getElementById('tip').hidden");
        return await Page.InnerTextAsync("#tip");
    }

    /// <summary>How much work it is to draw everything: shapes and texts, and the widths of texts.</summary>
    public Task<int> CountStrokes() => Page.EvaluateAsync<int>(
        """
        () => {
          const pen = CanvasRenderingContext2D.prototype;
          const counted = ["fill", "fillRect", "fillText", "measureText"];
          const originals = counted.map(name => pen[name]);
          let strokes = 0;
          counted.forEach((name, at) => { pen[name] = function (...rest) { strokes++; return originals[at].apply(this, rest); }; });
          window.shownRun.drawing.draw(window.shownRun.view(), 0);
          counted.forEach((name, at) => { pen[name] = originals[at]; });
          return strokes;
        }
        """);

    /// <summary>Lets the page draw what it has to.</summary>
    public Task Settle() => Page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");

    /// <summary>A picture of the page, where somebody wants to look (<c>VFIO_PM_SCREENSHOTS</c> names a folder).</summary>
    public async Task Shoot(string name)
    {
        await Settle();
        if (Environment.GetEnvironmentVariable("VFIO_PM_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png") });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }
}
