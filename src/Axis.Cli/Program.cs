using System.CommandLine;
using Axis.Cli.Demo;
using Axis.Cli.Files;
using Axis.Cli.Local;
using Axis.Cli.Make;
using Axis.Cli.National;
using Axis.Cli.Ops;
using Axis.Cli.Registry;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Axis.Cli.Testing;

var root = new RootCommand(
    "Axis: the hub that carries official letters between the agencies of a province.\n"
        + "Exit codes: 0 done; 1 refused, or errors found; 2 the command line makes no sense; 3 the hub is out of reach."
)
{
    UpCommand.Build(),
    DownCommand.Build(),
    ClusterCommand.Build(),
    CheckCommand.Build(),
    InspectCommand.Build(),
    MakeCommand.Build(),
    SignCommand.Build(),
    PingCommand.Build(),
    VerifyCommand.Build(),
    SendCommand.Build(),
    InboxCommand.Build(),
    GetCommand.Build(),
    AckCommand.Build(),
    StatusCommand.Build(),
    TrackCommand.Build(),
    WatchCommand.Build(),
    WebhooksCommand.Build(),
    NoticesCommand.Build(),
    DeadlineCommands.Deadlines(),
    DeadlineCommands.FollowUp(),
    DeadlineCommands.Extension(),
    ReportCommand.Build(),
    LettersCommand.Build(),
    DeliveriesCommand.Build(),
    RoutesCommand.Build(),
    DoctorCommand.Build(),
    ArchiveCommand.Build(),
    AuditCommand.Build(),
    AgenciesCommand.Build(),
    SystemsCommand.Build(),
    CertificatesCommand.Build(),
    PoliciesCommand.Build(),
    DemoCommand.Build(),
    NationalCommand.Build(),
    SimCommand.Build(),
    TestCommand.Build(),
    WithServersCommand.Build(),
};
return await CommandLine.RunAsync(root, args);
