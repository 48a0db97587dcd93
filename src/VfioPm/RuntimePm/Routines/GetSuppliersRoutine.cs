namespace VfioPm;

/// <summary>Resumes and holds every supplier whose link manages runtime PM (<c>rpm_get_suppliers()</c>).</summary>
internal sealed class GetSuppliersRoutine : Routine
{
    public static readonly GetSuppliersRoutine Instance = new();

    private enum Steps
    {
        NextLink,
        SupplierAnswered,
    }

    public override Flow Step(Actor actor, ref Activation self) => (Steps)self.At switch
    {
        Steps.NextLink => GetNext(actor, ref self),
        _ => CheckAnswer(ref self),
    };

    private static Flow GetNext(Actor actor, ref Activation self)
    {
        IReadOnlyList<DeviceLink> links = self.Device.Suppliers;
        while (self.Position < links.Count && !links[self.Position].ManagesRuntimePm)
        {
            self.Position++;
        }

        if (self.Position == links.Count)
        {
            return Flow.Return(0);
        }

        RuntimePmDevice supplier = links[self.Position].Supplier;
        self.At = (int)Steps.SupplierAnswered;
        supplier.GetNoResume();
        return actor.Call(ResumeRoutine.Instance, supplier, RpmFlags.GetPut);
    }

    private static Flow CheckAnswer(ref Activation self)
    {
        DeviceLink link = self.Device.Suppliers[self.Position++];
        var answer = new KernelResult(self.Returned);

        // A supplier without runtime PM is taken to be up.
        if (answer.IsError && answer.Errno != Errno.EACCES)
        {
            link.Supplier.PutNoIdle();
            return Flow.Return(answer);
        }

        link.RpmActive++;
        self.At = (int)Steps.NextLink;
        return Flow.Next;
    }
}
