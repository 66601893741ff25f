using System.Text;
using System.Text.Json;
using Npgsql;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// Writes the catalogue of today: every agency that has a code now, in the order of the codes. Importing it again changes
/// nothing.
/// </summary>
public sealed class CatalogueExport(RegistryCache registry, NpgsqlDataSource database)
{
    private static readonly string[] Columns =
    [
        "code",
        "otherCodes",
        "name",
        "inCharge",
        "parent",
        "kind",
        "reach",
        "status",
        "email",
        "level",
        "contactName",
        "contactMail",
        "contactPhone",
    ];

    public async Task WriteAsync(
        Stream output,
        bool json,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var snapshot = registry.Current;
        var contacts = await ContactsAsync(cancellationToken);
        var rows = snapshot
            .Agencies.Where(agency => agency.Codes.Any(code => code.IsValidAt(at)))
            .OrderBy(agency => agency.PrimaryCode, StringComparer.Ordinal)
            .Select(agency => FieldsOf(agency, snapshot, contacts, at));
        if (json)
        {
            await WriteJsonAsync(output, rows, cancellationToken);
        }
        else
        {
            await WriteCsvAsync(output, rows, cancellationToken);
        }
    }

    private static string?[] FieldsOf(
        Agency agency,
        RegistrySnapshot snapshot,
        Dictionary<Guid, string?[]> contacts,
        DateTimeOffset at
    )
    {
        var others = agency
            .Codes.Where(code => code.Code != agency.PrimaryCode && code.IsValidAt(at))
            .Select(code => code.Code);
        var contact = contacts.GetValueOrDefault(agency.Id) ?? [null, null, null];
        return
        [
            agency.PrimaryCode,
            string.Join(' ', others),
            agency.Name,
            agency.InCharge,
            agency.ParentId is { } parent ? snapshot.AgencyById(parent)?.PrimaryCode : null,
            agency.Kind,
            RegistryNames.Of(agency.Reach),
            RegistryNames.Of(agency.Status),
            agency.Email,
            agency.Facts.Row.Level?.ToString(),
            .. contact,
        ];
    }

    private async Task<Dictionary<Guid, string?[]>> ContactsAsync(
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT agency_id, name, mail, phone FROM agency_contact WHERE ordinal = 1"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var contacts = new Dictionary<Guid, string?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            contacts.Add(
                reader.GetGuid(0),
                [
                    reader.GetString(1),
                    await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2),
                    await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3),
                ]
            );
        }
        return contacts;
    }

    private static async Task WriteCsvAsync(
        Stream output,
        IEnumerable<string?[]> rows,
        CancellationToken cancellationToken
    )
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync(string.Join(',', Columns) + "\n");
        foreach (var row in rows)
        {
            await text.WriteAsync(string.Join(',', row.Select(Quoted)) + "\n");
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static string Quoted(string? field) =>
        field is null ? ""
        : field.AsSpan().ContainsAny(",\"\r\n") || field.StartsWith(' ') || field.EndsWith(' ')
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : field;

    private static async Task WriteJsonAsync(
        Stream output,
        IEnumerable<string?[]> rows,
        CancellationToken cancellationToken
    )
    {
        await using var json = new Utf8JsonWriter(
            output,
            new JsonWriterOptions { Encoder = Errors.HubJson.Options.Encoder }
        );
        json.WriteStartArray();
        var written = 0;
        foreach (var row in rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < Columns.Length; i++)
            {
                if (row[i] is { Length: > 0 } field)
                {
                    json.WriteString(Columns[i], field);
                }
            }
            json.WriteEndObject();
            if (++written % 1000 == 0)
            {
                await json.FlushAsync(cancellationToken);
            }
        }
        json.WriteEndArray();
    }
}
