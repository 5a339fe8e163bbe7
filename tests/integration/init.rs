//! `vaultiam init`: what it writes, and what it does not touch.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use ::vaultiam::settings::file::{FileValue, FileValues, parse};
use ::vaultiam::settings::{Id, Kind, TABLE};

use crate::vaultiam::{Ended, Vaultiam};

const OWN: &str = ".config/vaultiam/config.yaml";

/// What a file puts in force.
fn values(path: &Path) -> FileValues {
    parse(&std::fs::read_to_string(path).unwrap(), path).unwrap()
}

fn text(value: &str) -> FileValue {
    FileValue::Text(value.to_owned())
}

fn assert_done(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_users_own_file_is_written_for_its_owner_alone() {
    let run = Vaultiam::bare();
    let ended = run.run(&["init"]);
    assert_done(&ended);
    let own = run.home().join(OWN);
    assert_eq!(ended.stdout, format!("{}\n", own.display()));
    assert_eq!(
        ended.stderr,
        "hint: aws.account_id is not known: there are no AWS credentials here; --account-id sets it\n\
         next: vaultiam setup --plan\n"
    );
    assert_eq!(values(&own), FileValues::new());
    #[cfg(unix)]
    {
        assert_eq!(mode(&own), 0o600);
        assert_eq!(mode(&run.home().join(".config/vaultiam")), 0o700);
        assert_eq!(mode(&run.home().join(".config")), 0o700);
    }
    // A login takes it, and misses nothing but a region.
    let login = run.run(&["login", "-o", "json"]);
    let file = &login.json()["steps"][0]["facts"]["file"];
    assert_eq!(file.as_str(), own.to_str());
    assert_eq!(login.finding(), "AWS116");
}

#[test]
fn a_file_that_is_there_stays_without_force() {
    let run = Vaultiam::bare();
    // It is not even read: a broken one can be replaced.
    let own = run.file(OWN, "neither: [yaml\n");
    let message = format!(
        "{} is there already and is not replaced without --force",
        own.display()
    );
    let refused = run.run(&["init", "-q"]);
    assert_eq!(
        (refused.code, refused.stderr),
        (
            2,
            format!("error[CFG909]: an output file cannot be written; {message}\n")
        )
    );
    assert!(
        run.run(&["init"])
            .stderr
            .contains("  vaultiam init --force\n")
    );
    let document = run.run(&["init", "-o", "json"]);
    assert_eq!(document.json()["schema"], "vaultiam/v1/error");
    assert_eq!((document.finding().as_str(), document.code), ("CFG909", 2));
    assert_eq!(document.json()["findings"][0]["cause"], message);
    assert_eq!(document.stderr, "");
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "neither: [yaml\n");

    assert_done(&run.run(&["init", "--force", "--stack", "edge"]));
    assert_eq!(values(&own), FileValues::from([(Id::Stack, text("edge"))]));
    #[cfg(unix)]
    assert_eq!(mode(&own), 0o600);
}

#[test]
fn the_values_of_the_old_file_are_not_taken_over() {
    let run = Vaultiam::bare();
    let own = run.file(OWN, "stack: old\naws: { kong_role: Old }\n");
    assert_done(&run.run(&["init", "--force"]));
    assert_eq!(values(&own), FileValues::new());
    // Without one, --force writes all the same.
    let run = Vaultiam::bare();
    assert_done(&run.run(&["init", "--force"]));
    assert_eq!(values(&run.home().join(OWN)), FileValues::new());
}

