//! The catalogue on the command line: a code, the list, and a bare command.

use vaultiam::diagnose::Code;

use crate::vaultiam::Vaultiam;

#[test]
fn the_list_has_a_line_for_each_code() {
    let ended = Vaultiam::bare().run(&["explain", "--list"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for code in Code::ALL {
        let line = ended
            .stdout
            .lines()
            .find(|line| line.starts_with(code.name()));
        let line = line.unwrap_or_else(|| panic!("{code} is not in the list"));
        assert!(line.ends_with(code.title()), "{line}");
        assert!(line.contains(code.severity().name()), "{line}");
    }
}

#[test]
fn the_catalogue_is_a_document_too() {
    let run = Vaultiam::bare();
    let list = run.run(&["explain", "--list", "-o", "json"]).json();
    assert_eq!(list["schema"], "vaultiam/v1/codes");
    assert_eq!(
        list["codes"].as_array().map(Vec::len),
        Some(Code::ALL.len())
    );
    let one = run.run(&["explain", "vlt607", "-o", "json"]).json();
    assert_eq!(one["schema"], "vaultiam/v1/code");
    assert_eq!(one["page"], Code::VLT607.page());
    for row in list["codes"].as_array().unwrap() {
        if row["code"] == one["code"] {
            for (key, value) in row.as_object().unwrap() {
                assert_eq!(&one[key], value, "{key}");
            }
        }
    }
}

#[test]
fn a_page_in_a_pipe_is_what_stands_in_the_project() {
    let ended = Vaultiam::bare().run(&["explain", "VLT607"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, Code::VLT607.page())
    );
}

#[test]
fn a_command_that_lacks_another_one_shows_which_there_are() {
    let run = Vaultiam::bare();
    for (words, shown) in [(&[][..], "  login "), (&["kong"], "  render ")] {
        let ended = run.run(words);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{words:?}");
        let help = run.run(&[words, &["-h"]].concat());
        assert_eq!(ended.stderr, help.stdout, "{words:?}");
        assert!(ended.stderr.contains(shown), "{}", ended.stderr);
        let quiet = run.run(&[&["-q"], words].concat());
        assert_eq!(quiet.stderr.lines().count(), 1, "{}", quiet.stderr);
        let document = run.run(&[&["-o", "json"], words].concat()).json();
        assert_eq!(document["findings"][0]["code"], "CFG906");
    }
}

/// A line that is not to be broken: something to type, or one long word.
#[cfg(unix)]
fn is_whole(line: &str) -> bool {
    let typed = line.trim_start();
    typed.starts_with("export ") || typed.starts_with("aws ") || !typed.contains(' ')
}

#[cfg(unix)]
#[test]
fn what_a_person_reads_is_set_to_the_terminal() {
    use crate::terminal::Terminal;
    let run = Vaultiam::bare()
        .env("AWS_REGION", "us-east-1")
        .env("NO_COLOR", "1");
    let file = run.home().join("trace.json");
    let file = file.to_str().unwrap();
    for words in [
        &["login", "--explain", "--record", file][..],
        &["explain", file, "-v"],
        &["explain", "VLT607"],
        &["explain", "--list"],
        &["login", "--nonsense"],
    ] {
        for columns in [80, 64] {
            let shown = Terminal::start_wide(&run, words, columns).end().stderr;
            assert!(shown.lines().count() > 1, "{words:?}: {shown}");
            for line in shown.lines() {
                let length = line.trim_end().chars().count();
                assert!(
                    length <= columns.into() || is_whole(line),
                    "{words:?} at {columns}: {line}\n{shown}"
                );
            }
        }
    }
}
