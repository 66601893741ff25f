using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Axis.Hub.Access;
using Axis.Hub.Access.Issuers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Tests.Access;

/// <summary>Tokens of an external issuer, which is a real HTTP server here.</summary>
public sealed class ExternalIssuerTests
{
    private static readonly TokenProof s_clerk = new(
        new Holder(HolderKind.Operator, "truc-vh"),
        By: null
    );

    private LocalIssuer _issuer = null!;
    private SetClock _clock = null!;
    private ExternalTokens _tokens = null!;

    [SetUp]
    public async Task Start_the_issuer()
    {
        _issuer = await LocalIssuer.StartAsync();
        _clock = new SetClock(TimeProvider.System.GetUtcNow());
        _tokens = Trusting(_issuer.Name);
    }

    [TearDown]
    public async Task Stop_the_issuer()
    {
        _tokens.Dispose();
        await _issuer.DisposeAsync();
    }

    [Test]
    public async Task Its_token_proves_the_operator_it_names()
    {
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
        Assert.That(_issuer.Asked, Is.EqualTo(1), "the keys are remembered");
    }

    [Test]
    public async Task What_it_did_not_sign_for_the_hub_proves_nothing()
    {
        using var stranger = RSA.Create(2048);
        var others = new SigningCredentials(
            new RsaSecurityKey(stranger) { KeyId = "key-1" },
            SecurityAlgorithms.RsaSha256
        );
        var shared = new SigningCredentials(
            new SymmetricSecurityKey(new byte[32]) { KeyId = "shared" },
            SecurityAlgorithms.HmacSha256
        );
        Assert.That(await AskAsync(_issuer.Token("truc-vh", credentials: others)), Is.Null);
        Assert.That(await AskAsync(_issuer.Token("truc-vh", credentials: shared)), Is.Null);
        Assert.That(await AskAsync(_issuer.Token("truc-vh", audience: "mail")), Is.Null);
        Assert.That(
            await AskAsync(_issuer.Token("truc-vh", issuer: "https://evil.example")),
            Is.Null
        );
        Assert.That(await AskAsync(_issuer.Token("truc-vh", expiresInMinutes: -1)), Is.Null);
        Assert.That(await AskAsync("rubbish"), Is.Null);
    }

    [Test]
    public async Task Known_keys_serve_while_the_issuer_is_down()
    {
        var before = _issuer.Token("truc-vh");
        Assert.That(await AskAsync(before), Is.EqualTo(s_clerk));
        await _issuer.GoDownAsync();
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
    }

    [Test]
    public async Task A_new_key_is_found_and_the_old_one_forgotten()
    {
        var old = _issuer.Token("truc-vh");
        Assert.That(await AskAsync(old), Is.EqualTo(s_clerk));
        _issuer.TakeAnotherKey();
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.Null, "asked a moment ago");
        _clock.Now += TimeSpan.FromSeconds(61);
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
        Assert.That(await AskAsync(old), Is.Null);
    }

    [Test]
    public async Task Made_up_key_ids_do_not_make_the_hub_ask_again_and_again()
    {
        using var stranger = RSA.Create(2048);
        for (var i = 0; i < 50; i++)
        {
            var token = _issuer.Token(
                "truc-vh",
                credentials: new SigningCredentials(
                    new RsaSecurityKey(stranger) { KeyId = $"made-up-{i}" },
                    SecurityAlgorithms.RsaSha256
                )
            );
            Assert.That(await AskAsync(token), Is.Null);
        }
        Assert.That(_issuer.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task An_issuer_that_comes_up_late_is_found()
    {
        await _issuer.GoDownAsync();
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.Null);
        await _issuer.GoUpAsync();
        _clock.Now += TimeSpan.FromSeconds(61);
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
    }

    [Test]
    public async Task A_document_about_another_issuer_is_not_believed()
    {
        _issuer.SaysItIs = "https://accounts.example";
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.Null);
    }

    [Test]
    public async Task A_key_that_cannot_be_read_costs_none_of_those_beside_it()
    {
        _issuer.BeforeItsKey =
        [
            new
            {
                kty = "RSA",
                use = "sig",
                kid = 5,
                n = (object[])[1],
            },
            new
            {
                kty = "EC",
                crv = "P-256",
                kid = "half",
                x = "not base64url!",
            },
        ];
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
        Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.EqualTo(s_clerk));
        Assert.That(_issuer.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_set_of_nothing_but_rubbish_is_asked_for_once_a_minute()
    {
        _issuer.ItsKeySet = "[[[{\"keys\": 1}]]";
        for (var i = 0; i < 5; i++)
        {
            Assert.That(await AskAsync(_issuer.Token("truc-vh")), Is.Null);
        }
        Assert.That(_issuer.Asked, Is.EqualTo(1));
    }

    [Test]
    public void An_issuer_that_is_configured_twice_is_refused_by_the_name_of_the_setting()
    {
        var issuer = new ExternalIssuer { Issuer = new Uri(_issuer.Name), Audience = "a" };
        var options = new AccessOptions { SigningKeyFile = "key", Issuers = [issuer, issuer] };
        var wrong = new List<ValidationResult>();
        Assert.That(
            Validator.TryValidateObject(options, new(options), wrong, validateAllProperties: true),
            Is.False
        );
        Assert.That(
            wrong.Single().ErrorMessage,
            Does.Contain("Access:Issuers").And.Contain(_issuer.Name).And.Contain("twice")
        );
    }

    [Test]
    public async Task Nobody_is_believed_by_default()
    {
        using var none = new ExternalTokens(
            Options.Create(new AccessOptions()),
            _clock,
            NullLogger<IssuerKeys>.Instance
        );
        Assert.That(await none.ValidateAsync(_issuer.Token("truc-vh"), default), Is.Null);
        Assert.That(_issuer.Asked, Is.Zero);
    }

    private Task<TokenProof?> AskAsync(string token) => _tokens.ValidateAsync(token, default);

    private ExternalTokens Trusting(string issuer) =>
        new(
            Options.Create(
                new AccessOptions
                {
                    Issuers =
                    [
                        new ExternalIssuer
                        {
                            Issuer = new Uri(issuer),
                            Audience = "truc-lien-thong",
                            IdClaim = "preferred_username",
                        },
                    ],
                }
            ),
            _clock,
            NullLogger<IssuerKeys>.Instance
        );
}
