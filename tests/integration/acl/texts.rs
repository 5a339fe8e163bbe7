//! Texts that Vault takes for a policy, and texts that it refuses.

use fastrand::Rng;
use vaultiam::vault::acl::{Held, Policy, capabilities};

use super::{Granted, words, write};

#[test]
fn what_vault_takes_is_read_as_vault_reads_it() {
    let paths = ["a", "b", "path", "aA", "A", "a/${x}", "${A}", "a/x"].map(str::to_owned);
    for text in TAKEN {
        let policy = Policy::parse("", "a", text);
        let policy = policy.unwrap_or_else(|malformed| panic!("{malformed}\n{text}"));
        let held = [Held::Known(policy)];
        let told = Granted::new(&[text.to_owned()]).capabilities(&paths);
        for (path, told) in paths.iter().zip(told) {
            let ours = words(&capabilities(&held, "", path));
            assert_eq!(ours, told, "{path}\n{text}");
        }
    }
}

#[test]
fn what_vault_refuses_is_refused() {
    for text in REFUSED {
        let (status, answer) = write("acl-refused", text);
        assert_eq!(status, 400, "{text}\n{answer}");
        let read = Policy::parse("", "a", text);
        let malformed = read.expect_err(text);
        let lines = text.split('\n').count();
        assert!(
            (1..=lines).contains(&malformed.place.line),
            "{malformed}\n{text}"
        );
    }
}

/// Each with a sign too few, too many or another.
#[test]
fn a_damaged_text_is_taken_or_refused_as_vault_does_it() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let paths = ["a", "b", "path"].map(str::to_owned);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..DAMAGED {
        let text = damaged(&mut random);
        let case = format!("seed {seed}\n{text}");
        let (status, answer) = write("acl-damaged", &text);
        match Policy::parse("", "a", &text) {
            Ok(policy) => {
                assert_eq!(status, 204, "{answer} {case}");
                let told = Granted::new(&[text]).capabilities(&paths);
                let held = [Held::Known(policy)];
                for (path, told) in paths.iter().zip(told) {
                    assert_eq!(words(&capabilities(&held, "", path)), told, "{path} {case}");
                }
                taken += 1;
            }
            Err(malformed) => {
                assert_eq!(status, 400, "{malformed} {case}");
                refused += 1;
            }
        }
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken * 20 >= DAMAGED && refused * 2 >= DAMAGED);
}

const DAMAGED: usize = 400;

const SIGNS: [char; 17] = [
    '{', '}', '[', ']', '"', ',', '=', ':', '+', '*', '#', '/', '.', ' ', '\n', 'a', '<',
];

/// One of the texts that Vault takes, damaged. A control group is not looked
/// into; and for some escapes Vault only drops the connection.
fn damaged(random: &mut Rng) -> String {
    loop {
        let text = random.choice(TAKEN).unwrap();
        if text.contains("control_group") || text.contains('\\') {
            continue;
        }
        let mut signs: Vec<char> = text.chars().collect();
        for _ in 0..random.usize(1..3) {
            let at = random.usize(0..signs.len());
            let sign = random.choice(SIGNS).unwrap();
            match random.u8(0..3) {
                0 => drop(signs.remove(at)),
                1 => signs.insert(at, sign),
                _ => signs[at] = sign,
            }
            if signs.is_empty() {
                signs.push(' ');
            }
        }
        return signs.into_iter().collect();
    }
}

