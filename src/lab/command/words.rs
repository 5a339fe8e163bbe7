//! Words of a command line: flags, and what is none.

use super::Refused;

/// The flags of a command line with their values, and the words behind them.
pub(super) struct Words {
    flags: Vec<(String, String)>,
    pub(super) plain: Vec<String>,
}

impl Words {
    /// Reads `-name=value`, `-name value` and, for `switches`, `-name`. What
    /// stands alone as `-` is a word, and so is all that follows `--`.
    pub(super) fn read(typed: &[String], switches: &[&str]) -> Result<Self, Refused> {
        let mut words = Words {
            flags: Vec::new(),
            plain: Vec::new(),
        };
        let mut rest = typed.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                words.plain.extend(rest.cloned());
                break;
            }
            let Some(flag) = word
                .strip_prefix("--")
                .or_else(|| word.strip_prefix('-'))
                .filter(|flag| !flag.is_empty())
            else {
                words.plain.push(word.clone());
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None if switches.contains(&flag) => (flag, "true".to_owned()),
                None => {
                    let missing = || Refused::new(1, format!("flag needs an argument: -{flag}"));
                    (flag, rest.next().cloned().ok_or_else(missing)?)
                }
            };
            words.flags.push((name.to_owned(), value));
        }
        Ok(words)
    }

    /// The value of a flag: the last one counts.
    pub(super) fn flag(&self, name: &str) -> Option<&str> {
        let mut given = self.flags.iter().rev();
        let (_, value) = given.find(|(flag, _)| flag == name)?;
        Some(value)
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.flag(name) == Some("true")
    }

    /// Refuses a flag that the command does not know: what has no effect must
    /// not look as if it had.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refused> {
        match self
            .flags
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            Some((name, _)) => Err(Refused::new(
                2,
                format!("the lab's small client does not know the flag -{name}"),
            )),
            None => Ok(()),
        }
    }

    /// The only word.
    pub(super) fn one(&self, what: &str) -> Result<&str, Refused> {
        match self.plain.as_slice() {
            [word] => Ok(word),
            other => Err(Refused::new(
                1,
                format!("expected one {what}, got {} words", other.len()),
            )),
        }
    }
}
