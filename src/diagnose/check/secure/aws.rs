//! `sec.trust`: a stranger is let in by neither role. It warns of a role that anybody
//! in AWS could have; that a whole account may have it is a note, because the
//! account's own policies then decide. `sec.identity` notes that Kong shares the
//! identity of Vault's servers, as the article has it.

use crate::diagnose::assume::{May, Stranger, stranger_may_have};
use crate::diagnose::check::aws::unseen;
use crate::diagnose::check::{Scene, Verdict};
use crate::diagnose::looks::{IamRole, Look};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::settings::Topology;

pub(in crate::diagnose::check) async fn trust(scene: &Scene) -> Verdict {
    let looks = [scene.kong_role().await, scene.login_role().await];
    let roles: Vec<&IamRole> = looks.iter().filter_map(|look| look.present()).collect();
    let findings: Vec<Finding> = roles.iter().flat_map(|role| of_role(role)).collect();
    let unread = looks.iter().find(|look| matches!(look, Look::Refused(_)));
    if let Some(look) = unread
        && findings.is_empty()
    {
        return Verdict::skipped(unseen(look));
    }
    if roles.is_empty() {
        return Verdict::skipped("neither role was seen");
    }
    let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    Verdict::of(format!("looked at {}", names.join(", ")), findings)
}

fn of_role(role: &IamRole) -> Option<Finding> {
    if let May::Yes(by) = stranger_may_have(role, Stranger::OfAnyAccount) {
        return Some(open(
            role,
            &format!(
                "{by} of the trust policy of {} lets any AWS principal in.",
                role.arn
            ),
        ));
    }
    match stranger_may_have(role, Stranger::OfTheAccount) {
        May::Yes(by) => {
            let words = format!(
                "{by} of the trust policy of {} lets every role of its account in whose own policies allow it.",
                role.arn
            );
            let mut finding = open(role, &words);
            finding.severity = Severity::Note;
            Some(finding)
        }
        May::No | May::Unknown(_) => None,
    }
}

fn open(role: &IamRole, because: &str) -> Finding {
    Finding::certain(Code::SEC001)
        .because(because)
        .fact("iam", "statements", role.trust["Statement"].to_string())
        .remedy(
            Where::Here,
            "name those alone who need the role; this shows the difference and writes it",
            Some("vaultiam setup --only aws".to_owned()),
            None,
        )
}

pub(in crate::diagnose::check) fn identity(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let said = format!("topology {}", settings.topology.name());
    if settings.topology != Topology::Article {
        return Verdict::passed(said);
    }
    let finding = Finding::certain(Code::SEC002)
        .fact("settings", "topology", settings.topology.name())
        .remedy(
            Where::Here,
            "give Kong a login role without any permission: topology: separate",
            Some("vaultiam setup --plan --topology separate".to_owned()),
            None,
        );
    Verdict::found(said, finding)
}
