namespace Axis.EdXml;

/// <summary>Which scheme an agency identifier follows.</summary>
public enum AgencyCodeForm
{
    /// <summary>QCVN 102:2016, 13 characters, most significant group last: 000.00.00.H41. Shorter and irregular ones of the field count here too (01.02.G22).</summary>
    Old,

    /// <summary>QĐ 20/2020/QĐ-TTg, most significant group first: H41.05.12.</summary>
    Qd20,

    /// <summary>Registration number of an enterprise, or scheme and code of another organisation, in one group: 020100107370.</summary>
    Enterprise,

    /// <summary>A node of an axis: 00.53.W00.</summary>
    Axis,

    /// <summary>A connected system of the national axis, in lower case: vxp.saas.03.</summary>
    System,
}

/// <summary>
/// An agency identifier. Equality is by text as written: two forms of one agency are the same only by the registry's
/// table, never by arithmetic, because reversing the groups holds for simple cases only.
/// </summary>
public readonly record struct AgencyCode
{
    /// <summary>Longest identifier allowed since the amendment of 2022 (QCVN 102:2016/BTTTT SĐ1:2022).</summary>
    public const int MaxLength = 35;

    private readonly string? _value;

    private AgencyCode(string value, AgencyCodeForm form) => (_value, Form) = (value, form);

    /// <summary>The identifier as written, without surrounding blanks.</summary>
    public string Value => _value ?? "";
    public AgencyCodeForm Form { get; }

    /// <summary>1 for a ministry or province, 2 for a department, and so on; 0 where the form has no levels.</summary>
    public int Level =>
        Form switch
        {
            AgencyCodeForm.Old => 1 + Value.Split('.')[..^1].SkipWhile(IsZero).Count(),
            AgencyCodeForm.Qd20 => Value.Count(c => c == '.') + 1,
            _ => 0,
        };

    /// <summary>The level-1 code, e.g. H41 of both 000.00.11.H41 and H41.11; null where the form has no levels.</summary>
    public string? Root =>
        Form switch
        {
            AgencyCodeForm.Old => Value[(Value.LastIndexOf('.') + 1)..],
            AgencyCodeForm.Qd20 => Value.Split('.')[0],
            _ => null,
        };

    /// <summary>The level-1 code when it is one of a province or city: H for the People's Committee, K for the People's Council.</summary>
    public string? Province => Root is { Length: 3 } root && root[0] is 'H' or 'K' ? Root : null;

    /// <summary>The identifier one level up in the same form; null at level 1 and where the form has no levels.</summary>
    public AgencyCode? Parent
    {
        get
        {
            if (Level <= 1)
                return null;
            if (Form == AgencyCodeForm.Qd20)
                return new AgencyCode(Value[..Value.LastIndexOf('.')], Form);
            var groups = Value.Split('.');
            var deepest = Array.FindIndex(groups, g => !IsZero(g));
            groups[deepest] = new string('0', groups[deepest].Length);
            return new AgencyCode(string.Join('.', groups), Form);
        }
    }

    /// <summary>False for the irregular identifiers of the field, e.g. 01.02.G22 or 001.00.20.TT2: readable, but not by the standard.</summary>
    public bool IsRegular =>
        Form switch
        {
            AgencyCodeForm.Old => IsRegularOld(Value),
            AgencyCodeForm.Qd20 => Root is [_, var b, var c]
                && char.IsAsciiDigit(b)
                && char.IsAsciiDigit(c),
            AgencyCodeForm.Enterprise => Value.All(char.IsAsciiDigit),
            _ => true,
        };

    /// <summary>Orders identifiers by form, then from the level-1 code downwards.</summary>
    public static IComparer<AgencyCode> Hierarchical { get; } =
        Comparer<AgencyCode>.Create(
            (a, b) =>
                a.Form != b.Form
                    ? a.Form.CompareTo(b.Form)
                    : string.CompareOrdinal(a.SortKey, b.SortKey)
        );

    private string SortKey =>
        Form is AgencyCodeForm.Old or AgencyCodeForm.Axis
            ? string.Join('.', Value.Split('.').Reverse())
            : Value;

    /// <summary>Reads an identifier; blanks around it are ignored. False for anything that no scheme allows, for lower case outside system ids, and for the literal "null".</summary>
    public static bool TryParse(string? text, out AgencyCode code)
    {
        code = default;
        if (text is null)
            return false;
        var value = text.Trim();
        if (value.Length is 0 or > MaxLength)
            return false;

        var groups = 1;
        var upper = false;
        var lower = false;
        var firstIsDigits = true;
        var lastGroup = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '.')
            {
                if (i == lastGroup)
                    return false;
                lastGroup = i + 1;
                groups++;
                continue;
            }
            if (char.IsAsciiLetterUpper(c))
                upper = true;
            else if (char.IsAsciiLetterLower(c))
                lower = true;
            else if (!char.IsAsciiDigit(c))
                return false;
            firstIsDigits &= groups > 1 || char.IsAsciiDigit(c);
        }
        if (lastGroup == value.Length || (upper && lower))
            return false;
        if (lower)
        {
            if (groups == 1 || !char.IsAsciiLetterLower(value[0]))
                return false;
            code = new AgencyCode(value, AgencyCodeForm.System);
            return true;
        }
        code = new AgencyCode(value, FormOf(value, groups, firstIsDigits, value.AsSpan(lastGroup)));
        return true;
    }

    /// <summary>Reads an identifier that is known to be good, e.g. from configuration.</summary>
    /// <exception cref="FormatException">No scheme allows the text.</exception>
    public static AgencyCode Parse(string text) =>
        TryParse(text, out var code)
            ? code
            : throw new FormatException($"\"{text}\" is no agency identifier.");

    private static AgencyCodeForm FormOf(
        string value,
        int groups,
        bool firstIsDigits,
        ReadOnlySpan<char> last
    )
    {
        if (last is ['W', >= '0' and <= '9', >= '0' and <= '9'])
            return AgencyCodeForm.Axis;
        if (groups > 1)
            return firstIsDigits ? AgencyCodeForm.Old : AgencyCodeForm.Qd20;
        return char.IsAsciiLetter(value[0]) && value.Length == 3
            ? AgencyCodeForm.Qd20
            : AgencyCodeForm.Enterprise;
    }

    private static bool IsZero(string group) => group.All(c => c == '0');

    /// <summary>Three, two, two digits and a level-1 code of a letter and two digits.</summary>
    private static bool IsRegularOld(ReadOnlySpan<char> value)
    {
        if (value.Length != 13)
            return false;
        for (var i = 0; i < 13; i++)
        {
            var good = i switch
            {
                3 or 6 or 9 => value[i] == '.',
                10 => char.IsAsciiLetterUpper(value[i]),
                _ => char.IsAsciiDigit(value[i]),
            };
            if (!good)
                return false;
        }
        return true;
    }

    public override string ToString() => Value;
}
