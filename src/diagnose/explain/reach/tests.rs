//! What is said of an answer that did not come, or is not Vault's, and of a server
//! that is unwell: by what was seen of Vault before it.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnose::explain::{Evidence, explain};
use crate::diagnose::{Code, Confidence, Finding, Looks};
use crate::fault::{Cause, Fault, LocalProblem, Side, Transport};
use crate::login::Observations;
use crate::settings::{Environment, Flags, resolve_without_file};
use crate::trace::StepId;

const ADDRESS: &str = "https://vault.internal:8200";

fn evidence(variables: &[(&str, &str)], seen: Observations) -> Evidence {
    let named = [("VAULT_ADDR", ADDRESS)];
    let variables = named.iter().chain(variables);
    let environment: Environment = variables
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let settings = resolve_without_file(&Flags::new(), &environment, None);
    Evidence {
        settings: Arc::new(settings.expect("the settings are good")),
        seen,
        looks: Looks::default(),
        foreign_token: false,
    }
}

/// Vault told its health in this run.
fn healthy() -> Observations {
    Observations {
        vault_answered: true,
        vault_told_health: true,
        signed_for: Some((
            "us-east-1".to_owned(),
            "https://sts.us-east-1.amazonaws.com/".to_owned(),
        )),
        ..Observations::default()
    }
}

fn unanswered(step: StepId, kind: Transport) -> Fault {
    let cause = Cause::Transport(kind);
    Fault::new(
        step,
        Side::Network,
        "POST auth/aws/login",
        ADDRESS,
        cause,
        "",
    )
}

fn told(fault: &Fault, evidence: &Evidence) -> Finding {
    let mut findings = explain(fault, evidence).into_iter();
    let first = findings.next().expect("a fault has a finding");
    let is_certain = first.confidence == Confidence::Certain;
    assert_eq!(first.alternatives.is_empty(), is_certain, "{first:?}");
    assert!(
        !first.remedies.is_empty(),
        "there is something to do: {first:?}"
    );
    first
}

/// All that a finding says.
fn text(finding: &Finding) -> String {
    let remedies = finding.remedies.iter();
    let remedies: Vec<String> = remedies
        .map(|remedy| {
            format!(
                "{} {}",
                remedy.text,
                remedy.command.as_deref().unwrap_or("")
            )
        })
        .collect();
    let facts = finding.evidence.iter();
    let facts: Vec<String> = facts
        .map(|fact| format!("{} {} {}", fact.source, fact.fact, fact.value))
        .collect();
    format!(
        "{} {} {}",
        finding.cause,
        facts.join(" "),
        remedies.join(" ")
    )
}

#[test]
fn a_time_that_ran_out_is_the_networks_only_before_vault_answered() {
    use Confidence::{Certain, Likely};
    let none = Observations::default;
    let given = |limit: &str| vec![("VAULT_CLIENT_TIMEOUT".to_owned(), limit.to_owned())];
    let cases = [
        (
            StepId::Vault,
            none(),
            vec![],
            Code::VLT503,
            Certain,
            "security groups",
        ),
        (
            StepId::Login,
            healthy(),
            vec![],
            Code::VLT503,
            Likely,
            "--timeout 100s",
        ),
        (
            StepId::Login,
            healthy(),
            given("30s"),
            Code::VLT503,
            Likely,
            "--timeout 100s",
        ),
        (
            StepId::Login,
            healthy(),
            given("120s"),
            Code::VLT519,
            Likely,
            "journalctl",
        ),
        (
            StepId::Read,
            healthy(),
            vec![],
            Code::VLT503,
            Likely,
            "sys/health",
        ),
    ];
    for (step, seen, variables, code, confidence, words) in cases {
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value): &(String, String)| (name.as_str(), value.as_str()))
            .collect();
        let evidence = evidence(&variables, seen);
        let finding = told(&unanswered(step, Transport::TimedOut), &evidence);
        assert_eq!((finding.code, finding.confidence), (code, confidence));
        let said = text(&finding);
        assert!(said.contains(words), "{said}");
        assert_eq!(
            said.contains("security groups"),
            confidence == Certain,
            "{said}"
        );
    }
    // The limit that was given is the one that ran out.
    let evidence = evidence(&[("VAULT_CLIENT_TIMEOUT", "120s")], healthy());
    let limit = evidence.settings.vault.connection.timeout;
    assert_eq!(limit, Some(Duration::from_secs(120)));
}

