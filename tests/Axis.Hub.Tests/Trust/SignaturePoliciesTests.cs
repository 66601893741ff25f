using Axis.Hub.Registry;

namespace Axis.Hub.Tests.Trust;

/// <summary>Which policy holds: the most specific that is valid, and of several the one that began last.</summary>
public sealed class SignaturePoliciesTests
{
    private static readonly DateTimeOffset s_now = new(2027, 1, 15, 0, 0, 0, TimeSpan.Zero);

    private static readonly Agency s_agency = AgencyOf(AgencyReach.Province);
    private static readonly Agency s_ministry = AgencyOf(AgencyReach.National);

    private static readonly SignaturePolicyRow s_hub = Row(SignaturePolicy.Either);
    private static readonly SignaturePolicyRow s_national = Row(SignaturePolicy.Record) with
    {
        Route = "national",
    };
    private static readonly SignaturePolicyRow s_system = Row(SignaturePolicy.Envelope) with
    {
        OfficeSystemId = "office",
    };
    private static readonly SignaturePolicyRow s_ofAgency = Row(SignaturePolicy.Document) with
    {
        AgencyId = s_agency.Id,
    };

    [Test]
    public void Where_nobody_decided_one_of_the_two_is_asked() =>
        Assert.That(
            new SignaturePolicies([]).For("office", s_agency, s_now),
            Is.EqualTo(SignaturePolicy.Either)
        );

    [Test]
    public void An_agency_goes_before_its_office_system_and_that_before_the_hub()
    {
        Assert.That(Policy(s_hub, s_system, s_ofAgency), Is.EqualTo(SignaturePolicy.Document));
        Assert.That(Policy(s_hub, s_system), Is.EqualTo(SignaturePolicy.Envelope));
        Assert.That(Policy(s_hub), Is.EqualTo(SignaturePolicy.Either));
    }

    [Test]
    public void The_national_route_has_its_own_for_agencies_behind_it_alone()
    {
        var policies = new SignaturePolicies([s_hub, s_national]);
        Assert.That(policies.For(null, s_ministry, s_now), Is.EqualTo(SignaturePolicy.Record));
        Assert.That(policies.For("office", s_agency, s_now), Is.EqualTo(SignaturePolicy.Either));
    }

    [Test]
    public void An_exception_for_a_month_ends_and_what_held_before_holds_again()
    {
        var policies = new SignaturePolicies([
            s_system,
            s_system with
            {
                Policy = SignaturePolicy.Record,
                ValidFrom = s_now.AddDays(-10),
                ValidTo = s_now.AddDays(20),
            },
        ]);
        Assert.That(
            ((int[])[-11, -10, 0, 19, 20]).Select(days =>
                policies.For("office", s_agency, s_now.AddDays(days))
            ),
            Is.EqualTo(
                new[]
                {
                    SignaturePolicy.Envelope,
                    SignaturePolicy.Record,
                    SignaturePolicy.Record,
                    SignaturePolicy.Record,
                    SignaturePolicy.Envelope,
                }
            )
        );
    }

    private static SignaturePolicy Policy(params SignaturePolicyRow[] rows) =>
        new SignaturePolicies(rows).For("office", s_agency, s_now);

    private static SignaturePolicyRow Row(SignaturePolicy policy) =>
        new(null, null, null, policy, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static Agency AgencyOf(AgencyReach reach) =>
        new(Guid.CreateVersion7(), "H99", [], "", reach, AgencyStatus.Active, "office");
}
