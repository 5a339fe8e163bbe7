//! The path of a secret as a person writes it.

use std::fmt;

/// `kv/kong/db-password`, with `@3` for a version and `#field` for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPath {
    /// Without version and field, and without slashes at its ends.
    pub path: String,
    pub version: Option<u64>,
    pub field: Option<String>,
    text: String,
}

impl SecretPath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as half a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (rest, field) = match text.rsplit_once('#') {
            Some((rest, field)) if !field.is_empty() => (rest, Some(field.to_owned())),
            Some(_) => return Err("names no field behind its '#'".to_owned()),
            None => (text, None),
        };
        // An '@' can be part of a name, as in a mail address: only digits behind
        // it make a version.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, digits))
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                let number: u64 = digits
                    .parse()
                    .map_err(|_| format!("has a version that is too large: {digits}"))?;
                if number == 0 {
                    return Err("asks for version 0; versions begin with 1".to_owned());
                }
                (path, Some(number))
            }
            _ => (rest, None),
        };
        let path = path.trim_matches('/');
        if path.is_empty() {
            return Err("is empty".to_owned());
        }
        if path
            .split('/')
            .any(|part| part.is_empty() || part == "." || part == "..")
        {
            return Err("has an empty part, '.' or '..'".to_owned());
        }
        if path.chars().any(char::is_control) {
            return Err("holds a control character".to_owned());
        }
        Ok(SecretPath {
            path: path.to_owned(),
            version,
            field,
            text: text.to_owned(),
        })
    }

    /// Another path with the version and the field of this one, as a person writes
    /// it.
    pub fn with_path(&self, path: &str) -> String {
        let version = self.version.map(|version| format!("@{version}"));
        let field = self.field.as_ref().map(|field| format!("#{field}"));
        format!(
            "{path}{}{}",
            version.unwrap_or_default(),
            field.unwrap_or_default()
        )
    }

    /// The path where it begins at the mount: without the `v1/` of an API path.
    /// Below a mount that was named, `v1/` belongs to the secret's name.
    pub fn absolute(&self) -> &str {
        self.path.strip_prefix("v1/").unwrap_or(&self.path)
    }

    /// The first part: the mount, as long as nothing better is known.
    pub fn first_part(&self) -> &str {
        let path = self.absolute();
        path.split('/').next().unwrap_or(path)
    }

    /// What stands below `mount`, if the path lies in it.
    pub fn below<'a>(&'a self, mount: &str) -> Option<&'a str> {
        self.absolute()
            .strip_prefix(mount)?
            .strip_prefix('/')
            .filter(|rest| !rest.is_empty())
    }
}

impl fmt::Display for SecretPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_a_path() {
        let cases = [
            ("kv/kong/db", "kv/kong/db", None, None),
            ("/kv/kong/db/", "kv/kong/db", None, None),
            ("v1/kv/data/kong/db", "v1/kv/data/kong/db", None, None),
            ("kv/kong/db#password", "kv/kong/db", None, Some("password")),
            ("kv/kong/db@3", "kv/kong/db", Some(3), None),
            ("kv/kong/db@3#a.b", "kv/kong/db", Some(3), Some("a.b")),
            (
                "kv/users/bob@example.com",
                "kv/users/bob@example.com",
                None,
                None,
            ),
        ];
        for (text, path, version, field) in cases {
            let parsed =
                SecretPath::parse(text).map(|parsed| (parsed.path, parsed.version, parsed.field));
            assert_eq!(
                parsed,
                Ok((path.to_owned(), version, field.map(str::to_owned))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            "/",
            "kv//a",
            "kv/../sys",
            "kv/./a",
            "kv/a#",
            "#f",
            "kv/a@99999999999999999999",
            "kv/a@0",
            "kv/a\nb",
        ] {
            assert!(SecretPath::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_path_leaves_its_place(text in "\\PC{0,40}") {
            if let Ok(parsed) = SecretPath::parse(&text) {
                prop_assert!(!parsed.path.split('/').any(|part| part.is_empty() || part == ".."));
            }
        }
    }
}