#[test]
fn another_file_is_written_where_it_is_named() {
    let run = Vaultiam::bare();
    let ended = run.run(&["init", "--config", "new place/my.yaml"]);
    assert_done(&ended);
    assert_eq!(ended.stdout, "new place/my.yaml\n");
    let next = "next: vaultiam setup --plan --config 'new place/my.yaml'\n";
    assert!(ended.stderr.ends_with(next), "{}", ended.stderr);
    assert!(run.home().join("new place/my.yaml").is_file());
    let again = run.run(&["init", "--config", "new place/my.yaml"]).stderr;
    let remedy = "  vaultiam init --force --config 'new place/my.yaml'\n";
    assert!(again.contains(remedy), "{again}");

    let by_variable = Vaultiam::bare().env("VAULTIAM_CONFIG", "by-variable.yaml");
    let ended = by_variable.run(&["init"]);
    assert_eq!(ended.stdout, "by-variable.yaml\n");
    assert!(ended.stderr.ends_with("next: vaultiam setup --plan\n"));
    let both = by_variable.run(&["init", "--config", "by-flag.yaml"]);
    assert_eq!(both.stdout, "by-flag.yaml\n");
    let elsewhere = by_variable.home().join("xdg");
    let by_xdg = Vaultiam::bare().env("XDG_CONFIG_HOME", elsewhere.display().to_string());
    assert_done(&by_xdg.run(&["init"]));
    assert!(elsewhere.join("vaultiam/config.yaml").is_file());
}

