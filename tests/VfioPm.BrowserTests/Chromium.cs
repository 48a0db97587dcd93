using Microsoft.Playwright;

namespace VfioPm.BrowserTests;

/// <summary>The Chromium or Chrome of this machine, without a window. It is not brought along: where there is none, tests are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Executable => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Executable is { } executable)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = executable,

                // A sandbox of its own Chromium cannot have as root.
                Args = ["--no-sandbox"],
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>Opens a picture as its reader does, from a file.</summary>
    public async Task<OpenPage> Open(Picture picture, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(_browser is null, "There is no chromium on the PATH (apt-get install chromium), nor google-chrome.");
        string file = picture.Save(Path.Combine(Directory.CreateTempSubdirectory("vfio-pm-page-").FullName, "run.html"));
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = 1400, Height = 800 },
        });
        return await OpenPage.Load(context, file);
    }
}
