using System.Runtime.Versioning;
using Axis.LocalServers;
using Npgsql;

namespace Axis.Hub.Tests;

/// <summary>Only PostgreSQL, because it starts in half a second; both servers go through the same code.</summary>
[SupportedOSPlatform("linux")]
public sealed class LocalServersTests
{
    private static readonly Progress<string> Silent = new();

    private string _folder = "";
    private PrivateServersOptions Options => new(_folder, WithBroker: false);

    [SetUp]
    public void Choose_a_folder() =>
        _folder = $"/var/tmp/axis-local-servers-{Guid.CreateVersion7():n}";

    [TearDown]
    public async Task Remove_the_folder()
    {
        await PrivateServers.PurgeAsync(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_second_start_finds_the_running_server_and_leaves_it_running()
    {
        await using var first = await PrivateServers.StartAsync(Options, Silent);
        await using (var second = await PrivateServers.StartAsync(Options, Silent))
        {
            Assert.That(
                second.PostgresConnectionString,
                Is.EqualTo(first.PostgresConnectionString)
            );
        }

        Assert.That(await AskAsync(first, "SELECT 'here'"), Is.EqualTo("here"));
    }

    [Test]
    public async Task What_was_committed_is_there_after_a_kill_and_after_a_stop()
    {
        await using (var servers = await PrivateServers.StartAsync(Options, Silent))
        {
            await AskAsync(servers, "CREATE TABLE letter AS SELECT 'kept' AS subject");
            await servers.KillPostgresAsync();
            Assert.That(LoopbackPorts.IsFree(servers.PostgresPort));
            await servers.RestartPostgresAsync();
            Assert.That(await AskAsync(servers, "SELECT subject FROM letter"), Is.EqualTo("kept"));
        }

        await using var later = await PrivateServers.StartAsync(Options, Silent);
        Assert.That(await AskAsync(later, "SELECT subject FROM letter"), Is.EqualTo("kept"));
    }

    [Test]
    public async Task Disposing_stops_what_was_started()
    {
        var servers = await PrivateServers.StartAsync(Options, Silent);
        await servers.DisposeAsync();

        Assert.That(await LoopbackPorts.AnswersAsync(servers.PostgresPort), Is.False);
        Assert.That(await PrivateServers.StopAsync(_folder), Is.False);
    }

    [Test]
    public async Task A_detached_server_is_stopped_by_its_folder()
    {
        var servers = await PrivateServers.StartAsync(Options with { Detached = true }, Silent);
        await servers.DisposeAsync();
        Assert.That(await LoopbackPorts.AnswersAsync(servers.PostgresPort));

        Assert.That(await PrivateServers.StopAsync(_folder));
        Assert.That(await LoopbackPorts.AnswersAsync(servers.PostgresPort), Is.False);
    }

    [Test]
    public async Task The_secrets_are_readable_by_their_owner_only_and_a_purge_forgets_everything()
    {
        await using var servers = await PrivateServers.StartAsync(Options, Silent);
        Assert.That(
            File.GetUnixFileMode(Path.Combine(_folder, "servers.json")),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
        );

        await PrivateServers.PurgeAsync(_folder);

        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public async Task The_server_refuses_a_wrong_password()
    {
        await using var servers = await PrivateServers.StartAsync(Options, Silent);
        var wrong = new NpgsqlConnectionStringBuilder(servers.PostgresConnectionString)
        {
            Password = "guessed",
            Pooling = false,
        };
        await using var source = NpgsqlDataSource.Create(wrong);

        Assert.That(
            async () => await source.OpenConnectionAsync(),
            Throws
                .InstanceOf<PostgresException>()
                .With.Property("SqlState")
                .EqualTo(PostgresErrorCodes.InvalidPassword)
        );
    }

    private static async Task<object?> AskAsync(PrivateServers servers, string sql)
    {
        await using var source = NpgsqlDataSource.Create(
            servers.PostgresConnectionString + ";Pooling=false"
        );
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
