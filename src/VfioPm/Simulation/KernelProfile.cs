namespace VfioPm;

/// <summary>Which kernel is simulated: the decisions in which kernels differ, gathered from all layers.</summary>
public sealed record KernelProfile
{
    private KernelProfile(string name, RuntimePmRules runtimePm, PciPowerRules pci, VfioRules vfio)
    {
        Name = name;
        RuntimePm = runtimePm;
        Pci = pci;
        Vfio = vfio;
    }

    /// <summary>
    /// vfio-pci before the patches (v5.16-rc1): unused functions and guests' PMCSR writes go to D3hot directly;
    /// runtime PM takes no part and the bridge above stays in D0.
    /// </summary>
    public static KernelProfile PreRfc { get; } = new("pre-rfc", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.PreRfc);

    /// <summary>
    /// The patches of "[RFC 0/3] vfio/pci: Enable runtime power management support" (November 2021), faults
    /// included.
    /// </summary>
    public static KernelProfile RfcV1 { get; } = new("rfc-v1", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.RfcV1);

    /// <summary>
    /// The second version of the RFC (January 2022), as far as review found fault with its power management: permission by an
    /// ioctl, of which <see cref="VfioDeviceFile.EnterLowPower()"/> is told here. Nobody recorded it: it is what the mails say, on Linux 6.1.
    /// </summary>
    public static KernelProfile RfcV2 { get; } = new("rfc-v2", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.RfcV2);

    /// <summary>The third version (April 2022): permission by a feature, for devices that are in D3hot. As <see cref="RfcV2"/>.</summary>
    public static KernelProfile RfcV3 { get; } = new("rfc-v3", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.RfcV3);

    /// <summary>The fourth version (July 2022): a list in the kernel of who may sleep again. As <see cref="RfcV2"/>.</summary>
    public static KernelProfile RfcV4 { get; } = new("rfc-v4", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.RfcV4);

    /// <summary>The fifth version (July 2022): three features and an eventfd. What came after differs from it in names. As <see cref="RfcV2"/>.</summary>
    public static KernelProfile RfcV5 { get; } = new("rfc-v5", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.RfcV5);

    /// <summary>Linux 5.10.</summary>
    public static KernelProfile Linux5_10 { get; } = new("linux-5.10", RuntimePmRules.Linux5_10, PciPowerRules.Linux5_10, VfioKernels.PreRfc);

    /// <summary>Linux 6.1: the first with <c>VFIO_DEVICE_FEATURE_LOW_POWER_*</c>.</summary>
    public static KernelProfile Linux6_1 { get; } = new("linux-6.1", RuntimePmRules.Linux6_1, PciPowerRules.Linux6_1, VfioKernels.Linux6_1);

    /// <summary>Linux 6.12.</summary>
    public static KernelProfile Linux6_12 { get; } = new("linux-6.12", RuntimePmRules.Linux6_12, PciPowerRules.Linux6_12, VfioKernels.Linux6_12);

    /// <summary>Linux 7.3.</summary>
    public static KernelProfile Linux7_3 { get; } = new("linux-7.3", RuntimePmRules.Linux7_3, PciPowerRules.Linux7_3, VfioKernels.Linux7_3);

    /// <summary>All that were recorded, oldest kernel first.</summary>
    public static IReadOnlyList<KernelProfile> All { get; } =
        [Linux5_10, PreRfc, RfcV1, Linux6_1, Linux6_12, Linux7_3];

    /// <summary>
    /// The versions of the RFC between <see cref="RfcV1"/> and what was merged: history, to be explored. Versions 6 and 7 have nothing of
    /// their own that bears on power.
    /// </summary>
    public static IReadOnlyList<KernelProfile> Revisions { get; } = [RfcV2, RfcV3, RfcV4, RfcV5];

    /// <summary>Those of <see cref="All"/> and of <see cref="Revisions"/>: what <see cref="Parse"/> knows.</summary>
    internal static IReadOnlyList<KernelProfile> Known { get; } = [.. All, .. Revisions];

    /// <summary>The name on the command line and in recordings: "rfc-v1".</summary>
    public string Name { get; }

    /// <summary>The runtime-PM core's decisions.</summary>
    public RuntimePmRules RuntimePm { get; }

    /// <summary>The PCI core's decisions.</summary>
    public PciPowerRules Pci { get; }

    internal VfioRules Vfio { get; }

    /// <summary>The profile of a name, of <see cref="All"/> and <see cref="Revisions"/>.</summary>
    /// <exception cref="ArgumentException">There is no such profile; the message lists them.</exception>
    public static KernelProfile Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Known.FirstOrDefault(profile => profile.Name == name)
            ?? throw new ArgumentException(
                $"There is no profile \"{name}\"; there are {string.Join(", ", Known)}.", nameof(name));
    }

    /// <summary>
    /// The same kernel built with <c>CONFIG_VFIO_DEVICE_CDEV</c> and <c>CONFIG_IOMMUFD</c>: each function has a character device
    /// (<see cref="VfioPciDevice.OpenCdev"/>). The recorded ones, Debian's, are built without, so nothing of it was compared with a recording.
    /// </summary>
    /// <exception cref="InvalidOperationException">The kernel is older than Linux 6.6.</exception>
    public KernelProfile WithDeviceCdev() => Vfio.KnowsIommufd
        ? new(Name, RuntimePm, Pci, Vfio with { HasDeviceCdev = true })
        : throw new InvalidOperationException($"{Name} has no character devices for functions: they came with Linux 6.6.");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
