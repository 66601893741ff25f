namespace Axis.EdXml;

/// <summary>Which scheme an agency identifier follows.</summary>
public enum AgencyCodeForm
{
    /// <summary>QCVN 102:2016, 13 characters, most significant group last: 000.00.00.H41.</summary>
    Old,

    /// <summary>QĐ 20/2020/QĐ-TTg, most significant group first: H41.05.12.</summary>
    Qd20,

    /// <summary>Registration number of an enterprise or the like: 020100107370.</summary>
    Enterprise,

    /// <summary>A node of an axis: 00.53.W00.</summary>
    Axis,

    /// <summary>A connected system of the national axis: vxp.saas.03.</summary>
    System,
}

/// <summary>An agency identifier. Equality is by text as written: two forms of one agency are equal only through the registry's table, never by arithmetic.</summary>
public readonly record struct AgencyCode
{
    /// <summary>Longest identifier allowed since the amendment of 2022.</summary>
    public const int MaxLength = 35;

    /// <summary>The identifier as written, without surrounding blanks.</summary>
    public string Value { get; }
    public AgencyCodeForm Form { get; }

    private AgencyCode(string value, AgencyCodeForm form) => (Value, Form) = (value, form);

    /// <summary>1 for a ministry or province, 2 for a department, and so on; 0 where the form has no levels.</summary>
    public int Level => throw new NotSupportedException();

    public static bool TryParse(string? text, out AgencyCode code) =>
        throw new NotSupportedException();

    public override string ToString() => Value;
}