#[test]
fn another_answer_is_the_addresss_fault_only_before_vault_answered() {
    use Confidence::{Certain, Likely};
    let none = Observations::default;
    let login = StepId::Login;
    let cases = [
        (
            StepId::Vault,
            200,
            none(),
            Code::VLT510,
            Certain,
            "check VAULT_ADDR",
        ),
        (
            StepId::Vault,
            503,
            none(),
            Code::VLT510,
            Likely,
            "load balancer",
        ),
        (
            login,
            503,
            healthy(),
            Code::VLT519,
            Likely,
            "past the load balancer",
        ),
        (
            login,
            502,
            healthy(),
            Code::VLT519,
            Likely,
            "past the load balancer",
        ),
        (
            login,
            504,
            healthy(),
            Code::VLT503,
            Likely,
            "--timeout 100s",
        ),
        (
            StepId::Read,
            504,
            healthy(),
            Code::VLT519,
            Likely,
            "past the load balancer",
        ),
        (
            login,
            403,
            healthy(),
            Code::VLT510,
            Likely,
            "lets one request through",
        ),
        (
            login,
            200,
            healthy(),
            Code::VLT510,
            Likely,
            "lets one request through",
        ),
    ];
    for (step, status, seen, code, confidence, words) in cases {
        let mut fault = unanswered(step, Transport::NotVault);
        fault.status = Some(status);
        let finding = told(&fault, &evidence(&[], seen));
        assert_eq!(
            (finding.code, finding.confidence),
            (code, confidence),
            "{status}"
        );
        let said = text(&finding);
        assert!(said.contains(words), "{said}");
        assert_eq!(
            said.contains("check VAULT_ADDR"),
            confidence == Certain,
            "{said}"
        );
    }
}

#[test]
fn what_fails_where_the_request_was_sent_on_is_not_vaults_address() {
    let to = "http://127.0.0.1:9";
    let kinds = [
        Transport::Refused,
        Transport::NameNotResolved,
        Transport::ConnectTimedOut,
        Transport::TimedOut,
        Transport::Reset,
        Transport::NotVault,
        Transport::NotTls,
        Transport::ProxyRefused,
    ];
    for kind in kinds {
        let mut fault = unanswered(StepId::Login, kind);
        fault.peer.redirected_to = Some(to.to_owned());
        let finding = told(&fault, &evidence(&[], healthy()));
        assert_eq!(finding.code, Code::VLT513, "{kind:?}");
        let said = text(&finding);
        assert!(said.contains(&format!("redirected to {to}")), "{said}");
        assert!(said.contains("api_addr"), "{said}");
        assert!(!said.contains("VAULT_ADDR"), "{said}");
    }
    let mut fault = unanswered(StepId::Login, Transport::UnknownAuthority);
    fault.peer.redirected_to = Some("https://10.0.0.5:8200".to_owned());
    let finding = told(&fault, &evidence(&[], healthy()));
    assert_eq!(finding.code, Code::VLT504);
    assert!(
        text(&finding).contains("-connect 10.0.0.5:8200 "),
        "{finding:?}"
    );
}

#[test]
fn a_redirect_that_is_not_followed_says_what_to_name() {
    let cases = [
        (Some("http://vault.internal:8200/v1/x"), "api_addr", None),
        (Some("https://vault.internal:8200/v1/x"), "api_addr", None),
        (Some("https://vault.internal:8200/ui/"), "curl -sS -i", None),
        (
            Some("https://login.internal/start"),
            "name its address",
            Some("--address https://login.internal"),
        ),
        (None, "curl -sS -i", None),
    ];
    for (to, words, command) in cases {
        let mut fault = unanswered(StepId::Vault, Transport::Redirect);
        fault.peer.redirected_to = to.map(str::to_owned);
        let finding = told(&fault, &evidence(&[], Observations::default()));
        assert_eq!(finding.code, Code::VLT517);
        let said = text(&finding);
        assert!(said.contains(words), "{to:?} {said}");
        assert_eq!(said.contains("--address"), command.is_some(), "{said}");
        assert!(
            command.is_none_or(|command| said.contains(command)),
            "{said}"
        );
    }
}

