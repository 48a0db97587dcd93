namespace VfioPm;

/// <summary>What a PCI Express function is (PCI Express Base, section 7.5.3.2: Device/Port Type).</summary>
public enum ExpressPortType
{
    /// <summary>An endpoint.</summary>
    Endpoint = 0,

    /// <summary>An endpoint that still needs I/O space.</summary>
    LegacyEndpoint = 1,

    /// <summary>A port of the root complex.</summary>
    RootPort = 4,

    /// <summary>A switch's port towards the root.</summary>
    UpstreamPort = 5,

    /// <summary>A switch's port away from the root.</summary>
    DownstreamPort = 6,

    /// <summary>A bridge to conventional PCI.</summary>
    PciBridge = 7,

    /// <summary>A bridge from conventional PCI.</summary>
    PcieBridge = 8,

    /// <summary>An endpoint inside the root complex.</summary>
    IntegratedEndpoint = 9,

    /// <summary>An event collector of the root complex.</summary>
    EventCollector = 10,
}
