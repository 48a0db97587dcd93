namespace VfioPm;

/// <summary>How values of registers are written: in the register's width.</summary>
internal static class RegisterText
{
    public static string Of(uint value, int width) => $"0x{value.ToString($"x{2 * width}")}";
}
