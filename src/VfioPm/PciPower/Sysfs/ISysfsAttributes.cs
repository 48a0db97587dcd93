namespace VfioPm;

/// <summary>The attributes of something in sysfs (<c>struct attribute_group</c>), as text without the line's end.</summary>
internal interface ISysfsAttributes : INumbered
{
    /// <summary>Reads one.</summary>
    KernelCall<SysfsResult> Read(string attribute);

    /// <summary>Writes one.</summary>
    KernelCall<int> Write(string attribute, string value);
}
