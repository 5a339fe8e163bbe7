//! Which checks are run.

use super::catalogue::{Category, Check};

/// The checks that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// In the order of the catalogue.
    checks: Vec<Check>,
    /// Those that were asked for by name, or by their category's.
    named: Vec<Check>,
}

impl Selection {
    /// `only` and `skip` hold ids and names of categories; without `only` it is
    /// all checks.
    ///
    /// # Errors
    ///
    /// The word that names no check, or that nothing is left.
    pub fn new(only: &[String], skip: &[String]) -> Result<Self, Unknown> {
        let named = of_words(only)?;
        let skipped = of_words(skip)?;
        let checks: Vec<Check> = Check::ALL
            .into_iter()
            .filter(|check| only.is_empty() || named.contains(check))
            .filter(|check| !skipped.contains(check))
            .collect();
        if checks.is_empty() {
            return Err(Unknown::NothingLeft);
        }
        Ok(Selection { checks, named })
    }

    /// The checks, in the order of the catalogue.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Tells whether the check was asked for by name.
    pub fn names(&self, check: Check) -> bool {
        self.named.contains(&check)
    }

    /// Tells whether it is every check.
    pub fn is_all(&self) -> bool {
        self.checks.len() == Check::ALL.len()
    }
}

/// What cannot be selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// No check and no category has this name; this one comes near.
    Word {
        word: String,
        near: Option<&'static str>,
    },
    NothingLeft,
}

fn of_words(words: &[String]) -> Result<Vec<Check>, Unknown> {
    let mut found = Vec::new();
    for word in words {
        let of_word = Check::ALL
            .into_iter()
            .filter(|check| check.id() == word || check.category().name() == word);
        let before = found.len();
        found.extend(of_word);
        if found.len() == before {
            return Err(Unknown::Word {
                word: word.clone(),
                near: nearest(word),
            });
        }
    }
    Ok(found)
}

fn nearest(word: &str) -> Option<&'static str> {
    let categories = Category::ALL.into_iter().map(Category::name);
    let names = Check::ALL.into_iter().map(Check::id).chain(categories);
    let word = word.to_ascii_lowercase();
    let scored = names.map(|name| (strsim::jaro_winkler(name, &word), name));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(only: &[&str], skip: &[&str]) -> Result<Vec<&'static str>, Unknown> {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let selection = Selection::new(&words(only), &words(skip))?;
        Ok(selection.checks().iter().map(|check| check.id()).collect())
    }

    #[test]
    fn ids_and_categories_select() {
        assert_eq!(
            selected(&["kv", "aws.trust"], &["kv.version"]),
            Ok(vec!["aws.trust", "kv.engine"])
        );
        let all = selected(&[], &[]).unwrap_or_default();
        assert_eq!(all.len(), Check::ALL.len());
        let without = selected(&[], &["sec"]).unwrap_or_default();
        assert!(without.iter().all(|id| !id.starts_with("sec.")) && without.len() < all.len());
    }

    #[test]
    fn what_selects_nothing_is_refused() {
        assert_eq!(
            selected(&["aws.trsut"], &[]),
            Err(Unknown::Word {
                word: "aws.trsut".to_owned(),
                near: Some("aws.trust")
            })
        );
        assert_eq!(
            selected(&[], &["nothing.like.it"])
                .map_err(|unknown| matches!(unknown, Unknown::Word { near: None, .. })),
            Err(true)
        );
        assert_eq!(selected(&["kv"], &["kv"]), Err(Unknown::NothingLeft));
    }
}