#[test]
fn the_proxy_is_named_with_its_source_and_without_its_password() {
    use Confidence::{Certain, Likely};
    let environment = ("HTTPS_PROXY", "http://me:canary@proxy:3128");
    let of_vault = ("VAULT_PROXY_ADDR", "http://me:canary@other:3128");
    let keep = "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}vault.internal\"";
    let cases = [
        (
            Transport::ProxyRefused,
            vec![environment],
            Likely,
            "HTTPS_PROXY",
            keep,
        ),
        (
            Transport::ProxyWantsLogin,
            vec![environment],
            Certain,
            "HTTPS_PROXY",
            keep,
        ),
        (
            Transport::ProxyRefused,
            vec![environment, of_vault],
            Likely,
            "VAULT_PROXY_ADDR",
            "unset VAULT_PROXY_ADDR",
        ),
    ];
    for (kind, variables, confidence, name, command) in cases {
        let evidence = evidence(&variables, Observations::default());
        let finding = told(&unanswered(StepId::Vault, kind), &evidence);
        assert_eq!(
            (finding.code, finding.confidence),
            (Code::VLT518, confidence)
        );
        let said = text(&finding);
        assert!(said.contains(name) && said.contains(command), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn a_certificate_is_told_with_its_names_and_the_authorities_that_count() {
    let mut fault = unanswered(StepId::Vault, Transport::WrongCertificateName);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    fault.peer.certificate_names = names(&["*.internal", "vault.other"]);
    let evidence_of = |variables: &[(&str, &str)]| evidence(variables, Observations::default());
    let finding = told(&fault, &evidence_of(&[]));
    let said = text(&finding);
    assert!(said.contains("--tls-server-name vault.other"), "{said}");
    assert!(
        said.contains("certificate is for *.internal, vault.other"),
        "{said}"
    );
    fault.peer.certificate_names = names(&["*.internal"]);
    let said = text(&told(&fault, &evidence_of(&[])));
    assert!(said.contains("--tls-server-name NAME"), "{said}");

    let fault = unanswered(StepId::Vault, Transport::UnknownAuthority);
    let said = text(&told(&fault, &evidence_of(&[])));
    assert!(
        said.contains("settings authorities those of this machine"),
        "{said}"
    );
    let command =
        "openssl s_client -connect vault.internal:8200 -servername vault.internal < /dev/null";
    assert!(said.contains(command), "{said}");
    let said = text(&told(
        &fault,
        &evidence_of(&[("VAULT_CACERT", "/etc/ca.pem")]),
    ));
    assert!(said.contains("settings VAULT_CACERT /etc/ca.pem"), "{said}");
}

#[test]
fn a_malformed_address_is_told_with_its_source_and_the_right_one() {
    let fault = Fault::local(
        StepId::Vault,
        LocalProblem::MalformedAddress,
        "vault:8200",
        "no",
    );
    let evidence = evidence(&[("VAULT_ADDR", "vault:8200")], Observations::default());
    let finding = told(&fault, &evidence);
    assert_eq!(finding.code, Code::VLT520);
    let said = text(&finding);
    assert!(said.contains("settings VAULT_ADDR vault:8200"), "{said}");
    assert!(
        said.contains("export VAULT_ADDR=https://vault:8200"),
        "{said}"
    );
}

#[test]
fn how_a_server_stands_outweighs_its_status() {
    use Confidence::{Certain, Likely};
    let cases = [
        (
            500,
            "local node not active but active cluster node not found",
            Code::VLT513,
            Certain,
        ),
        (
            500,
            "error during forwarding RPC request",
            Code::VLT513,
            Likely,
        ),
        (500, "Vault is in standby mode", Code::VLT513, Certain),
        (
            500,
            "failed to persist lease entry: cannot write to readonly storage",
            Code::VLT522,
            Likely,
        ),
        (500, "internal error", Code::VLT519, Certain),
        (503, "Vault is sealed", Code::VLT511, Certain),
        (503, "something", Code::VLT513, Likely),
        (
            412,
            "required index state not present",
            Code::VLT522,
            Certain,
        ),
    ];
    for step in [StepId::Login, StepId::Read, StepId::Change] {
        for (status, words, code, confidence) in cases {
            let mut fault = Fault::new(step, Side::Vault, "x", "y", Cause::Answered, words);
            fault.status = Some(status);
            let finding = told(&fault, &evidence(&[], Observations::default()));
            assert_eq!(
                (finding.code, finding.confidence),
                (code, confidence),
                "{words}"
            );
        }
    }
}
