//! Profiles as people write them, read from files in memory.

use super::*;

/// Reads the profile that AWS_PROFILE names, from this text of `~/.aws/config`.
fn read_from(config: &str, name: &str) -> Result<Profile, Unusable> {
    let files = Fs::from_slice(&[("/home/.aws/config", config)]);
    let environment = Env::from_slice(&[("HOME", "/home"), ("AWS_PROFILE", name)]);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .expect("a runtime of one thread starts")
        .block_on(read_with(&files, &environment, None))
}

fn source_of(lines: &str) -> Result<Source, Unusable> {
    read_from(&format!("[profile p]\n{lines}\n"), "p").map(|profile| profile.source)
}

#[test]
fn every_kind_of_source_is_known() {
    let cases = [
        (
            "aws_access_key_id = AKIA\naws_secret_access_key = s",
            Source::AccessKeys,
        ),
        (
            "credential_process = '/opt/my tools/creds' --secret x",
            Source::Process {
                program: "/opt/my tools/creds".into(),
            },
        ),
        (
            "credential_process = TOKEN=secret creds",
            Source::Process {
                program: "a command".into(),
            },
        ),
        (
            "sso_account_id = 1\nsso_role_name = r\nsso_region = us-east-1\nsso_start_url = https://x",
            Source::Sso,
        ),
        (
            "sso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x",
            Source::Sso,
        ),
        (
            "login_session = arn:aws:iam::123456789012:user/u",
            Source::ConsoleLogin,
        ),
        (
            "role_arn = R\nweb_identity_token_file = /token",
            Source::WebIdentity {
                role_arn: "R".into(),
                token_file: "/token".into(),
            },
        ),
        (
            "role_arn = R\ncredential_source = Environment",
            Source::Environment,
        ),
        (
            "role_arn = R\ncredential_source = Ec2InstanceMetadata",
            Source::InstanceMetadata,
        ),
        (
            "role_arn = R\ncredential_source = EcsContainer",
            Source::Container,
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(source_of(lines), Ok(expected), "{lines}");
    }
}

#[test]
fn source_profiles_are_followed_and_their_roles_stand_in_order() {
    let config = "[profile a]\nrole_arn = A\nsource_profile = b\n\
                  [profile b]\nrole_arn = B\nmfa_serial = M\nsource_profile = c\n\
                  [profile c]\naws_access_key_id = AKIA\naws_secret_access_key = s\n";
    let expected = Profile {
        name: "a".into(),
        source: Source::AccessKeys,
        source_profile: "c".into(),
        roles: vec!["B".into(), "A".into()],
        mfa_serial: Some("M".into()),
    };
    assert_eq!(read_from(config, "a"), Ok(expected));
    let itself = "[profile a]\nrole_arn = A\nsource_profile = a\n\
                  aws_access_key_id = AKIA\naws_secret_access_key = s\n";
    let read = read_from(itself, "a").map(|profile| (profile.source, profile.roles));
    assert_eq!(read, Ok((Source::AccessKeys, vec!["A".to_owned()])));
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        (
            "role_arn = R",
            "neither source_profile nor credential_source",
        ),
        (
            "role_arn = R\nsource_profile = p\ncredential_source = Environment",
            "only one of them",
        ),
        ("role_arn = R\ncredential_source = Moon", "not Moon"),
        ("web_identity_token_file = /token", "without role_arn"),
        ("aws_access_key_id = AKIA", "missing: aws_secret_access_key"),
        ("aws_secret_access_key = s", "missing: aws_access_key_id"),
        ("aws_session_token = s", "missing: aws_access_key_id"),
        ("sso_session = s", "no section [sso-session s]"),
        (
            "sso_account_id = 1\nsso_region = us-east-1",
            "missing: sso_role_name, sso_start_url",
        ),
        (
            "sso_session = s\nsso_region = us-east-1\n[sso-session s]\nsso_region = us-east-1",
            "belong into the section [sso-session s]",
        ),
    ];
    for (lines, expected) in cases {
        let found = source_of(lines);
        let is_named = matches!(
            &found,
            Err(Unusable::Incomplete { name, words }) if name == "p" && words.contains(expected)
        );
        assert!(is_named, "{lines}: {found:?}");
    }
}

#[test]
fn a_profile_that_is_not_there_is_told_from_one_that_gives_nothing() {
    let config = "[profile a]\nrole_arn = A\nsource_profile = b\n[profile e]\nregion = us-east-1\n";
    let absent = |name: &str, by: Option<&str>| {
        Err(Unusable::Absent {
            name: name.into(),
            referenced_by: by.map(str::to_owned),
        })
    };
    assert_eq!(read_from(config, "x"), absent("x", None));
    assert_eq!(read_from(config, "a"), absent("b", Some("a")));
    assert_eq!(
        read_from(config, "e"),
        Err(Unusable::Empty { name: "e".into() })
    );
    let circle = "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = a\n";
    let words = "the source_profile lines lead in a circle: a → b → a".to_owned();
    assert_eq!(
        read_from(circle, "a"),
        Err(Unusable::Incomplete {
            name: "a".into(),
            words
        })
    );
    let broken = read_from("[profile a\n", "a");
    let place = |words: &str| words.contains("/home/.aws/config") && words.contains("line 1");
    assert!(
        matches!(&broken, Err(Unusable::Unreadable { words }) if place(words)),
        "{broken:?}"
    );
}