const TAKEN: [&str; 166] = [
    "name =",
    r#"path "a" { comment = 1e:}"#,
    r#"{"path":{"a":{}}."#,
    r#"path "a" { policy = "deny" capabilities = ["bogus"] }"#,
    r#"path "a" { capabilities = ["read"] }"#,
    r#"path "a" { capabilities = ["deny","bogus"] }"#,
    r#"path "a" { policy = "read" }"#,
    r#"path "a" { policy = "" }"#,
    r#"path "a" { capabilities = ["read"] "capabilities" = ["list"] }"#,
    r#"path "a" { "capabilities" = ["list"] }"#,
    r#"path "a" { capabilities = ["recover"] }"#,
    r#"path "a" { capabilities = ["subscribe"] }"#,
    r#"path "a" { capabilities = ["patch","sudo"], }"#,
    r#"path "a" { capabilities = ["read",,"list",] }"#,
    r#"path "a" { capabilities = [] }"#,
    r#"path "a" { }"#,
    r#"path "a" {}, path "b" {}"#,
    r#"path a { capabilities = ["read"] }"#,
    r#"path { capabilities = ["read"] }"#,
    r#"path "a" "b" { capabilities = ["read"] }"#,
    r#"path = { capabilities = ["read"] }"#,
    r#"path "a/+/*" { capabilities = ["read"] }"#,
    r#"path "a*b" { capabilities = ["read"] }"#,
    r#"path "" { capabilities = ["read"] }"#,
    r#"path "/" { capabilities = ["read"] }"#,
    r#"name = "x""#,
    "name = 1",
    r#"path "a" { comment = "x" }"#,
    r#"path "a" { comment = ["x", {a=1}] }"#,
    r#"path "a" { allowed_parameters = { "x" = [] } }"#,
    r#"path "a" { allowed_parameters { "x" = [] } }"#,
    r#"path "a" { allowed_parameters = { "x" = ["y", 1, true, 1.5] } }"#,
    r#"path "a" { allowed_parameters = { x = { a = 1 } } }"#,
    r#"path "a" { required_parameters = ["x"] }"#,
    r#"path "a" { min_wrapping_ttl = "1h" }"#,
    r#"path "a" { min_wrapping_ttl = 5 }"#,
    r#"path "a" { min_wrapping_ttl = 1.5 }"#,
    r#"path "a" { min_wrapping_ttl = "" }"#,
    r#"path "a" { min_wrapping_ttl = "1d" }"#,
    r#"path "a" { min_wrapping_ttl = "-1h" }"#,
    r#"path "a" { min_wrapping_ttl = "2h" max_wrapping_ttl = "0" }"#,
    r#"path "a" { capabilities=["deny"] min_wrapping_ttl = "2h" max_wrapping_ttl = "1h" }"#,
    r#"path "a" { mfa_methods = ["x"] }"#,
    r#"path "a" { control_group = { factor "f" { identity { group_names = ["a"] approvals = 1 } } } }"#,
    r#"path "a" { subscribe_event_types = ["*"] }"#,
    r#"path "a" { capabilities=["subscribe"] subscribe_event_types = ["kv*"] }"#,
    r#"path "a/{{identity.entity.id}}" { capabilities = ["read"] }"#,
    r#"path "a/{{}}" { capabilities = ["read"] }"#,
    r#"path "a/{{foo}}" { capabilities = ["read"] }"#,
    r#"path "a/{{ identity.entity.id }}" { capabilities = ["read"] }"#,
    r#"path "a/${x}" { capabilities = ["read"] }"#,
    r#"path "a/${"x"}" { capabilities = ["read"] }"#,
    r#"path "a\u0041" { capabilities = ["read"] }"#,
    r#"path "a'b" { capabilities = ["read"] }"#,
    "// c",
    "# c",
    "/* c */",
    "path \"a\" { comment = <<EOF\nfoo\nEOF\n}",
    "path \"a\" { comment = <<-EOF\n  foo\n  EOF\n}",
    r#"path "a" { comment = 0x1F }"#,
    r#"path "a" { comment = 09 }"#,
    r#"path "a" { comment = 09.5 }"#,
    r#"path "a" { comment = 1e5 }"#,
    r#"path "a" { comment = 1e }"#,
    r#"path "a" { comment = -5 }"#,
    "{}",
    "{",
    r#"{"path":{"a":{"capabilities":["read"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}"#,
    r#"{"path":{"a":{"capabilities":["read"]}}} trailing"#,
    r#"{"path":{"a":{"capabilities":["read"],}}}"#,
    r#"{"path":[{"a":{"capabilities":["read"]}},{"b":{"capabilities":["read"]}}]}"#,
    r#"{"path":{"a":{"capabilities":["read"],"capabilities":["list"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]},"a":{"capabilities":["list"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read",true]}}}"#,
    r#"{"path":{"a":{"capabilities":[["read"]]}}}"#,
    r#"{"path":{"a":{"policy":null}}}"#,
    r#"{"path":{"a":{}}}"#,
    r#"{"path":{}}"#,
    r#"{"path":{"a":{"capabilities":["update"],"allowed_parameters":{"x":[]}}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}}, "name":"x"}"#,
    r#"# c {"path":{}}"#,
    r#"{"path":{"a":{"capabilities":["read"] "policy":"write"}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}}]"#,
    r#"{"path":{"a":{"min_wrapping_ttl":"1h"}}}"#,
    r#"{"path":{"":{"capabilities":["read"]}}}"#,
    r#"path "a" { capabilities = ["read"] } path "a" { capabilities = ["list"] }"#,
    r#"path "\x41" { capabilities = ["read"] }"#,
    r#"path "\101" { capabilities = ["read"] }"#,
    r#"path "ü" { capabilities = ["read"] }"#,
    r#"path "a" { capabilities = ["read", ] , comment = "x" , }"#,
    r#""path" "a" { capabilities = ["read"] }"#,
    "  \n",
    "path \"a\" { capabilities = [\"read\"] }\r\n# c\r\n",
    "path \"a\" {\r capabilities = [\"read\"] }",
    "path \"a\" { comment = \"${\n}\" }",
    r#"path "a${ \" }" {}"#,
    r#"path "${\u0041}" {}"#,
    "path \"a\tb\" {}",
    r#"{"path":{"a":}}"#,
    r#"{"path":{"a"}}"#,
    r#"{"path":{"a":{"capabilities":[}}}"#,
    r#"{"path" "a":{"capabilities":["read"]}}"#,
    r#"{"path":{"a":{"capabilities":["read"],"comment":}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]},"b":}}"#,
    r#"{"path":{"a":{"capabilities":"#,
    r#"{"path":{"a":"#,
    r#"{"path""#,
    r#"{"path":{"a":{"capabilities":[true,"read"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"],"comment":true}}}"#,
    r#"{"path":{"a":{"comment":"${\"x"}}}"#,
    r#"{"path":{"${\u0041}":{"capabilities":["read"]}}}"#,
    r#"{"path":{"a":{"comment":0}}}"#,
    r#"{"path":{"a":{"comment":.5}}}"#,
    r#"{"path":{"a":{"comment":1.}}}"#,
    r#"{"path":{"a":{"comment":-0.5e+3}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}},"path":{"b":{"capabilities":["read"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}},"path":[{"b":{"capabilities":["read"]}}]}"#,
    r#"{"path":[{"a":{"capabilities":["read"]}, "b":{"capabilities":["list"]}}]}"#,
    r#"{"path":[[{"a":{"capabilities":["read"]}}]]}"#,
    r#"{"path":{"a":{"b":{"capabilities":["read"]}}}}"#,
    r#"{"path":{"a":{"comment":{"x":{}}}}}"#,
    r#"{"path":{"a":{"capabilities":["read"],"comment":{"x":{}}}}}"#,
    r#"{"path":{"a":{"comment":"\ud83d\ude00"}}}"#,
    r#"{"path":{"a":{"comment":"a.b-c"}}}"#,
    "{}}",
    r#"{"path":{"a":{"capabilities":[]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}},}"#,
    r#"{"path":{"a":{"capabilities":{}}}}"#,
    r#"path "a" { capabilities = {} }"#,
    r#"path "a" { capabilities { } }"#,
    r#"path "a" { comment "x" { } }"#,
    r#"path "a" { required_parameters = [1, "x"] }"#,
    r#"path "a" { allowed_parameters "x" { } }"#,
    r#"path "a" { allowed_parameters "x" { y = [] } }"#,
    r#"path "a" { denied_parameters = { "*" = [] } }"#,
    r#"path "a" { denied_parameters = { "x" = [{a=1}] } }"#,
    r#"path "a" { comment = .5 }"#,
    r#"path "a" { comment = 08 }"#,
    r#"path "a" { comment = 0180.5 }"#,
    r#"path "a" { comment = 1comment "x" {} }"#,
    r#"path "a" { comment = "x"policy = "read" }"#,
    r#"path "a"{capabilities=["read"]}path "b"{capabilities=["read"]}"#,
    r#"path"a"{}"#,
    r#"path "a" { comment = true }"#,
    r#"path "a" { comment = {a=1 b=2, c=3,} }"#,
    r#"path "a" { comment = [[1] [2]] }"#,
    r#"path "a" { comment = [[1] 2] }"#,
    "path \"a\" { comment = <<EOF\nEOF\n}",
    "path \"a\" { policy = <<EOF\nEOF\n}",
    "path \"a\" { comment = <<EOF\nx\n EOF\n}",
    "path \"a\" { comment = [<<EOF\nx\nEOF\n, \"y\"] }",
    "path \"a\" { comment = <<EOF\r\nx\r\nEOF\r\n}",
    "path \"a\" { comment = \"a\rb\" }",
    r#"path "\ud83d" {}"#,
    r#"path "\U0001F600" {}"#,
    r#"path "a" { control_group = { foo = 1 factor "f" { identity { group_names=["x"] approvals=1 } } } }"#,
    r#"path "a" { control_group = { max_ttl = "5x" factor "f" { identity { group_names=["x"] approvals=1 } } } }"#,
    r#"{"path":{"a":{"capabilities":["read"],"control_group":{"factor":{"x":{"identity":{"approvals":1,"group_names":["a"]}}}}}}}"#,
    r#"path "a" { min_wrapping_ttl = "5" }"#,
    r#"path "a" { min_wrapping_ttl = "5.5h" }"#,
    r#"path "a" { min_wrapping_ttl = "1h30m10s5ms6us7ns" }"#,
    r#"path "a" { min_wrapping_ttl = "+1h" }"#,
    r#"path "a" { min_wrapping_ttl = 1.9 max_wrapping_ttl = 1 }"#,
    r#"path "a" { min_wrapping_ttl = "0" }"#,
    r#"path "a" { min_wrapping_ttl = ".5h" }"#,
];

