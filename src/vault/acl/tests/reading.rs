//! Texts.

use super::*;

#[test]
fn a_fault_is_found_where_it_is() {
    let cases = [
        (
            "path \"a\" { capabilities = [\"raed\"] }",
            "line 1, column 28 names 'raed', which is no capability",
        ),
        (
            "path \"a\" {\n  capabilities = \"read\"\n}",
            "line 2, column 18 has a text where a list must stand",
        ),
        (
            "path \"a\" {\n  capabilities = [\"read\" \"list\"]\n}",
            "line 2, column 26 has a text where ',' or ']' must stand",
        ),
        (
            "path \"a\" {\n  capabilites = [\"read\"]\n}",
            "line 2, column 3 has 'capabilites', which no stanza knows",
        ),
        (
            "path \"a\" {\n  policy = \"list\"\n}",
            "line 2, column 12 has the policy 'list', which is none of deny, read, write and sudo",
        ),
        (
            "path \"a\" {\n  capabilities = [\"read\"]\n",
            "line 3, column 1 has its end where a name must stand",
        ),
        (
            "path \"a\" = { }",
            "line 1, column 6 has a second name before '='; write '{' instead of '=' or leave it out",
        ),
        (
            "# ü\npath \"ü\", { }",
            "line 2, column 9 has ',' where '{' or '=' must follow 'path'",
        ),
        (
            "paths \"a\" { }",
            "line 1, column 1 has 'paths' where only 'path' and 'name' can stand",
        ),
        (
            "path \"a/+*\" { }",
            "line 1, column 6 has the path 'a/+*': nothing can follow '+' but the next '/'",
        ),
        (
            "path \"a/{{b}\" { }",
            "line 1, column 6 has the path 'a/{{b}' with an odd '{{' or '}}'",
        ),
        (
            "path \"a\n\" { }",
            "line 1, column 6 begins a text that does not end in its line",
        ),
        (
            "path \"a\" { capabilities = [read] }",
            "line 1, column 28 has the name 'read' where a value must stand; texts want quotation marks",
        ),
        (
            "path \"a\" { policy = \"read\" policy = \"read\" }",
            "line 1, column 28 sets 'policy' a second time",
        ),
        (
            "/* a",
            "line 1, column 1 begins a comment that does not end",
        ),
        (
            "path 'a' { }",
            "line 1, column 6 has '\\'' where no such sign can stand",
        ),
        (
            "path \"\\q\" { }",
            "line 1, column 7 has a backslash with nothing behind it that it could stand for",
        ),
        (
            "path \"a\" { min_wrapping_ttl = \"1x\" }",
            "line 1, column 31 has something that is no duration, as \"5m\" is one",
        ),
        (
            "path \"a\" { min_wrapping_ttl = 2\n max_wrapping_ttl = 1 }",
            "line 2, column 21 has a max_wrapping_ttl below min_wrapping_ttl",
        ),
        (
            "{\"path\": {\"a\": {\n\"capabilities\": [\"raed\"]}}}",
            "line 2, column 18 names 'raed', which is no capability",
        ),
        (
            "{\"path\": {\"a\": {\"capabilities\" [\"read\"]}}}",
            "line 1, column 32 has '[' where a name, and ':' behind it, must stand",
        ),
        (
            "{\"path\": {\"a\": # b\n",
            "line 1, column 16 has '#' where no such sign can stand",
        ),
    ];
    for (text, expected) in cases {
        let malformed = Policy::parse("", "a", text).expect_err(text);
        assert_eq!(malformed.to_string(), expected, "{text}");
    }
}

