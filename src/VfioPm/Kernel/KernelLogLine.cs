using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>A line of the kernel's log.</summary>
/// <param name="Time">When, since boot.</param>
/// <param name="Level">How serious: <c>KERN_ERR</c> is <see cref="LogLevel.Error"/>.</param>
/// <param name="Device">Of which device; empty where it is about none.</param>
/// <param name="Text">What the kernel said, the device's name before it: "0000:01:00.0: not ready 1023ms after resume; waiting".</param>
public readonly record struct KernelLogLine(TimeSpan Time, LogLevel Level, string Device, string Text)
{
    /// <summary>The text without the device's name.</summary>
    public string Message => Text.StartsWith($"{Device}: ", StringComparison.Ordinal) ? Text[(Device.Length + 2)..] : Text;

    /// <summary>As <c>dmesg</c> shows it: "[    1.024000] 0000:01:00.0: not ready 1023ms after resume; waiting".</summary>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{Time.TotalSeconds,12:0.000000}] {Text}");
}
