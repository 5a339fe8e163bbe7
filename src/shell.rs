//! Commands for a person to paste: quoted in one place.

/// Puts words together as a POSIX shell reads them. A word `$NAME` stays a
/// variable; so secrets can stand as variables.
pub fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Quotes one word, if it needs it.
pub fn quote(word: &str) -> String {
    let is_variable = word.strip_prefix('$').is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    });
    if is_variable {
        return word.to_owned();
    }
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "_@%+=:,./-".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    // Control characters cannot stand in a line to copy.
    let printable: String = word
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    shlex::try_quote(&printable).map_or_else(|_| String::from("''"), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_expand_them() {
        let words = [
            "vault",
            "kv",
            "get",
            "-field=a b",
            "it's",
            "$(rm -rf)",
            "$VAULT_TOKEN",
            "*",
            "",
        ];
        let line = command(words);
        assert_eq!(
            line,
            r#"vault kv get '-field=a b' "it's" '$(rm -rf)' $VAULT_TOKEN '*' ''"#
        );
        assert_eq!(quote("a\u{1b}[31m"), "'a[31m'");
    }
}
