//! Which stanza decides.

use super::*;

/// Policy, path, and what Vault 1.21.2 says that may be done there.
#[test]
fn the_most_specific_stanza_decides() {
    let cases = [
        // A path alone, a beginning, a part.
        ("a=read", "a", "read"),
        ("a=read", "a/b", "deny"),
        ("a=read", "A", "deny"),
        ("a*=read", "a/b", "read"),
        ("a/*=read", "a", "deny"),
        ("a/*=read", "a/", "read"),
        ("*=read", "a/b", "read"),
        ("a/+=read", "a/b", "read"),
        ("a/+=read", "a/b/c", "deny"),
        ("a/+=read", "a", "deny"),
        ("a/+=read", "a/", "read"),
        ("a/+/c=read", "a//c", "read"),
        ("+=read", "a", "read"),
        ("+=read", "a/b", "deny"),
        ("+/*=read", "a", "deny"),
        ("+/*=read", "a/b/c", "read"),
        ("+/b*=read", "a/bc/d", "read"),
        ("+/b*=read", "a/c", "deny"),
        ("+/b/*=read", "a/b", "deny"),
        // What looks like a wildcard.
        ("a*b=read", "axb", "deny"),
        ("a*b=read", "a*b", "read"),
        ("a/*/c=read", "a/b/c", "deny"),
        ("a**=read", "a*b", "read"),
        ("a**=read", "ab", "deny"),
        ("a/*=read a/**=update", "a/*", "update"),
        ("b+=read", "b+", "read"),
        ("b+=read", "bx", "deny"),
        ("a/b+=read", "a/bx", "deny"),
        ("a/+b=read", "a/+b", "read"),
        ("a/+b=read", "a/xb", "deny"),
        // A slash before it is none.
        ("/a=read", "a", "read"),
        ("/a=read", "/a", "read"),
        ("//a=read", "a", "deny"),
        // Exact before all others.
        ("a=update a*=read", "a", "update"),
        ("a=update *=read", "b", "read"),
        ("a/b=update a/+=read", "a/b", "update"),
        ("a= *=read", "a", "deny"),
        ("a/b=read +/b=deny a/*=deny", "a/b", "read"),
        // The wildcard comes later.
        ("a*=read ab*=update", "abc", "update"),
        ("a/+/c=read +/b/c=update", "a/b/c", "read"),
        ("a/+=read *=update", "a/b", "read"),
        ("a/b*=read a/+=update", "a/bc", "read"),
        ("a+b/+/c=read a+b*=update", "a+b/x/c", "update"),
        // It does not end in a star.
        ("a/+=read a/*=update", "a/x", "read"),
        ("a/+/c=read a/+/c*=update", "a/x/c", "read"),
        ("a/+b=read a/+b*=update", "a/+b", "read"),
        ("a/+b=read a/+b*=update", "a/+bc", "update"),
        // Fewer parts left open.
        ("a/+/+=read a/+/c=update", "a/x/c", "update"),
        ("a/+/+/dd=read a/+/c/+=update", "a/x/c/dd", "read"),
        ("a/+/*=read a/*=update", "a/x/y", "update"),
        ("a/+/b*=read a/*=update", "a/x/by", "update"),
        ("a/+/b/+/*=read a/+/b/*=update", "a/x/b/y/", "update"),
        // Longer.
        ("a/+/c*=read a/+/cc*=update", "a/x/ccd", "update"),
        // The greater text.
        ("a/+/c/+=read a/+/+/d=update", "a/x/c/d", "read"),
        // One path, several stanzas.
        ("a=read a=list a=read", "a", "list,read"),
        ("a=read,list a=deny a=update", "a", "deny"),
        ("a=deny a=read", "a", "deny"),
        ("a*=read a*=deny", "ab", "deny"),
        ("a/+=read a/+=update", "a/b", "read,update"),
        ("/a=read a=update", "a", "read,update"),
        ("a=read,deny", "a", "deny"),
    ];
    for (words, path, expected) in cases {
        let rights = capabilities(&held(words), "", path);
        assert_eq!(sorted(&rights), expected, "{words} at {path}");
        let asked = asked(path, Capability::Read);
        let allowed = decide(&held(words), asked).verdict == Verdict::Allowed;
        assert_eq!(allowed, expected.contains("read"), "{words} at {path}");
    }
}

/// A path that ends in a slash, when it is listed.
#[test]
fn a_list_looks_for_the_path_without_its_slash_first() {
    let cases = [
        ("a/b=list", "a/b/", "list"),
        ("a/b/=list", "a/b/", "list"),
        ("a/b/=list a/b=read", "a/b/", "list"),
        ("a/b=list", "a/b//", "deny"),
        ("a/*=list a/b=read", "a/b/", "read"),
        ("a/+=list", "a/b/", "list"),
        ("a/+=list", "a/b//", "deny"),
        ("a/b/*=list", "a/b/", "list"),
        // Without the slash comes first, whatever would match with it.
        ("a/b/*=read a/+=list", "a/b/", "list"),
        ("a/+/=list +/+=read", "a/b/", "read"),
        ("a/*=list a/b/*=read", "a/b/", "list"),
        ("a/b/*=deny +/b=list", "a/b/", "list"),
        ("+/b*=read +/+=list", "a/b/", "list"),
        // And the slash has no meaning where there is none.
        ("a/b/=list", "a/b", "deny"),
    ];
    for (words, path, expected) in cases {
        let rights = capabilities(&held(words), "", path);
        assert_eq!(sorted(&rights), expected, "{words} at {path}");
    }
    // A request that lists has the slash in any case; others look for what is asked.
    let cases = [
        ("a/b/=list,read", "a/b", Capability::List, true),
        ("a/b=list,read", "a/b", Capability::List, true),
        ("a/b=list,read", "a/b/", Capability::List, true),
        ("a/b/*=list,read", "a/b", Capability::List, true),
        ("a/b/=list,read", "a/b", Capability::Read, false),
        ("a/b=list,read", "a/b/", Capability::Read, false),
        ("a/b/*=list,read", "a/b", Capability::Read, false),
        ("a/+=list,read", "a/b/", Capability::Read, false),
    ];
    for (words, path, capability, expected) in cases {
        let verdict = decide(&held(words), asked(path, capability)).verdict;
        assert_eq!(
            verdict == Verdict::Allowed,
            expected,
            "{words} {capability} {path}"
        );
    }
}

fn sorted(rights: &Rights) -> String {
    let text = rights.to_string();
    let mut words: Vec<&str> = text.split(", ").collect();
    words.sort_unstable();
    words.join(",")
}