#[test]
fn the_old_form_is_read() {
    let cases = [
        ("deny", "deny"),
        ("read", "read, list"),
        ("write", "create, read, update, delete, list"),
        ("sudo", "create, read, update, delete, list, sudo"),
        ("", "nothing"),
    ];
    for (word, expected) in cases {
        let text = format!("path \"a\" {{ policy = \"{word}\" }}");
        let policy = Policy::parse("", "a", &text).expect(word);
        let rights: Vec<String> = policy
            .stanzas
            .iter()
            .map(|stanza| stanza.rights.to_string())
            .collect();
        assert_eq!(rights, [expected]);
    }
    let both = "path \"a\" { policy = \"read\" capabilities = [\"update\"] }";
    let policy = Policy::parse("", "a", both).expect(both);
    let rights: Vec<String> = policy
        .stanzas
        .iter()
        .map(|stanza| stanza.rights.to_string())
        .collect();
    assert_eq!(rights, ["read, update, list"]);
}

#[test]
fn what_vault_passes_over_is_passed_over() {
    let cases = [
        "path \"a\" {} name =",
        "path \"a\" { comment = 1e:}",
        "{\"path\": {\"a\": {}}.",
        "{\"path\": {\"a\": {}, \"b\": }}",
        "{\"path\": {\"a\": {\"capabilities\": [true]}}} rest",
    ];
    for text in cases {
        let policy = Policy::parse("", "a", text).expect(text);
        assert_eq!(policy.stanzas.len(), 1, "{text}");
    }
}

/// Vault does not read on, not even what would be wrong.
#[test]
fn a_deny_ends_its_stanza() {
    let text = "path \"a\" { capabilities = [\"read\", \"deny\", \"bogus\"] mfa_methods = [\"m\"]
        min_wrapping_ttl = \"2h\" max_wrapping_ttl = \"1h\" }";
    let policy = Policy::parse("", "a", text).expect(text);
    let read = policy
        .stanzas
        .first()
        .map(|stanza| (&stanza.rights, stanza.limits.len()));
    assert_eq!(read, Some((&Rights::Denied, 0)));
}

#[test]
fn lines_are_counted_through_comments_and_texts() {
    let text = "# one\r\n/* two\n three */ // three\npath \"a\" { comment = <<END\nfive\nEND\n}\npath \"b\" {}\n{";
    let cut = text.trim_end_matches('{');
    let policy = Policy::parse("", "a", cut).expect(cut);
    let places: Vec<Place> = policy.stanzas.iter().map(|stanza| stanza.place).collect();
    let place = |line| Place { line, column: 6 };
    assert_eq!(places, [place(4), place(8)]);
    let json = "{\n\"path\": {\n \"a\": {},\n \"b\": {\"policy\": \"read\"}}}";
    let policy = Policy::parse("", "a", json).expect(json);
    let lines: Vec<usize> = policy
        .stanzas
        .iter()
        .map(|stanza| stanza.place.line)
        .collect();
    assert_eq!(lines, [3, 4]);
}

/// Neither the stack nor the memory nor the time runs out.
#[test]
fn a_hostile_text_is_refused_in_time() {
    let many = 200_000;
    for deep in [
        "[",
        "{\"a\":",
        "a{",
        "[{a=",
        "a=[",
        "path \"a\" { comment = [",
        "{\"path\":[",
    ] {
        let text = deep.repeat(many);
        assert!(Policy::parse("", "a", &text).is_err(), "{deep}");
    }
    // JSON's reader passes over the opening of a list in a list.
    let text = format!("{{\"a\":{}", "[".repeat(many));
    assert!(Policy::parse("", "a", &text).is_err());
    // A long name that is repeated for everything in it.
    let inner = "\"b\":{},".repeat(many);
    let text = format!("{{\"path\":{{\"{}\":{{{inner}}}}}}}", "a".repeat(many));
    assert!(Policy::parse("", "a", &text).is_err());
    // A long path with many parts, asked for by one that nearly fits.
    let path = format!("kv{}", "/data".repeat(many));
    let held = held(&format!("{path}=read"));
    assert_eq!(
        decide(&held, asked("kv/data/a", Capability::Read)).verdict,
        Verdict::Denied
    );
    assert_eq!(
        decide(&held, asked(&path, Capability::Read)).verdict,
        Verdict::Allowed
    );
}
