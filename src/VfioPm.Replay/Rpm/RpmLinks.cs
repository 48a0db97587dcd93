namespace VfioPm;

/// <summary>The recorder's calls that make and unmake links to suppliers.</summary>
internal static class RpmLinks
{
    /// <summary><c>link_add</c>: -EINVAL where the kernel gives no link.</summary>
    public static KernelResult Add(RuntimePmDevice consumer, RuntimePmDevice supplier, bool rpmActive) =>
        consumer.AddSupplier(supplier, rpmActive: rpmActive) is null ? Errno.EINVAL : KernelResult.Success;

    /// <summary><c>link_del</c>.</summary>
    public static KernelResult Remove(RuntimePmDevice consumer, RuntimePmDevice supplier)
    {
        DeviceLink link = consumer.Suppliers.FirstOrDefault(known => known.Supplier == supplier)
            ?? throw new RecordingException($"{consumer.Name} has no link to {supplier.Name}");
        consumer.RemoveSupplier(link);
        return KernelResult.Success;
    }
}
