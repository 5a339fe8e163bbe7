//! Questions to the person at the terminal.

use crate::output::Streams;
use crate::output::streams::one_line;

use super::Context;

/// Somebody who can be asked: stdin and stderr are terminals, the answer is not
/// for a program, and `--no-input` was not given.
pub(super) struct Asker<'a> {
    streams: &'a Streams,
}

/// Why a question has no answer: the input ended, or cannot be read.
pub(super) struct Unanswered(pub(super) String);

impl<'a> Asker<'a> {
    /// `None` when nobody can be asked.
    pub(super) fn of(context: &'a Context) -> Option<Self> {
        let streams = &context.streams;
        context.may_ask.then(|| {
            context.progress.end();
            Asker { streams }
        })
    }

    /// Asks until `understand` accepts the answer; it is given the line without
    /// the blanks around it, and says in half a sentence what is wrong with it.
    ///
    /// A signal ends the program while it waits: the line is read on a thread
    /// that nobody waits for.
    pub(super) async fn question<T>(
        &self,
        words: &str,
        understand: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Unanswered> {
        loop {
            self.streams.aside(&format!("{}: ", one_line(words)));
            let mut cursor = OpenLine(Some(self.streams));
            let line = self.read_line().await?;
            // The person's own line end stands on the screen.
            cursor.0 = None;
            match understand(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(wrong) => self.streams.aside(&format!("  {}\n", one_line(&wrong))),
            }
        }
    }

    async fn read_line(&self) -> Result<String, Unanswered> {
        let streams = self.streams.clone();
        match tokio::task::spawn_blocking(move || streams.read_line()).await {
            Ok(Ok(Some(line))) => Ok(line),
            Ok(Ok(None)) => Err(Unanswered("the input ended".to_owned())),
            Ok(Err(error)) => Err(Unanswered(format!("stdin cannot be read: {error}"))),
            Err(error) => Err(Unanswered(error.to_string())),
        }
    }
}

/// A question that stands on the screen without an answer: what follows it
/// begins on a line of its own.
struct OpenLine<'a>(Option<&'a Streams>);

impl Drop for OpenLine<'_> {
    fn drop(&mut self) {
        if let Some(streams) = self.0 {
            streams.aside("\n");
        }
    }
}
