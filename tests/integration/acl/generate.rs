//! Policies and paths that often have to do with each other.

use fastrand::Rng;
use vaultiam::vault::acl::Capability;

/// Few words, so that stanzas meet; a `+` and a `*` that are none, too.
const PARTS: [&str; 8] = ["kv", "kv", "data", "data", "kong", "a", "a+b", "*a"];

pub(super) fn pick<'t>(random: &mut Rng, words: &[&'t str]) -> &'t str {
    random.choice(words).copied().unwrap()
}

/// A path of one to five parts; one in four ends in a slash.
pub(super) fn path(random: &mut Rng) -> String {
    let parts: Vec<&str> = (0..random.usize(1..6))
        .map(|_| pick(random, &PARTS))
        .collect();
    let slash = if random.u8(0..4) == 0 { "/" } else { "" };
    format!("{}{slash}", parts.join("/"))
}

/// One to three policies, in both languages, made from the paths.
pub(super) fn policies(random: &mut Rng, paths: &[String]) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..random.usize(1..4) {
        let mut stanzas = Vec::new();
        for _ in 0..random.usize(2..8) {
            let path = random.choice(paths).unwrap();
            stanzas.push((pattern(random, path), capabilities(random)));
        }
        // Two that differ little: the last rules of priority decide, too.
        let beside = stanzas.first().map(|(path, _)| path.clone());
        stanzas.extend(beside.map(|path| (pattern(random, &path), capabilities(random))));
        texts.push(match random.bool() {
            true => hcl(&stanzas),
            false => json(&stanzas),
        });
    }
    texts
}

/// A stanza's path that matches the path, or nearly.
fn pattern(random: &mut Rng, path: &str) -> String {
    let mut parts: Vec<&str> = path.trim_end_matches('*').split('/').collect();
    for part in &mut parts {
        match random.u8(0..12) {
            0..3 => *part = "+",
            3 => *part = pick(random, &PARTS),
            _ => {}
        }
    }
    if random.u8(0..3) == 0 {
        parts.truncate(random.usize(1..=parts.len()));
    }
    let mut path = parts.join("/");
    match random.u8(0..8) {
        0..3 => {
            // Vault takes no `+*`.
            let cut = path.trim_end_matches('+').len();
            path.truncate(cut.saturating_sub(usize::from(random.u8(0..3) == 0)));
            while path.ends_with('+') {
                path.pop();
            }
            path.push('*');
        }
        3 => path.push('/'),
        4 => path = path.trim_end_matches('/').to_owned(),
        5 => path.insert(0, '/'),
        _ => {}
    }
    path
}

/// Four to nine words; one in nine is `deny`.
fn capabilities(random: &mut Rng) -> Vec<&'static str> {
    let mut words: Vec<&str> = Capability::ALL.map(Capability::as_str).to_vec();
    random.shuffle(&mut words);
    words.truncate(random.usize(4..10));
    if random.u8(0..9) == 0 {
        words.push("deny");
    }
    words
}

fn hcl(stanzas: &[(String, Vec<&str>)]) -> String {
    let stanzas = stanzas
        .iter()
        .map(|(path, words)| format!("path \"{path}\" {{ capabilities = {words:?} }} # {path}\n"));
    stanzas.collect()
}

/// The same path may be there twice, which no map could hold.
fn json(stanzas: &[(String, Vec<&str>)]) -> String {
    let stanzas = stanzas
        .iter()
        .map(|(path, words)| format!("\"{path}\": {{\"capabilities\": {words:?}}}"));
    let stanzas: Vec<String> = stanzas.collect();
    format!("{{\"path\": {{\n{}\n}}}}", stanzas.join(",\n"))
}
