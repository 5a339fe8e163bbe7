//! Prose set to a width. Nothing that is to be copied passes through here.

/// Breaks a text into lines of at most `width` characters, at blanks. A word
/// that is longer has a line of its own.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The same behind something that stands in the first line and is `indent`
/// characters wide: what follows is set in below the text.
pub fn hanging(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(NARROWEST);
    wrapped(text, room).join(&format!("\n{:indent$}", ""))
}

/// Below this many characters a column of prose cannot be read.
const NARROWEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-word-of-more one", 7), ["a-word-of-more", "one"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
        let text = "one two three four five six seven";
        assert_eq!(
            hanging(text, 4, 26),
            "one two three four\n    five six seven"
        );
    }
}
