//! Flags as parameters of the Query API: `--role-name X` is `RoleName=X`.

use crate::lab::command::Refused;

/// How an answer is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Json,
    Text,
}

/// What stood on the command line.
pub(super) struct Given {
    pub(super) parameters: Vec<(String, String)>,
    pub(super) query: Option<String>,
    pub(super) output: Output,
}

/// Parameters that are lists of texts.
const LISTS: [&str; 5] = [
    "tag-keys",
    "action-names",
    "resource-arns",
    "policy-input-list",
    "permissions-boundary-policy-input-list",
];

/// Reads the flags behind service and command.
pub(super) fn read(typed: &[String]) -> Result<Given, Refused> {
    let mut given = Given {
        parameters: Vec::new(),
        query: None,
        output: Output::Json,
    };
    let mut words = typed.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) else {
            return Err(Refused::new(252, format!("Unknown options: {word}")));
        };
        let mut values = Vec::new();
        while let Some(value) = words.next_if(|word| !word.starts_with("--")) {
            values.push(loaded(value)?);
        }
        match (flag, values.as_slice()) {
            ("query", [path]) => given.query = Some(path.clone()),
            ("output", [form]) if form == "json" => given.output = Output::Json,
            ("output", [form]) if form == "text" => given.output = Output::Text,
            ("region", [_]) | ("no-cli-pager", []) => {}
            (_, []) => {
                return Err(Refused::new(
                    252,
                    format!("argument --{flag}: expected one argument"),
                ));
            }
            ("tags", tags) => {
                for (number, tag) in tags.iter().enumerate() {
                    for (name, value) in shorthand(tag)? {
                        let key = format!("Tags.member.{}.{name}", number + 1);
                        given.parameters.push((key, value));
                    }
                }
            }
            ("iam-instance-profile", [profile]) => {
                for (name, value) in shorthand(profile)? {
                    given
                        .parameters
                        .push((format!("IamInstanceProfile.{name}"), value));
                }
            }
            (flag, values) if LISTS.contains(&flag) => {
                for (number, value) in values.iter().enumerate() {
                    let key = format!("{}.member.{}", camel(flag), number + 1);
                    given.parameters.push((key, value.clone()));
                }
            }
            (flag, [value]) => given.parameters.push((camel(flag), value.clone())),
            (_, [_, second, ..]) => {
                return Err(Refused::new(252, format!("Unknown options: {second}")));
            }
        }
    }
    Ok(given)
}

/// A value, or the text of the file that it names.
fn loaded(value: &str) -> Result<String, Refused> {
    match value.strip_prefix("file://") {
        None => Ok(value.to_owned()),
        Some(name) => std::fs::read_to_string(name).map_err(|error| {
            Refused::new(252, format!("Unable to load paramfile {value}: {error}"))
        }),
    }
}

/// `Key=a,Value=b`: a mapping as it is typed.
fn shorthand(text: &str) -> Result<Vec<(String, String)>, Refused> {
    text.split(',')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(Refused::new(
                252,
                format!("Error parsing parameter: Expected: '=', received: {text:?}"),
            )),
        })
        .collect()
}

/// `role-name` is `RoleName`.
pub(super) fn camel(name: &str) -> String {
    name.split('-')
        .map(|part| {
            let mut characters = part.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(characters).collect::<String>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(typed: &[&str]) -> Result<Vec<(String, String)>, u8> {
        let typed: Vec<String> = typed.iter().map(|word| (*word).to_owned()).collect();
        match read(&typed) {
            Ok(given) => Ok(given.parameters),
            Err(refused) => Err(refused.code),
        }
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn flags_become_parameters() {
        let typed = [
            "--role-name",
            "KongRole",
            "--tags",
            "Key=a,Value=b",
            "Key=c,Value=",
            "--tag-keys",
            "x",
            "y",
            "--output",
            "text",
        ];
        assert_eq!(
            read_words(&typed),
            Ok(vec![
                pair("RoleName", "KongRole"),
                pair("Tags.member.1.Key", "a"),
                pair("Tags.member.1.Value", "b"),
                pair("Tags.member.2.Key", "c"),
                pair("Tags.member.2.Value", ""),
                pair("TagKeys.member.1", "x"),
                pair("TagKeys.member.2", "y"),
            ])
        );
    }

    #[test]
    fn what_is_no_flag_is_refused() {
        for typed in [&["role"][..], &["--role-name"], &["--role-name", "a", "b"]] {
            assert_eq!(read_words(typed), Err(252), "{typed:?}");
        }
    }
}
