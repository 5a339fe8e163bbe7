//! What the program shows.
