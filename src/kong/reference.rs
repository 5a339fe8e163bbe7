//! The reference by which Kong names a secret: `{vault://HOST/PATH/FIELD}`.

use crate::settings::{KvVersion, Settings};

/// A secret, as Kong asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// Mount and path, as `vault kv get` takes them.
    pub full_path: String,
    /// Below the mount, without `data/`: Kong adds both itself.
    pub path: String,
    /// Kong wants one field, and that as a string.
    pub field: String,
    pub version: Option<u64>,
}

impl SecretName {
    /// A secret below the prefix of the settings, to show the form.
    pub fn example(settings: &Settings) -> Self {
        let prefix = settings.kv.prefix.trim_matches('/');
        let path = format!("{prefix}/db-password");
        let path = path.trim_start_matches('/').to_owned();
        SecretName {
            full_path: format!("{}/{path}", settings.provision.kv_mount),
            path,
            field: "value".to_owned(),
            version: None,
        }
    }

    /// The secret that a person names by `path`, as `vaultiam get` takes it.
    ///
    /// # Errors
    ///
    /// What Kong could not find it by, as half a sentence.
    pub fn of(
        settings: &Settings,
        path: &str,
        field: Option<&str>,
        version: Option<u64>,
    ) -> Result<Self, String> {
        let Some(field) = field else {
            return Err(format!(
                "names no field, and Kong reads one field of a secret; add it: {path}#value"
            ));
        };
        let mount = &settings.provision.kv_mount;
        // Behind --kv-mount, paths are relative to it.
        let below = match &settings.kv.mount {
            Some(_) => Some(path),
            None => path
                .strip_prefix(mount.as_str())
                .and_then(|rest| rest.strip_prefix('/')),
        };
        let Some(below) = below.filter(|below| !below.is_empty()) else {
            return Err(format!(
                "is not in the KV engine '{mount}' (kv.mount), the only one that this vault of Kong's reads"
            ));
        };
        let below = match settings.kv.version {
            Some(KvVersion::One) if version.is_some() => {
                return Err("asks for a version, and KV version 1 has none".to_owned());
            }
            Some(KvVersion::One) => below,
            Some(KvVersion::Two) | None => below.strip_prefix("data/").unwrap_or(below),
        };
        Ok(SecretName {
            full_path: format!("{mount}/{below}"),
            path: below.to_owned(),
            field: field.to_owned(),
            version,
        })
    }

    /// Tells whether the policy that setup makes lets it be read.
    pub fn is_below_prefix(&self, settings: &Settings) -> bool {
        let prefix = settings.kv.prefix.trim_matches('/');
        prefix.is_empty()
            || self
                .path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The reference to it in the vault that Kong knows as `host`: the prefix of
    /// an entity, or `hcv` for what `kong.conf` and the environment say.
    pub fn reference(&self, host: &str) -> String {
        let parts: Vec<String> = self
            .path
            .split('/')
            .chain([self.field.as_str()])
            .map(encoded)
            .collect();
        let version = self
            .version
            .map(|version| format!("#{version}"))
            .unwrap_or_default();
        format!("{{vault://{host}/{}{version}}}", parts.join("/"))
    }
}

/// A part of the path, with everything encoded that means something in a
/// reference.
///
/// Source: `parse_reference` in `kong/pdk/vault.lua`. It decodes a part twice,
/// the second time with `+` for a blank: so `%` and `+` are encoded twice.
fn encoded(part: &str) -> String {
    let mut text = String::new();
    for byte in part.bytes() {
        match byte {
            b'%' => text.push_str("%2525"),
            b'+' => text.push_str("%252B"),
            b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kong::entity::tests::settings;

    fn reference(file: &str, path: &str, field: Option<&str>) -> String {
        let name = SecretName::of(&settings(file), path, field, None);
        match name {
            Ok(name) => name.reference("my-vault"),
            Err(words) => words,
        }
    }

    #[test]
    fn paths_become_references() {
        let cases = [
            ("", "kv/kong/db-password", "value", "kong/db-password/value"),
            ("", "kv/data/kong/db", "user", "kong/db/user"),
            (
                "kv: { version: 1 }\n",
                "kv/data/kong/db",
                "user",
                "data/kong/db/user",
            ),
            ("kv: { mount: team/kv }\n", "team/kv/a", "b", "a/b"),
            ("", "kv/a b/c#d?e", "f/g", "a%20b/c%23d%3Fe/f%2Fg"),
            ("", "kv/100%/a+b;c", "x", "100%2525/a%252Bb%3Bc/x"),
            ("", "kv/ä", "ö", "%C3%A4/%C3%B6"),
            ("", "kv/a}b", "{c}", "a%7Db/%7Bc%7D"),
        ];
        for (file, path, field, expected) in cases {
            assert_eq!(
                reference(file, path, Some(field)),
                format!("{{vault://my-vault/{expected}}}"),
                "{path}"
            );
        }
    }

    #[test]
    fn what_kong_could_not_find_is_refused() {
        for (path, field, words) in [
            ("kv/a", None, "names no field"),
            ("kv2/a", Some("b"), "is not in the KV engine 'kv'"),
            ("kv", Some("b"), "is not in the KV engine 'kv'"),
        ] {
            let said = reference("", path, field);
            assert!(said.contains(words), "{path}: {said}");
        }
        let settings = settings("kv: { version: 1 }\n");
        let said = SecretName::of(&settings, "kv/a", Some("b"), Some(3));
        assert!(said.is_err_and(|words| words.contains("version 1 has none")));
    }

    #[test]
    fn a_version_stands_behind_the_field() {
        let name = SecretName::of(&settings(""), "kv/a", Some("b"), Some(3));
        let reference = name.map(|name| name.reference("hcv"));
        assert_eq!(reference.as_deref(), Ok("{vault://hcv/a/b#3}"));
    }

    #[test]
    fn the_example_lies_below_the_prefix() {
        for (file, expected) in [
            ("", "kong/db-password"),
            ("kv: { prefix: \"\" }\n", "db-password"),
            ("kv: { prefix: /team/edge/ }\n", "team/edge/db-password"),
        ] {
            let settings = settings(file);
            let example = SecretName::example(&settings);
            assert_eq!(example.path, expected);
            assert!(example.is_below_prefix(&settings));
        }
        let other = SecretName::of(&settings(""), "kv/kongs/a", Some("b"), None);
        assert_eq!(
            other.map(|name| name.is_below_prefix(&settings(""))),
            Ok(false)
        );
    }
}
