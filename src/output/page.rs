//! The catalogue as people read it: a page, the list of all codes.

use super::streams::Style;
use super::wrap::{hanging, wrapped};
use crate::diagnose::Code;

/// The page of a code. In a pipe it is the Markdown that it is written in; at a
/// terminal it is set to its width, and what is to be typed stands apart.
pub fn page(code: Code, style: Style) -> String {
    if !style.terminal {
        return code.page().to_owned();
    }
    let mut text = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut is_code = false;
    for line in code.page().lines() {
        if line.starts_with("```") {
            end(&mut paragraph, &mut text, style);
            is_code = !is_code;
        } else if is_code {
            text.push_str(&format!("    {line}\n"));
        } else if let Some(heading) = heading(line) {
            end(&mut paragraph, &mut text, style);
            for line in wrapped(heading, style.prose_width()) {
                text.push_str(&style.strong(&line));
                text.push('\n');
            }
        } else if line.is_empty() {
            end(&mut paragraph, &mut text, style);
            text.push('\n');
        } else {
            if line.starts_with("- ") {
                end(&mut paragraph, &mut text, style);
            }
            paragraph.push(line);
        }
    }
    end(&mut paragraph, &mut text, style);
    text
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("# ").or(line.strip_prefix("## "))
}

/// Sets what was gathered of a paragraph.
fn end(paragraph: &mut Vec<&str>, text: &mut String, style: Style) {
    let prose = std::mem::take(paragraph).join(" ");
    if prose.is_empty() {
        return;
    }
    let lines = wrapped(&prose, style.prose_width()).join("\n");
    if style.colour {
        text.push_str(&painted(&lines, style));
    } else {
        text.push_str(&lines);
    }
    text.push('\n');
}

/// Makes the marks of Markdown within a line visible: `code`, **strong**. A
/// span may go over the end of a line.
fn painted(text: &str, style: Style) -> String {
    let mut shown = String::with_capacity(text.len());
    let bold = text.replace("**", "`");
    for (index, part) in bold.split('`').enumerate() {
        if index % 2 == 0 {
            shown.push_str(part);
            continue;
        }
        let lines: Vec<String> = part.split('\n').map(|line| style.strong(line)).collect();
        shown.push_str(&lines.join("\n"));
    }
    shown
}

/// Every code, by family: one line each, with severity, side, exit codes and
/// title.
pub fn list(style: Style) -> String {
    let mut text = String::new();
    let mut family = "";
    for code in Code::ALL {
        let (name, about) = code.family();
        if name != family {
            if !family.is_empty() {
                text.push('\n');
            }
            text.push_str(&style.strong(&format!("{name}  {about}")));
            text.push('\n');
            family = name;
        }
        let row = code.row();
        let sides: Vec<&str> = row.sides.iter().map(|side| side.name()).collect();
        let codes: Vec<String> = row.exit.codes().iter().map(u8::to_string).collect();
        let columns = format!(
            "{code}  {:<7}  {:<13}  {:<5}  ",
            row.severity.name(),
            sides.join(","),
            codes.join("|")
        );
        let indent = columns.chars().count();
        let title = match style.terminal {
            true => hanging(code.title(), indent, style.prose_width()),
            false => code.title().to_owned(),
        };
        text.push_str(&format!("{columns}{title}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(columns: usize) -> Style {
        Style {
            colour: false,
            terminal: true,
            columns: Some(columns),
        }
    }

    #[test]
    fn a_page_in_a_pipe_is_markdown_and_at_a_terminal_set_to_its_width() {
        let pipe = Style {
            terminal: false,
            columns: None,
            ..terminal(80)
        };
        for code in Code::ALL {
            assert_eq!(page(*code, pipe), code.page());
            let shown = page(*code, terminal(80));
            assert!(!shown.contains("```"), "{code}\n{shown}");
            assert!(!shown.contains("\n#"), "{code}\n{shown}");
            for line in shown.lines().filter(|line| !line.starts_with("    ")) {
                let is_one_word = !line.trim().contains(' ');
                assert!(line.chars().count() <= 80 || is_one_word, "{code}: {line}");
            }
        }
        insta::assert_snapshot!(page(Code::VLT607, terminal(60)));
    }

    #[test]
    fn what_is_to_be_typed_is_neither_broken_nor_changed() {
        for code in Code::ALL {
            let shown = page(*code, terminal(40));
            let mut blocks = code.page().split("```");
            while let (Some(_), Some(block)) = (blocks.next(), blocks.next()) {
                for line in block.lines().skip(1) {
                    assert!(shown.contains(&format!("    {line}\n")), "{code}: {line}");
                }
            }
        }
    }

    #[test]
    fn marks_become_colour() {
        let style = Style {
            colour: true,
            ..terminal(80)
        };
        let strong = style.strong("x y");
        assert_eq!(painted("a `x y` b", style), format!("a {strong} b"));
        assert_eq!(painted("**x y** b", style), format!("{strong} b"));
        let shown = page(Code::VLT607, style);
        assert!(!shown.contains('`') && !shown.contains("**"), "{shown}");
    }
}