const REFUSED: [&str; 152] = [
    r#"path "a" { policy = "bogus" capabilities = ["deny"] }"#,
    r#"path "a" { capabilities = "read" }"#,
    r#"path "a" { capabilities = [1] }"#,
    r#"path "a" { capabilities = [true] }"#,
    r#"path "a" { capabilities = ["raed"] }"#,
    r#"path "a" { capabilities = ["Read"] }"#,
    r#"path "a" { capabilities = ["bogus","deny"] }"#,
    r#"path "a" { policy = "list" }"#,
    r#"path "a" { policy = 1 }"#,
    r#"path "a" { policy = ["read"] }"#,
    r#"path "a" { capabilities = ["read"] capabilities = ["list"] }"#,
    r#"path "a" { Capabilities = ["list"] }"#,
    r#"PATH "a" { capabilities = ["list"] }"#,
    r#"path "a" { capabilities = ["scan"] }"#,
    r#"path "a" { capabilities = ["read" "list"] }"#,
    r#"path "a" { capabilities = [["read"]] }"#,
    r#"path "a" = { capabilities = ["read"] }"#,
    r#"path = { "a" = { capabilities = ["read"] } }"#,
    r#"path = { "a" { capabilities = ["read"] } }"#,
    r#"path = "a""#,
    r#"path = ["a"]"#,
    r#"path = [{ capabilities = ["read"] }]"#,
    r#"path "a+*" { capabilities = ["read"] }"#,
    r#"path "a/+*/b" { capabilities = ["read"] }"#,
    r#"name = ["x"]"#,
    r#"Name = "x""#,
    r#"name = "x" name = "y""#,
    r#"foo = "x""#,
    r#"comment = "x""#,
    r#"path "a" { foo = 1 }"#,
    r#"path "a" { allowed_parameters = { "x" = "y" } }"#,
    r#"path "a" { allowed_parameters = ["x"] }"#,
    r#"path "a" { allowed_parameters = "x" }"#,
    r#"path "a" { required_parameters = "x" }"#,
    r#"path "a" { required_parameters = { x = 1 } }"#,
    r#"path "a" { min_wrapping_ttl = "1x" }"#,
    r#"path "a" { min_wrapping_ttl = true }"#,
    r#"path "a" { min_wrapping_ttl = "2h" max_wrapping_ttl = "1h" }"#,
    r#"path "a" { min_wrapping_ttl = ["2h"] }"#,
    r#"path "a" { mfa_methods = "x" }"#,
    r#"path "a" { control_group { } }"#,
    r#"path "a" { control_group = "x" }"#,
    r#"path "a" { control_group = { max_ttl = "1h" } }"#,
    r#"path "a" { subscribe_event_types = "*" }"#,
    r#"path "a" { pagination_limit = 5 }"#,
    r#"path "a/{{identity.entity.id" { capabilities = ["read"] }"#,
    r#"path "a/}}" { capabilities = ["read"] }"#,
    r#"path "a\/b" { capabilities = ["read"] }"#,
    r#"path 'a' { capabilities = ["read"] }"#,
    r#"path "a" { capabilities = ["read"]"#,
    r#"path "a" { capabilities = ["read" }"#,
    r#"path "a" { capabilities ["read"] }"#,
    r#"path "a" { capabilities : ["read"] }"#,
    r#"path "a" { capabilities = [read] }"#,
    r#"path "a" { capabilities = read }"#,
    "/* c",
    "/ c",
    r#"path "a" /* x */ { # y"#,
    "<<EOF",
    "path \"a\" { policy = <<EOF\nread\nEOF\n}",
    r#"path "a" { comment = 0x }"#,
    r#"path "a" { comment = - }"#,
    r#"path "a" { comment = 1.2.3 }"#,
    r#"path "a" { capabilities = ["read"]; }"#,
    r#"path "a" {{ capabilities = ["read"] }}"#,
    "rules",
    "[]",
    r#"{"path":{"a":{"capabilities":"read"}}}"#,
    r#"{"path":{"a":{"capabilities":[["read"],"list"]}}}"#,
    r#"{"path":{"a":{"capabilities":null}}}"#,
    r#"{"path":"a"}"#,
    r#"{"path":["a"]}"#,
    r#"{"path":{"a":{"allowed_parameters":{"x":[]}}}}"#,
    r#"{"path":{"a":{"foo":1}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]},"b":"x"}}"#,
    r#"{"path":[{"a":{"capabilities":["read"]}},"x"]}"#,
    r#"{"path":{"a\/b":{"capabilities":["read"]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}}, "foo":"x"}"#,
    r#"{"path":{"a":{"capabilities":[null]}}}"#,
    r#"{"path":{"a":{"capabilities":["read"]}} // c"#,
    r#"{"path" {"a":{}}}"#,
    r#"{"path":{"a":[{"capabilities":["read"]},{"capabilities":["list"]}]}}"#,
    "{path:{}}",
    r#"{"path":{"a":{"capabilities":[01]}}}"#,
    r#"{"path":{"a":{"capabilities":[{"x":1}]}}}"#,
    r#"{"":1}"#,
    r#"path "a" { path "b" { capabilities = ["read"] } }"#,
    r#"path "\8" { capabilities = ["read"] }"#,
    r#"path "a"#,
    r#"b" { }"#,
    r#"pa.th-x "a" { }"#,
    r#", path "a" { }"#,
    r#"path "a" {, comment = 1 }"#,
    r#"path "a" { comment = 1,, policy = "read" }"#,
    r#"path = "a" path = "b""#,
    r#""a" "b" { }"#,
    r#"path "a" { "" = 1 }"#,
    "\u{feff}path \"a\" {}",
    "\u{0}",
    "\u{b}path \"a\" {}",
    "\u{a0}{}",
    r#"{"path":{"a":{"capabilities":["read""#,
    r#"{"path":{"a":{"comment":foo}}}"#,
    "{\"path\":{\"a\":{\"comment\":\"x\ny\"}}}",
    r#"{"path":{"a":{"comment":-01}}}"#,
    r#"{"path":[]}"#,
    r#"{"path":{"a":[]}}"#,
    r#"{,"path":{}}"#,
    r#"{"path":{"a":{"capabilities":["read"]},,"b":{}}}"#,
    r#"{"path":{"a":{"policy":"read","capabilities":{"x":1}}}}"#,
    r#"path "a" { capabilities = { x = 1 } }"#,
    r#"path "a" { capabilities "x" { } }"#,
    r#"path "a" { policy { } }"#,
    r#"path "a" { policy "x" { } }"#,
    r#"path "a" { allowed_parameters = { x = [] x = [] } }"#,
    r#"path "a" { comment = . }"#,
    r#"path "a" { comment = 018 }"#,
    r#"path "a" { comment = 0x1G }"#,
    r#"path "a" { comment = 1foo = 2 }"#,
    r#"true "a" {}"#,
    r#"path "a" { true = 1 }"#,
    r#"path "a" { comment = [{a=1} {b=2}] }"#,
    "path \"a\" { comment = <<EOF\nx\nEOF }",
    "path \"a\" { comment = <<EOF x\nx\nEOF\n}",
    "path \"a\" { comment = <EOF\nx\nEOF\n}",
    "path \"a\" { comment = <<-\nx\n\n}",
    "path <<EOF\na\nEOF\n {}",
    "path \"a\" { comment = <<EOF\nx\nEOF",
    r#"path "\x4" {}"#,
    r#"path "\'" {}"#,
    r#"path "a\"#,
    r#"path "a" { control_group "x" { factor "f" { identity { group_names=["x"] approvals=1 } } } }"#,
    r#"path "a" { control_group = [{ factor "f" { identity { group_names=["x"] approvals=1 } } }] }"#,
    r#"path "a" { min_wrapping_ttl = " 5m" }"#,
    r#"path "a" { min_wrapping_ttl = "5 m" }"#,
    r#"path "a" { min_wrapping_ttl = "1d2h" }"#,
    r#"path "a" { min_wrapping_ttl = "x" }"#,
    r#"path "a" { min_wrapping_ttl = "1w" }"#,
    r#"path "a" { min_wrapping_ttl = 1h }"#,
    r#"path "a" { min_wrapping_ttl = "1.d" }"#,
    r#"path "a" { min_wrapping_ttl = "5.5" }"#,
    r#"path "a" { min_wrapping_ttl = {} }"#,
    r#"path "a" { min_wrapping_ttl = [] }"#,
    r#"path "a" { min_wrapping_ttl = "99999999999h" }"#,
    r#"path "a" { min_wrapping_ttl = 0x10 max_wrapping_ttl = 15 }"#,
    r#"path "a" { min_wrapping_ttl = "1.9s" max_wrapping_ttl = 1 }"#,
    r#"path "a" { min_wrapping_ttl = "1d" max_wrapping_ttl = "23h" }"#,
    r#"path "a" { min_wrapping_ttl = "h" }"#,
    r#"path "a" { min_wrapping_ttl = "5M" }"#,
    r#"path "a" { min_wrapping_ttl = "-" }"#,
    r#"path "a" { min_wrapping_ttl = "µ" }"#,
    r#"path "a" { min_wrapping_ttl = "1.5.5h" }"#,
];
