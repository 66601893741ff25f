using System.Data.Common;

namespace Axis.Hub.Storage;

internal static class Columns
{
    /// <summary>A column of a reference type that may be null, of the row that was read.</summary>
    public static T? OrNull<T>(this DbDataReader reader, int ordinal)
        where T : class => reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);
}
