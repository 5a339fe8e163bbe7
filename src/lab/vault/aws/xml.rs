//! What is read of AWS's answers.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// The first element of a name, with what is in it, as text.
pub(super) fn text(xml: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.local_name().as_ref() == name.as_bytes() => {
                let text = reader.read_text(start.name()).ok()?;
                return Some(unescape(&text).ok()?.into_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_and_their_signs_read() {
        let answer = "<A xmlns=\"x\"><B><Arn>a&amp;b</Arn></B></A>\n";
        assert_eq!(text(answer, "Arn").as_deref(), Some("a&b"));
        for other in ["", "no XML", "<B></B>", "<Arn>a", "<A>"] {
            assert_eq!(text(other, "Arn"), None, "{other}");
        }
    }
}
