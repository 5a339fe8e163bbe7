//! What cannot be, and the fact that says so: without the fact it is not said.

use serde_json::json;

use super::*;
use crate::diagnose::looks::{Entity, LoginKind};

fn codes(finding: &Finding) -> Vec<Code> {
    finding.ruled_out.iter().map(|cause| cause.code).collect()
}

#[test]
fn what_the_binding_excludes_is_named() {
    use Code::*;
    let fault = not_bound(SESSION);
    let finding = certain(&fault, &with_role(json!({})), VLT607);
    assert_eq!(codes(&finding), [VLT606, VLT608, VLT609, VLT610, VLT611]);
    let without_ids = |arns: Value| {
        with_role(json!({
            "resolve_aws_unique_ids": false,
            "bound_iam_principal_id": [],
            "bound_iam_principal_arn": arns,
        }))
    };
    // Each of them with the fact that excluded it taken away.
    let cases = [
        (
            json!(["arn:aws:iam::123456789012:role/Other"]),
            VLT605,
            None,
        ),
        (
            json!([
                "arn:aws:iam::123456789012:role/team/Other",
                LOGIN_ROLE.replace("Vault", "Other")
            ]),
            VLT605,
            Some(VLT608),
        ),
        (
            json!(["arn:aws:iam::123456789012:role/O*"]),
            VLT610,
            Some(VLT610),
        ),
        (
            json!(["arn:aws:iam::999999999999:role/VaultRole"]),
            VLT611,
            Some(VLT611),
        ),
    ];
    for (arns, code, left) in cases {
        let finding = explain(&fault, &without_ids(arns.clone()));
        assert_eq!(finding.code, code, "{arns} {finding:#?}");
        let expected: Vec<Code> = [VLT606, VLT607, VLT608, VLT609, VLT610, VLT611]
            .into_iter()
            .filter(|other| Some(*other) != left && *other != code)
            .collect();
        assert_eq!(codes(&finding), expected, "{arns}");
    }
}

#[test]
fn what_nobody_looked_at_is_not_ruled_out() {
    let finding = likely(&not_bound(SESSION), &evidence(), Code::VLT605);
    for cause in &finding.ruled_out {
        assert!(!finding.alternatives.contains(&cause.code));
        assert_eq!(cause.code, Code::VLT606, "{cause:?}");
    }
    let mut unknown = evidence();
    unknown.seen.aws_skew_ms = None;
    unknown.seen.keys_accepted = false;
    let finding = explain(&by_sts("SignatureDoesNotMatch", "does not match"), &unknown);
    assert_eq!(codes(&finding), [], "{finding:#?}");
}

#[test]
fn what_the_door_excludes_is_named() {
    let denied = refused(403, Side::Vault, "permission denied");
    let mut seen_all = with_role(json!({}));
    seen_all.looks.vault.login_kind = by_anybody(LoginKind::Aws);
    seen_all.looks.vault.entity = seen(Some(Entity {
        id: "e".into(),
        disabled: true,
    }));
    let finding = explain(&denied, &seen_all);
    assert_eq!(finding.code, Code::VLT619, "{finding:#?}");
    assert_eq!(
        codes(&finding),
        [Code::VLT601, Code::VLT602, Code::VLT617],
        "{finding:#?}"
    );
    let mut bound = with_role(json!({ "token_bound_cidrs": ["10.0.0.0/8"] }));
    bound.looks.vault.login_kind = by_anybody(LoginKind::Aws);
    let finding = explain(&denied, &bound);
    assert!(!codes(&finding).contains(&Code::VLT617), "{finding:#?}");
    assert!(!codes(&finding).contains(&Code::VLT619), "{finding:#?}");
}

#[test]
fn what_clocks_and_keys_exclude_is_named() {
    let words = "The request signature we calculated does not match the signature you provided.";
    let finding = explain(&by_sts("SignatureDoesNotMatch", words), &evidence());
    let ruled_out = codes(&finding);
    for code in [Code::SIG403, Code::SIG404, Code::SIG406] {
        let is_open = finding.code == code || finding.alternatives.contains(&code);
        assert!(ruled_out.contains(&code) != is_open, "{code} {finding:#?}");
    }
    let mut wrong = evidence();
    wrong.seen.aws_skew_ms = Some(20 * 60 * 1000);
    let finding = explain(&by_sts("SignatureDoesNotMatch", words), &wrong);
    assert!(!codes(&finding).contains(&Code::SIG403), "{finding:#?}");
}
