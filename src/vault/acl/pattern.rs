//! Which paths a stanza's path stands for, and which stanza is more specific.

use std::cmp::{Ordering, Reverse};

/// The path of a stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This path alone.
    Exact,
    /// `*` at the end: everything that begins like this.
    Prefix,
    /// `+` for a part between slashes, and perhaps `*` at the end.
    Segments { is_open: bool },
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let is_open = text.ends_with('*');
        let kind = if text == "+" || text.starts_with("+/") || text.contains("/+") {
            // Vault does so at "/+a", too; there it matters for the priority only.
            Kind::Segments { is_open }
        } else if is_open {
            Kind::Prefix
        } else {
            Kind::Exact
        };
        Pattern {
            text: text.to_owned(),
            kind,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_exact(&self) -> bool {
        self.kind == Kind::Exact
    }

    pub(super) fn has_segments(&self) -> bool {
        matches!(self.kind, Kind::Segments { .. })
    }

    /// The path without the `*` that ends it.
    fn stem(&self) -> &str {
        match self.kind {
            Kind::Prefix | Kind::Segments { is_open: true } => {
                self.text.strip_suffix('*').unwrap_or(&self.text)
            }
            Kind::Exact | Kind::Segments { is_open: false } => &self.text,
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.kind, Kind::Prefix | Kind::Segments { is_open: true })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self.kind {
            Kind::Exact => path == self.text,
            Kind::Prefix => path.starts_with(self.stem()),
            Kind::Segments { is_open } => segments_match(self.stem(), is_open, path),
        }
    }

    /// What every path begins with that this stands for.
    pub(super) fn head(&self) -> &str {
        let plus = match self.kind {
            Kind::Segments { .. } => self.parts().position(|part| part == "+"),
            Kind::Exact | Kind::Prefix => None,
        };
        let stem = self.stem();
        match plus {
            None => stem,
            Some(0) => "",
            Some(place) => {
                let slash = stem.match_indices('/').nth(place - 1);
                slash.map_or("", |(at, _)| stem.split_at(at + 1).0)
            }
        }
    }

    /// Tells whether there is a path that begins with `prefix` and that this
    /// stands for.
    pub(super) fn reaches_below(&self, prefix: &str) -> bool {
        match self.kind {
            Kind::Exact => self.text.starts_with(prefix),
            Kind::Prefix => self.stem().starts_with(prefix) || prefix.starts_with(self.stem()),
            Kind::Segments { is_open } => {
                let parts: Vec<&str> = self.parts().collect();
                let mut wanted = prefix.split('/').enumerate().peekable();
                while let Some((place, wanted_part)) = wanted.next() {
                    let ends_open = is_open && place + 1 == parts.len();
                    let agrees = match parts.get(place) {
                        // A `*` before it stands for all of this.
                        None => is_open,
                        Some(&"+") => true,
                        Some(part) if ends_open && wanted_part.starts_with(part) => true,
                        Some(part) if wanted.peek().is_none() => part.starts_with(wanted_part),
                        Some(part) => *part == wanted_part,
                    };
                    if !agrees {
                        return false;
                    }
                }
                true
            }
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.stem().split('/')
    }

    /// Vault's order of the stanzas that are not exact: the greatest decides.
    ///
    /// Source: "Priority matching" in Vault's "Policies": the wildcard comes
    /// later, the path does not end in `*`, it has fewer `+`, it is longer, it is
    /// the greater text. Not said there: the first `+` counts even where it is
    /// none, as in `a+b/+`.
    fn priority(&self) -> (usize, Reverse<bool>, Reverse<usize>, usize, &str) {
        let stem = self.stem();
        let (first, pluses) = match self.kind {
            Kind::Segments { .. } => (
                stem.find('+').unwrap_or(stem.len()),
                self.parts().filter(|part| *part == "+").count(),
            ),
            Kind::Exact | Kind::Prefix => (stem.len(), 0),
        };
        (
            first,
            Reverse(self.is_open()),
            Reverse(pluses),
            stem.len(),
            stem,
        )
    }

    pub(super) fn compare_priority(&self, other: &Self) -> Ordering {
        self.priority().cmp(&other.priority())
    }
}

fn segments_match(stem: &str, is_open: bool, path: &str) -> bool {
    let mut parts = stem.split('/').peekable();
    let mut given = path.split('/');
    while let Some(part) = parts.next() {
        let Some(segment) = given.next() else {
            return false;
        };
        let is_last = parts.peek().is_none();
        let fits =
            part == "+" || segment == part || (is_open && is_last && segment.starts_with(part));
        if !fits {
            return false;
        }
        if is_open && is_last {
            return true;
        }
    }
    given.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_text_decides_last() {
        let order = |one, other| Pattern::new(one).compare_priority(&Pattern::new(other));
        assert_eq!(order("a/+/c/+", "a/+/+/d"), Ordering::Greater);
        assert_eq!(order("a/+/+/d", "a/+/c/+"), Ordering::Less);
    }
}