#[test]
fn what_cannot_be_written_is_named() {
    let run = Vaultiam::bare();
    run.file("file", "");
    for path in ["file/below.yaml", "/proc/nowhere/f.yaml"] {
        let ended = run.run(&["init", "--config", path, "-o", "json"]);
        assert_eq!((ended.finding().as_str(), ended.code), ("CFG909", 2));
        let cause = ended.json()["findings"][0]["cause"].to_string();
        assert!(
            cause.contains(&format!("{path} cannot be written: ")),
            "{cause}"
        );
    }
    let ended = run.run(&["init", "--force", "--config", "."]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(run.home().is_dir());
}

#[test]
fn every_setting_with_a_flag_is_taken() {
    let run = Vaultiam::bare();
    let policy = run.file("policy.json", "{}");
    let mut words = vec!["init".to_owned(), "--no-input".to_owned()];
    let mut wanted = FileValues::new();
    for row in TABLE.iter().filter(|row| !row.key.is_empty()) {
        let Some(flag) = row.flag else { continue };
        let value = match (row.id, row.kind) {
            // Kong cannot send these, so a file with them is refused.
            (Id::ServerId | Id::ExternalId, _) => continue,
            (_, Kind::Flag) => {
                words.push(format!("--{flag}"));
                wanted.insert(row.id, text("true"));
                continue;
            }
            (Id::Region, _) => "eu-central-1".to_owned(),
            (Id::Address, _) => "https://vault.internal:8200".to_owned(),
            (Id::SessionPolicy, _) => policy.display().to_string(),
            (Id::CaCert | Id::CaPath | Id::ClientCert | Id::ClientKey, _) => "/a/on".to_owned(),
            (_, Kind::Choice(choices)) => choices.last().unwrap().to_string(),
            (_, Kind::Number) => "010".to_owned(),
            (_, Kind::Duration) => "1h30m".to_owned(),
            (_, Kind::Account) => "012345678901".to_owned(),
            _ => "yes".to_owned(),
        };
        words.push(format!("--{flag}={value}"));
        wanted.insert(row.id, text(&value));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = run.run(&words);
    assert_done(&ended);
    assert_eq!(values(&run.home().join(OWN)), wanted);
    assert!(ended.stderr.contains("SEC005"), "{}", ended.stderr);
}

#[test]
fn variables_are_put_in_force_and_the_document_says_so() {
    let run = Vaultiam::bare()
        .env("AWS_REGION", "eu-west-1")
        .env("VAULT_ADDR", "https://vault.internal:8200")
        .env("VAULT_CACERT", "ca.pem")
        .env("VAULT_SKIP_VERIFY", "1")
        .env("VAULTIAM_ACCOUNT_ID", "012345678901")
        // Read by other commands, and nothing that a file can hold.
        .env("VAULT_PROXY_ADDR", "http://u:canary-password@proxy:1");
    let ended = run.run(&["init", "--account-id", "123456789012", "-o", "json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let own = run.home().join(OWN);
    let document = ended.json();
    assert_eq!(document["file"].as_str(), own.to_str());
    let ca_cert = std::fs::canonicalize(run.home()).unwrap().join("ca.pem");
    let ca_cert = ca_cert.to_str().unwrap();
    assert_eq!(
        document["settings"],
        serde_json::json!({
            "aws.region": { "value": "eu-west-1", "origin": "AWS_REGION" },
            "aws.account_id": { "value": "123456789012", "origin": "--account-id" },
            "vault.address": { "value": "https://vault.internal:8200", "origin": "VAULT_ADDR" },
            "vault.ca_cert": { "value": ca_cert, "origin": "VAULT_CACERT" },
        })
    );
    assert_eq!(
        values(&own),
        FileValues::from([
            (Id::Region, text("eu-west-1")),
            (Id::AccountId, text("123456789012")),
            (Id::Address, text("https://vault.internal:8200")),
            (Id::CaCert, text(ca_cert)),
        ])
    );
    // What the shell switched off for now is switched off for good by a flag only.
    let ended = run.run(&["init", "--force", "--skip-verify", "-o", "json"]);
    assert!(
        ended.stderr.starts_with("warning: SEC005"),
        "{}",
        ended.stderr
    );
    assert_eq!(values(&own).get(&Id::SkipVerify), Some(&text("true")));
}

#[test]
fn what_would_be_wrong_in_the_file_is_refused() {
    let no_user = "is no address of a Vault: it must hold no user, query or fragment; an address looks like https://vault.example.com:8200";
    let cases: [(&[&str], String); 5] = [
        (
            &["--region", "nowhere"],
            "CFG903 --region: must have the form of an AWS region (us-east-1), not 'nowhere'".into(),
        ),
        (
            &["--address", "https://u:canary-password@vault:8200"],
            format!("CFG903 --address: {no_user}"),
        ),
        (
            &["--address", "https://:canary-password@vault:8200"],
            format!("CFG903 --address: {no_user}"),
        ),
        (
            &["--account-id", "12"],
            "CFG903 --account-id: must be the 12 digits of an AWS account id, not '12'".into(),
        ),
        (
            &["--server-id", "vault.internal"],
            "CFG905 vault.server_id: Kong cannot send a server id; remove it, or set kong.enabled: false if Kong does not use this login".into(),
        ),
    ];
    for (flags, message) in cases {
        let run = Vaultiam::bare();
        let ended = run.run(&[&["init", "-o", "json"], flags].concat());
        let document = ended.json();
        let finding = &document["findings"][0];
        let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(format!("{} {}", word("code"), word("cause")), message);
        assert_eq!((ended.code, ended.stderr.as_str()), (2, ""));
        assert!(!ended.stdout.contains("canary"), "{}", ended.stdout);
        assert!(!run.home().join(OWN).exists());
    }
    let by_variable = Vaultiam::bare().env("VAULT_ADDR", "https://u:canary-password@vault:8200");
    let ended = by_variable.run(&["init"]);
    assert!(
        ended.stderr.contains("VAULT_ADDR: is no address"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
}

#[test]
fn no_secret_of_the_environment_is_written_or_shown() {
    let run = Vaultiam::bare()
        .env("VAULT_TOKEN", "hvs.canary-token")
        .env("AWS_ACCESS_KEY_ID", "ASIAQQQQQQQQCANARYID")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "canary/secret/key/of/forty/characters/xx",
        )
        .env("AWS_SESSION_TOKEN", "canary-session-token")
        .env("AWS_MAX_ATTEMPTS", "1")
        // Nobody listens there.
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        .env("AWS_REGION", "us-east-1");
    let ended = run.run(&["init", "-v"]);
    // That STS does not answer is no reason to write nothing.
    assert_done(&ended);
    let hint = "hint: aws.account_id is not known: STS was asked: ";
    assert!(ended.stderr.starts_with(hint), "{}", ended.stderr);
    let written = std::fs::read_to_string(run.home().join(OWN)).unwrap();
    for text in [&ended.stdout, &ended.stderr, &written] {
        assert!(!text.to_lowercase().contains("canary"), "{text}");
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let run = Vaultiam::bare();
    let mut child = run
        .command(&["init"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Were it read, the run would wait for its end.
    let _input = child.stdin.take();
    let ended = crate::vaultiam::ended(child);
    assert_done(&ended);
    assert!(!ended.stderr.contains('['), "{}", ended.stderr);
}

/// A metadata service that takes requests and never answers.
fn mute_metadata(listener: &TcpListener) -> Vaultiam {
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    Vaultiam::bare()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
}

#[test]
fn metadata_that_never_answers_costs_a_few_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let run = mute_metadata(&listener);
    let begun = Instant::now();
    let ended = run.run(&["init", "-o", "json"]);
    assert_done(&ended);
    assert_eq!(ended.json()["settings"], serde_json::json!({}));
    assert!(begun.elapsed() < Duration::from_secs(10), "{begun:?}");
    // Nobody asks for what was given.
    drop(listener.accept().unwrap());
    listener.set_nonblocking(true).unwrap();
    while listener.accept().is_ok() {}
    let given = ["--region", "eu-west-1", "--account-id", "123456789012"];
    assert_done(&run.run(&[&["init", "--force"], given.as_slice()].concat()));
    assert!(listener.accept().is_err());
    // Nor where metadata is switched off.
    let off = run.env("AWS_EC2_METADATA_DISABLED", "true");
    assert_done(&off.run(&["init", "--force"]));
    assert!(listener.accept().is_err());
}

#[cfg(unix)]
#[test]
fn an_interrupted_search_leaves_a_document_and_no_file() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let run = mute_metadata(&listener);
    let child = run.spawn(&["init", "-o", "json"]);
    let _connection = listener.accept().unwrap();
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());
    let ended = crate::vaultiam::ended(child);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert_eq!(
        ended.json(),
        serde_json::json!({
            "schema": "vaultiam/v1/initialised",
            "exit_code": 130,
            "file": null,
            "settings": {},
        })
    );
    assert!(!run.home().join(".config").exists());
}

#[cfg(unix)]
mod at_a_terminal {
    use std::process::Command;

    use super::*;
    use crate::terminal::Terminal;

    const TOPOLOGY: &str = "or KongRole itself (article, separate, direct) [article]: ";
    const ADDRESS: &str = "Address of Vault [https://127.0.0.1:8200]: ";

    #[test]
    fn what_was_not_given_is_asked_for() {
        let run = Vaultiam::bare().env("AWS_REGION", "eu-west-1");
        let mut terminal = Terminal::start(&run, &["init", "--stack", "edge"]);
        terminal.expect(TOPOLOGY);
        terminal.say("both");
        terminal.expect("must be one of article, separate, direct, not 'both'");
        terminal.expect(TOPOLOGY);
        terminal.say("  separate  ");
        terminal.expect("AWS region [eu-west-1]: ");
        terminal.say("");
        terminal.expect("AWS account of the roles: ");
        terminal.say("12");
        terminal.expect("must be the 12 digits of an AWS account id, not '12'");
        terminal.expect("AWS account of the roles: ");
        terminal.say("012345678901");
        terminal.expect(ADDRESS);
        terminal.say("vault");
        terminal.expect("is no address of a Vault: ");
        terminal.expect(ADDRESS);
        terminal.say("https://u:canary@vault");
        terminal.expect("it must hold no user");
        terminal.expect(ADDRESS);
        terminal.say("https://vault.internal:8200");
        let ended = terminal.end();
        assert_done(&ended);
        let own = run.home().join(OWN);
        assert_eq!(ended.stdout, format!("{}\n", own.display()));
        assert_eq!(
            values(&own),
            FileValues::from([
                (Id::Stack, text("edge")),
                (Id::Topology, text("separate")),
                (Id::Region, text("eu-west-1")),
                (Id::AccountId, text("012345678901")),
                (Id::Address, text("https://vault.internal:8200")),
            ])
        );
    }

    #[test]
    fn a_flag_needs_no_question_and_an_empty_line_leaves_the_default() {
        let run = Vaultiam::bare();
        let flags = [
            "init",
            "--region",
            "eu-west-1",
            "--account-id",
            "123456789012",
        ];
        let mut terminal = Terminal::start(&run, &flags);
        terminal.expect(TOPOLOGY);
        terminal.say("");
        terminal.expect(ADDRESS);
        terminal.say("");
        let ended = terminal.end();
        assert_done(&ended);
        assert!(!ended.stderr.contains("AWS region"), "{}", ended.stderr);
        assert_eq!(
            values(&run.home().join(OWN)),
            FileValues::from([
                (Id::Region, text("eu-west-1")),
                (Id::AccountId, text("123456789012")),
            ])
        );
    }

    #[test]
    fn nobody_is_asked_who_does_not_want_to_be() {
        for flags in [["--no-input", "-q"], ["-o", "json"]] {
            let run = Vaultiam::bare();
            let terminal = Terminal::start(&run, &[&["init"], flags.as_slice()].concat());
            let ended = terminal.end();
            assert_done(&ended);
            assert!(!ended.stderr.contains(':'), "{}", ended.stderr);
            assert!(run.home().join(OWN).exists());
        }
        let run = Vaultiam::bare();
        run.file(OWN, "");
        let ended = Terminal::start(&run, &["init"]).end();
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(!ended.stderr.contains("article"), "{}", ended.stderr);
    }

    #[test]
    fn the_end_of_the_input_ends_it_and_nothing_is_written() {
        let run = Vaultiam::bare();
        let mut terminal = Terminal::start(&run, &["init"]);
        terminal.expect(TOPOLOGY);
        terminal.say("direct");
        terminal.expect("AWS region: ");
        terminal.press("\u{4}");
        let ended = terminal.end();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (1, ""),
            "{}",
            ended.stderr
        );
        let said = "AWS region: \r\nerror: the input ended; nothing was written\r\n";
        assert!(ended.stderr.ends_with(said), "{}", ended.stderr);
        assert!(!run.home().join(".config").exists());
    }

    #[test]
    fn an_interrupt_ends_a_question_at_once_and_nothing_is_written() {
        for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
            let run = Vaultiam::bare();
            let mut terminal = Terminal::start(&run, &["init"]);
            terminal.expect(TOPOLOGY);
            let mut kill = Command::new("kill");
            assert!(
                kill.args([signal, &terminal.pid()])
                    .status()
                    .unwrap()
                    .success()
            );
            let ended = terminal.end();
            assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
            let said = "[article]: \r\ninterrupted\r\n";
            assert!(ended.stderr.ends_with(said), "{}", ended.stderr);
            assert!(!run.home().join(".config").exists());
        }
    }

    #[test]
    fn a_file_that_came_while_somebody_was_asked_stays() {
        let run = Vaultiam::bare();
        let mut terminal = Terminal::start(&run, &["init", "--region", "eu-west-1"]);
        terminal.expect(TOPOLOGY);
        let own = run.file(OWN, "stack: mine\n");
        terminal.say("");
        terminal.expect("AWS account of the roles: ");
        terminal.say("");
        terminal.expect(ADDRESS);
        terminal.say("");
        let ended = terminal.end();
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("is there already"),
            "{}",
            ended.stderr
        );
        assert_eq!(std::fs::read_to_string(own).unwrap(), "stack: mine\n");
    }
}
