//! Words of a command line as `vault` takes them: flags, and what is none.

use super::Refused;

/// The flags of a command line with their values, and its other words.
pub(super) struct Words<'a> {
    flags: Vec<(&'a str, &'a str)>,
    pub(super) plain: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// Reads `-name=value` and `-name`. What stands alone as `-` is a word.
    pub(super) fn read(typed: &'a [String]) -> Self {
        let mut words = Words {
            flags: Vec::new(),
            plain: Vec::new(),
        };
        for word in typed {
            match word.strip_prefix('-').filter(|flag| !flag.is_empty()) {
                None => words.plain.push(word),
                Some(flag) => {
                    let flag = flag.trim_start_matches('-');
                    words.flags.push(flag.split_once('=').unwrap_or((flag, "")));
                }
            }
        }
        words
    }

    /// The value of a flag: the last one counts.
    pub(super) fn flag(&self, name: &str) -> Option<&'a str> {
        let mut given = self.flags.iter().rev();
        given
            .find(|(flag, _)| *flag == name)
            .map(|(_, value)| *value)
    }

    /// Refuses a flag that the command does not know: what has no effect must
    /// not look as if it had.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refused> {
        match self.flags.iter().find(|(name, _)| !known.contains(name)) {
            Some((name, _)) => Err(Refused::new(
                2,
                format!("the lab's small client does not know the flag -{name}"),
            )),
            None => Ok(()),
        }
    }
}
