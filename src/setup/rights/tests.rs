use super::*;
use crate::setup::plan::FieldChange;

fn plan(verb: Verb, resource: Resource, fields: &[&str]) -> Plan {
    Plan {
        changes: vec![Change {
            verb,
            resource,
            why: String::new(),
            fields: fields
                .iter()
                .map(|name| FieldChange::new(name, true))
                .collect(),
        }],
        ..Plan::default()
    }
}

#[test]
fn each_change_needs_its_actions_and_no_more() {
    let arn = "arn:aws:iam::1:role/KongRole".to_owned();
    let profile = "arn:aws:iam::1:instance-profile/KongRole".to_owned();
    let role = || Resource::Role { arn: arn.clone() };
    let cases = [
        (
            plan(Verb::Create, role(), &["trust_policy", "tags"]),
            "iam:CreateRole iam:TagRole",
        ),
        (
            plan(Verb::Replace, role(), &["trust_policy"]),
            "iam:UpdateAssumeRolePolicy",
        ),
        (plan(Verb::Update, role(), &["tags"]), "iam:TagRole"),
        (
            plan(
                Verb::Create,
                Resource::InstanceProfile { arn: profile },
                &[],
            ),
            "iam:AddRoleToInstanceProfile iam:CreateInstanceProfile iam:PassRole iam:TagInstanceProfile",
        ),
    ];
    for (plan, expected) in cases {
        let needed = needed_in_aws(&plan);
        let names: Vec<&str> = needed
            .iter()
            .map(|right| right.action.as_str())
            .filter(|name| !name.contains(":Get") && !name.contains(":List"))
            .collect();
        assert_eq!(names.join(" "), expected);
    }
}

#[test]
fn vaults_capabilities_are_those_of_the_path() {
    let mount = Resource::AuthMount {
        namespace: None,
        path: "aws".to_owned(),
    };
    let needed = needed_in_vault(&plan(Verb::Create, mount, &[]));
    assert_eq!(needed["sys/auth/aws"], ["update", "sudo"]);
    let role = Resource::AuthRole {
        namespace: None,
        mount: "aws".to_owned(),
        name: "kong-role".to_owned(),
    };
    let needed = needed_in_vault(&plan(Verb::Create, role, &[]));
    assert_eq!(needed["auth/aws/role/kong-role"], ["create", "read"]);
    assert_eq!(needed["auth/aws/roles"], ["list"]);
}

#[test]
fn a_boundary_is_wanted_where_nothing_else_was_left_open() {
    let keys = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(is_boundary_alone(&keys(&["iam:PermissionsBoundary"])));
    assert!(is_boundary_alone(&keys(&["iam:permissionsboundary"])));
    assert!(!is_boundary_alone(&keys(&["aws:RequestTag/team"])));
    assert!(!is_boundary_alone(&keys(&[
        "iam:PermissionsBoundary",
        "aws:SourceIp"
    ])));
    assert!(!is_boundary_alone(&[]));
}
