using System.Globalization;

namespace VfioPm;

/// <summary>How often something happened, in words.</summary>
internal static class TimesText
{
    public static string Of(ulong times) => times switch
    {
        1 => "once",
        _ => string.Create(CultureInfo.InvariantCulture, $"{times} times"),
    };

    public static string Of(int times) => Of((ulong)times);
}
