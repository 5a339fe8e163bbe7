//! What is read of AWS's answers.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The first element of a name, with what is in it, as text.
pub(super) fn text(xml: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let mut found: Option<String> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.local_name().as_ref() == name.as_bytes() => {
                found = Some(String::new());
            }
            Event::Empty(start) if start.local_name().as_ref() == name.as_bytes() => {
                return Some(String::new());
            }
            Event::End(end) if end.local_name().as_ref() == name.as_bytes() => return found,
            Event::Text(text) => {
                if let Some(found) = &mut found {
                    found.push_str(&text.decode().ok()?);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(found) = &mut found {
                    let reference = reference.decode().ok()?;
                    let resolved = match reference.as_ref() {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        "apos" => "'",
                        _ => return None,
                    };
                    found.push_str(resolved);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Tells whether a text is a whole XML document with this root.
pub(super) fn is_document(xml: &str, root: &str) -> bool {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    let mut is_root = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if depth == 0 {
                    is_root = start.local_name().as_ref() == root.as_bytes();
                }
                depth += 1;
            }
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return is_root;
                }
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<A xmlns=\"x\"><B><Arn>a&amp;b</Arn></B><Empty/></A>\n";

    #[test]
    fn elements_and_documents_are_told() {
        assert_eq!(text(ANSWER, "Arn").as_deref(), Some("a&b"));
        assert_eq!(text(ANSWER, "Empty").as_deref(), Some(""));
        assert_eq!(text(ANSWER, "None"), None);
        assert!(is_document(ANSWER, "A"));
        for other in ["", "no XML", "<B></B>", "<A><B>", "<A>"] {
            assert!(!is_document(other, "A"), "{other}");
        }
    }
}
