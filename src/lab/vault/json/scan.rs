//! What Go's JSON reader says of a text that it cannot read.

use crate::lab::vault::go::quote_byte;

/// The reader's words; `None` for a text that it can read.
pub(in crate::lab::vault) fn complaint(text: &[u8]) -> Option<String> {
    let mut scan = Scan { text, at: 0 };
    let outcome = scan.value().and_then(|()| match scan.next_solid() {
        None => Ok(()),
        Some(byte) => Err(unexpected(byte, "after top-level value")),
    });
    outcome.err()
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

type Read = Result<(), String>;

impl Scan<'_> {
    fn value(&mut self) -> Read {
        match self.next_solid().ok_or_else(ended)? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            byte @ (b'-' | b'0'..=b'9') => self.number(byte),
            byte => Err(unexpected(byte, "looking for beginning of value")),
        }
    }

    fn object(&mut self) -> Read {
        let mut is_first = true;
        loop {
            match self.next_solid().ok_or_else(ended)? {
                b'}' if is_first => return Ok(()),
                b'"' => self.string()?,
                byte => {
                    return Err(unexpected(
                        byte,
                        "looking for beginning of object key string",
                    ));
                }
            }
            is_first = false;
            match self.next_solid().ok_or_else(ended)? {
                b':' => self.value()?,
                byte => return Err(unexpected(byte, "after object key")),
            }
            match self.next_solid().ok_or_else(ended)? {
                b',' => {}
                b'}' => return Ok(()),
                byte => return Err(unexpected(byte, "after object key:value pair")),
            }
        }
    }

    fn array(&mut self) -> Read {
        if self.peek_solid() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value()?;
            match self.next_solid().ok_or_else(ended)? {
                b',' => {}
                b']' => return Ok(()),
                byte => return Err(unexpected(byte, "after array element")),
            }
        }
    }

    fn string(&mut self) -> Read {
        loop {
            match self.next().ok_or_else(ended)? {
                b'"' => return Ok(()),
                b'\\' => match self.next().ok_or_else(ended)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            let byte = self.next().ok_or_else(ended)?;
                            if !byte.is_ascii_hexdigit() {
                                let place = "in \\u hexadecimal character escape";
                                return Err(unexpected(byte, place));
                            }
                        }
                    }
                    byte => return Err(unexpected(byte, "in string escape code")),
                },
                byte if byte < 0x20 => return Err(unexpected(byte, "in string literal")),
                _ => {}
            }
        }
    }

    fn literal(&mut self, word: &str) -> Read {
        for expected in word.bytes().skip(1) {
            let byte = self.next().ok_or_else(ended)?;
            if byte != expected {
                let expected = quote_byte(expected);
                let place = format!("in literal {word} (expecting {expected})");
                return Err(unexpected(byte, &place));
            }
        }
        Ok(())
    }

    fn number(&mut self, first: u8) -> Read {
        let first = match first {
            b'-' => self.digit("in numeric literal")?,
            first => first,
        };
        if first != b'0' {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digit("after decimal point in numeric literal")?;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digit("in exponent of numeric literal")?;
            self.digits();
        }
        Ok(())
    }

    fn digit(&mut self, place: &str) -> Result<u8, String> {
        let byte = self.next().ok_or_else(ended)?;
        if byte.is_ascii_digit() {
            Ok(byte)
        } else {
            Err(unexpected(byte, place))
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek_solid(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.peek()
    }

    fn next_solid(&mut self) -> Option<u8> {
        self.peek_solid()?;
        self.next()
    }
}

fn ended() -> String {
    "unexpected EOF".to_owned()
}

fn unexpected(byte: u8, place: &str) -> String {
    format!("invalid character {} {place}", quote_byte(byte))
}
