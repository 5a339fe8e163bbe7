//! Typing that nobody sees: the terminal does not repeat it.

/// The terminal of stdin stays silent until this is dropped, whichever way the
/// wait for the answer ends.
pub struct Unseen {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Unseen {
    /// Has the terminal repeat nothing but the line's end.
    ///
    /// # Errors
    ///
    /// stdin is no terminal, or it cannot be told.
    #[cfg(unix)]
    pub fn begin() -> std::io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(rustix::stdio::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        // What was typed ahead was not meant for this question.
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Unseen { before })
    }

    /// There is no such terminal here.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(unix))]
    pub fn begin() -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // A terminal that is gone needs nothing put back.
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before);
    }
}
