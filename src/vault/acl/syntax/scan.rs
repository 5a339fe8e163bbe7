//! Words and signs.

use std::iter::Peekable;
use std::str::Chars;

use super::{Malformed, Place};

/// What the text is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word: the name of an attribute.
    Name(String),
    Text(String),
    /// A text of several lines, which is no name.
    Lines(String),
    Number(String),
    Bool,
    /// JSON's `null`, which Vault takes for an empty text.
    Null,
    Sign(char),
    End,
}

/// Whose words and signs they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Hcl,
    Json,
}

pub(super) struct Scanner<'t> {
    rest: Peekable<Chars<'t>>,
    here: Place,
    language: Language,
}

impl<'t> Scanner<'t> {
    pub(super) fn hcl(text: &'t str) -> Self {
        Self::new(text, Language::Hcl)
    }

    pub(super) fn json(text: &'t str) -> Self {
        Self::new(text, Language::Json)
    }

    fn new(text: &'t str, language: Language) -> Self {
        Scanner {
            rest: text.chars().peekable(),
            here: Place { line: 1, column: 1 },
            language,
        }
    }

    /// The next word or sign, and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, Place), Malformed> {
        loop {
            self.take_while(|character| matches!(character, ' ' | '\t' | '\n' | '\r'));
            let place = self.here;
            let Some(character) = self.bump()? else {
                return Ok((Token::End, place));
            };
            let is_hcl = self.language == Language::Hcl;
            let token = match character {
                '#' | '/' if is_hcl => {
                    self.comment(character, place)?;
                    continue;
                }
                '<' if is_hcl => Token::Lines(self.heredoc(place)?),
                '"' => Token::Text(self.text(place)?),
                '-' if self.rest.peek().is_some_and(char::is_ascii_digit) => {
                    let digit = self.bump()?.unwrap_or('0');
                    Token::Number(format!("-{}", self.number(digit, place)?))
                }
                digit if digit.is_ascii_digit() => Token::Number(self.number(digit, place)?),
                '.' if self.rest.peek().is_some_and(char::is_ascii_digit) => {
                    Token::Number(self.number('.', place)?)
                }
                letter if is_letter(letter) => self.word(letter, place)?,
                '{' | '}' | '[' | ']' | ',' | '.' => Token::Sign(character),
                '=' if is_hcl => Token::Sign(character),
                ':' if !is_hcl => Token::Sign(character),
                other => {
                    let what = format!(
                        "has '{}' where no such sign can stand",
                        other.escape_debug()
                    );
                    return Err(Malformed::new(place, what));
                }
            };
            return Ok((token, place));
        }
    }

    fn word(&mut self, first: char, place: Place) -> Result<Token, Malformed> {
        let is_hcl = self.language == Language::Hcl;
        let mut word = String::from(first);
        word.push_str(&self.take_while(|character| {
            is_letter(character)
                || character.is_numeric()
                || character == '-'
                || (character == '.' && is_hcl)
        }));
        match word.as_str() {
            "true" | "false" => Ok(Token::Bool),
            "null" if !is_hcl => Ok(Token::Null),
            _ if is_hcl => Ok(Token::Name(word)),
            _ => Err(Malformed::new(
                place,
                format!("has '{word}' without quotation marks"),
            )),
        }
    }

    /// A text in quotation marks. What stands in `${ }` is taken as it is, and
    /// in HCL the quotation marks in it do not end the text.
    fn text(&mut self, place: Place) -> Result<String, Malformed> {
        let unfinished = || Malformed::new(place, "begins a text that does not end in its line");
        let (mut text, mut depth) = (Vec::new(), 0_usize);
        loop {
            let here = self.here;
            let Some(character) = self.bump()? else {
                return Err(unfinished());
            };
            let is_inside = depth > 0;
            match character {
                '\n' if !is_inside => return Err(unfinished()),
                '"' if !is_inside => break,
                '\\' => {
                    let start = text.len();
                    push(&mut text, '\\');
                    let raw = self.escape(here, &mut text)?;
                    if is_inside {
                        text.truncate(start + 1);
                        text.extend(raw.bytes());
                    } else {
                        text.remove(start);
                    }
                    continue;
                }
                '$' if !is_inside
                    && self.language == Language::Hcl
                    && self.rest.peek() == Some(&'{') =>
                {
                    depth = 1;
                    push(&mut text, '$');
                    self.bump()?;
                    push(&mut text, '{');
                    continue;
                }
                '{' if is_inside => depth += 1,
                '}' if is_inside => depth -= 1,
                _ => {}
            }
            push(&mut text, character);
        }
        // An escape may stand for any byte; a path of bytes that are no
        // characters matches none that can be asked for.
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// What a backslash begins: appends what it stands for and returns it as it
    /// was written.
    fn escape(&mut self, place: Place, text: &mut Vec<u8>) -> Result<String, Malformed> {
        let unknown = || {
            Malformed::new(
                place,
                "has a backslash with nothing behind it that it could stand for",
            )
        };
        let letter = self.bump()?.ok_or_else(unknown)?;
        let plain = match letter {
            'a' => Some(7),
            'b' => Some(8),
            'f' => Some(12),
            'n' => Some(b'\n'),
            'r' => Some(b'\r'),
            't' => Some(b'\t'),
            'v' => Some(11),
            '\\' => Some(b'\\'),
            '"' => Some(b'"'),
            _ => None,
        };
        if let Some(byte) = plain {
            text.push(byte);
            return Ok(letter.to_string());
        }
        let (mut raw, radix, length) = match letter {
            '0'..='7' => (String::from(letter), 8, 3),
            'x' => (String::new(), 16, 2),
            'u' => (String::new(), 16, 4),
            'U' => (String::new(), 16, 8),
            _ => return Err(unknown()),
        };
        while raw.len() < length {
            let digit = self.bump()?.filter(|digit| digit.is_digit(radix));
            raw.push(digit.ok_or_else(unknown)?);
        }
        let number = u32::from_str_radix(&raw, radix).map_err(|_| unknown())?;
        if matches!(letter, 'u' | 'U') {
            if number > u32::from(char::MAX) {
                return Err(unknown());
            }
            push(
                text,
                char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
            );
            Ok(format!("{letter}{raw}"))
        } else {
            text.push(u8::try_from(number).map_err(|_| unknown())?);
            Ok(if letter == 'x' {
                format!("x{raw}")
            } else {
                raw
            })
        }
    }

    /// `<<MARK`, lines, and a line with nothing but the mark.
    fn heredoc(&mut self, place: Place) -> Result<String, Malformed> {
        let unfinished = |what| Err(Malformed::new(place, what));
        if self.bump()? != Some('<') {
            return unfinished("has a single '<'");
        }
        if self.rest.peek() == Some(&'-') {
            self.bump()?;
        }
        let mark = self.take_while(|character| is_letter(character) || character.is_numeric());
        self.take_while(|character| character == '\r');
        if mark.is_empty() || self.bump()? != Some('\n') {
            return unfinished(
                "begins a text of several lines without a mark and the end of the line behind it",
            );
        }
        let mut body = String::new();
        loop {
            let line = self.take_while(|character| character != '\n');
            // Without the end of the line the mark does not count.
            if self.bump()?.is_none() {
                return unfinished("begins a text of several lines that does not end");
            }
            if line.trim_start().trim_end_matches('\r') == mark {
                return Ok(body);
            }
            body.push_str(&line);
            body.push('\n');
        }
    }

    fn comment(&mut self, first: char, place: Place) -> Result<(), Malformed> {
        if first == '#' || self.rest.peek() == Some(&'/') {
            self.take_while(|character| character != '\n');
            return Ok(());
        }
        if self.rest.peek() != Some(&'*') {
            return Err(Malformed::new(
                place,
                "has a single '/'; a comment begins with # or // or /*",
            ));
        }
        self.bump()?;
        let mut before = ' ';
        loop {
            match self.bump()? {
                Some('/') if before == '*' => return Ok(()),
                Some(character) => before = character,
                None => return Err(Malformed::new(place, "begins a comment that does not end")),
            }
        }
    }

    /// A number, as it is written.
    fn number(&mut self, first: char, place: Place) -> Result<String, Malformed> {
        let mut number = String::from(first);
        let is_hex = first == '0'
            && self.language == Language::Hcl
            && self
                .rest
                .peek()
                .is_some_and(|mark| matches!(mark, 'x' | 'X'));
        if is_hex {
            self.bump()?;
            let digits = self.take_while(|digit| digit.is_ascii_hexdigit());
            number = format!("0x{digits}");
        } else {
            number.push_str(&self.take_while(|digit| digit.is_ascii_digit()));
            if first != '.' && self.rest.peek() == Some(&'.') {
                self.bump()?;
                number.push('.');
                number.push_str(&self.take_while(|digit| digit.is_ascii_digit()));
            }
            if self
                .rest
                .peek()
                .is_some_and(|mark| matches!(mark, 'e' | 'E'))
            {
                self.bump()?;
                number.push('e');
                if first != '.' {
                    number.push_str(&self.exponent()?);
                }
            }
        }
        let is_whole = number.chars().all(|digit| digit.is_ascii_digit());
        let leading_zero = is_whole && number.len() > 1 && number.starts_with('0');
        let is_wrong = match self.language {
            Language::Json => leading_zero,
            // It would be octal; Vault does not look at the first digit.
            Language::Hcl => leading_zero && number.chars().skip(2).any(|digit| digit > '7'),
        };
        if is_wrong || number == "0x" {
            return Err(Malformed::new(
                place,
                format!("has the number {number}, which is none"),
            ));
        }
        Ok(number)
    }

    /// What follows the `e` of a number. Vault takes the next character whatever
    /// it is.
    fn exponent(&mut self) -> Result<String, Malformed> {
        let mut exponent = String::new();
        let mut next = self.bump()?;
        if let Some(sign) = next.filter(|sign| matches!(sign, '+' | '-')) {
            exponent.push(sign);
            next = self.bump()?;
        }
        if let Some(digit) = next.filter(char::is_ascii_digit) {
            exponent.push(digit);
            exponent.push_str(&self.take_while(|digit| digit.is_ascii_digit()));
        }
        Ok(exponent)
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        // A character that must not be there at all is left for `bump`.
        while let Some(character) = self
            .rest
            .next_if(|&character| is_wanted(character) && !is_forbidden(character))
        {
            self.step(character);
            taken.push(character);
        }
        taken
    }

    fn bump(&mut self) -> Result<Option<char>, Malformed> {
        let place = self.here;
        let Some(character) = self.rest.next() else {
            return Ok(None);
        };
        if is_forbidden(character) {
            let what = format!(
                "has the character '{}', which Vault refuses",
                character.escape_unicode()
            );
            return Err(Malformed::new(place, what));
        }
        self.step(character);
        Ok(Some(character))
    }

    fn step(&mut self, character: char) {
        if character == '\n' {
            self.here.line += 1;
            self.here.column = 1;
        } else {
            self.here.column += 1;
        }
    }
}

/// Vault's reader uses these two for marks of its own.
fn is_forbidden(character: char) -> bool {
    matches!(character, '\0' | '\u{e123}')
}

fn is_letter(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

fn push(text: &mut Vec<u8>, character: char) {
    text.extend(character.encode_utf8(&mut [0; 4]).bytes());
}
