//! Vault's server has no AWS identity yet: all that does not need it is done,
//! and a person is told what to do.

use super::{Scene, finding, list};

const WRITE_ROLE: &str = "vault:auth/aws/role/kong-role";

#[test]
fn the_run_waits_for_a_person_and_the_next_one_goes_on() {
    waits_for_the_profile(&[], "VaultRole");
}

#[test]
fn where_vaults_servers_have_a_role_of_their_own_it_is_that_ones_profile() {
    waits_for_the_profile(&["--topology", "separate"], "VaultServerRole");
}

fn waits_for_the_profile(flags: &[&str], profile: &str) {
    let scene = Scene::new();
    scene.nothing.set_identity_attached(false);
    scene.nothing.set_vaults_role(profile);
    let words = |more: &[&'static str]| [&["setup"][..], more, flags].concat();
    let ended = scene.operator().run(&words(&["--yes", "-o", "json"]));
    let document = ended.json();
    assert_eq!(ended.code, 10, "{document}");
    assert_eq!(finding(&document), "VLT614", "{document}");
    assert_eq!(document["fault"]["step"], WRITE_ROLE, "{document}");
    assert_eq!(document["fault"]["code"], "NoCredentialProviders");
    let waiting = &document["waiting_for"];
    let word = |name: &str| waiting[name].as_str().unwrap().to_owned();
    assert!(
        word("what").contains(&format!("instance profile {profile} ")),
        "{waiting}"
    );
    assert!(
        word("command").starts_with("aws ec2 associate-iam-instance-profile --instance-id "),
        "{waiting}"
    );
    assert!(
        word("command").ends_with(&format!(" --iam-instance-profile Name={profile}")),
        "{waiting}"
    );
    assert_eq!(word("where"), "aws");
    assert_eq!(list(&document, "not_done"), [WRITE_ROLE]);
    assert_eq!(list(&document, "unknown"), Vec::<String>::new());
    let held = scene.held();
    for name in list(&document, "done") {
        assert!(held.contains_key(&name), "{name}");
    }
    for name in ["vault:sys/policies/acl/kong-policy", "vault:sys/mounts/kv"] {
        assert!(held.contains_key(name), "{name}");
    }
    assert!(!held.contains_key(WRITE_ROLE));

    // Still not attached: the same again, to people this time.
    let again = scene.operator().run(&words(&["--yes"]));
    assert_eq!(again.code, 10, "{}", again.stderr);
    let not_done = format!("not done  {WRITE_ROLE}");
    assert!(again.stdout.contains(&not_done), "{}", again.stdout);
    assert!(again.stdout.contains(&word("command")), "{}", again.stdout);

    scene.nothing.set_identity_attached(true);
    let ended = scene.operator().run(&words(&["--yes", "-o", "json"]));
    let document = super::done(&ended);
    assert_eq!(list(&document, "done"), [WRITE_ROLE]);
    let plan = scene.operator().run(&words(&["--plan", "-o", "json"]));
    assert_eq!(plan.code, 0, "{}", plan.stdout);
    scene.lets_kong_in();
}
