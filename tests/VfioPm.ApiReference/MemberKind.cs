namespace VfioPm.ApiReference;

/// <summary>What a member is; a page has a heading for each, in this order.</summary>
internal enum MemberKind
{
    Values,
    Constructors,
    Fields,
    Properties,
    Methods,
    Operators,
    Events,
}
