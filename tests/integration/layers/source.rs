//! Source files as tokens, and the paths that are written in them.

use std::path::Path;

use syn::buffer::{Cursor, TokenBuffer};

/// A file of the program.
pub(super) struct Source {
    /// `src/aws/sign.rs`.
    pub(super) name: String,
    pub(super) text: String,
    /// `aws`, `sign`; nothing for `lib.rs` and the programs.
    pub(super) module: Vec<String>,
    pub(super) tokens: Vec<Token>,
}

/// What matters of a token. A comment is none; a doc comment is a literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Sign(char),
    Open,
    Close,
    Literal,
}

/// All files below `src`.
pub(super) fn sources() -> Vec<Source> {
    let mut names = Vec::new();
    collect("src", &mut names);
    assert!(names.len() > 20, "{names:?}");
    names.iter().map(|name| source(name)).collect()
}

fn collect(directory: &str, names: &mut Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join(directory)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{directory}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&name, names);
        } else if name.ends_with(".rs") {
            names.push(name);
        }
    }
    names.sort();
}

/// The file of this name.
pub(super) fn source(name: &str) -> Source {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    Source::new(name, &std::fs::read_to_string(path).unwrap())
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let stem = name.trim_start_matches("src/").trim_end_matches(".rs");
        let module = match stem {
            "lib" | "main" => Vec::new(),
            program if program.starts_with("bin/") => Vec::new(),
            _ => stem.split('/').map(str::to_owned).collect(),
        };
        let stream = syn::parse_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut tokens = Vec::new();
        flatten(TokenBuffer::new2(stream).begin(), &mut tokens);
        Source {
            name: name.to_owned(),
            text: text.to_owned(),
            module,
            tokens,
        }
    }

    /// Tells whether the file is a program, and no part of the library.
    pub(super) fn is_program(&self) -> bool {
        self.name == "src/main.rs" || self.name.starts_with("src/bin/")
    }

    /// Tells whether the file belongs to this top-level module.
    pub(super) fn is_in(&self, module: &str) -> bool {
        self.module.first().is_some_and(|first| first == module)
    }

    /// What is wrong with the file, with its name in front.
    pub(super) fn complain(&self, words: &str) -> String {
        format!("{}: {words}", self.name)
    }

    /// Complains of each path in which one of `pairs` of words stands.
    pub(super) fn forbidden(&self, pairs: &[(&str, &str)]) -> Vec<String> {
        let is_forbidden = |path: &NamedPath| {
            path.words
                .windows(2)
                .any(|two| pairs.iter().any(|(first, second)| two == [*first, *second]))
        };
        let found = paths_of(self).into_iter().filter(is_forbidden);
        found
            .map(|path| self.complain(&format!("{path} is not for this file")))
            .collect()
    }

    /// Tells whether a `#[path = …]` stands in it.
    pub(super) fn has_path_attribute(&self) -> bool {
        self.tokens.windows(3).any(|three| {
            matches!(three, [Token::Sign('#'), Token::Open, Token::Word(word)] if word == "path")
        })
    }
}

fn flatten(mut cursor: Cursor<'_>, tokens: &mut Vec<Token>) {
    while !cursor.eof() {
        if let Some((inner, _, _, rest)) = cursor.any_group() {
            tokens.push(Token::Open);
            flatten(inner, tokens);
            tokens.push(Token::Close);
            cursor = rest;
        } else if let Some((word, rest)) = cursor.ident() {
            tokens.push(Token::Word(word.to_string()));
            cursor = rest;
        } else if let Some((sign, rest)) = cursor.punct() {
            tokens.push(Token::Sign(sign.as_char()));
            cursor = rest;
        } else if let Some((_, rest)) = cursor.token_tree() {
            tokens.push(Token::Literal);
            cursor = rest;
        }
    }
}

/// A path as it is written, and the module it is written in.
pub(super) struct NamedPath {
    words: Vec<String>,
    module: Vec<String>,
}

impl std::fmt::Display for NamedPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.words.join("::"))
    }
}

impl NamedPath {
    /// The top-level module that the path leads to; `None` when it begins with
    /// something foreign or local. What takes in the whole root leads to `*`.
    pub(super) fn target(&self) -> Option<String> {
        let path = self.path_from_root()?;
        Some(match path.first().map(String::as_str) {
            None | Some("self" | "*") => "*".to_owned(),
            Some(name) => name.to_owned(),
        })
    }

    /// The path from the root of the library on; `None` when it begins with
    /// something foreign or local.
    pub(super) fn path_from_root(&self) -> Option<Vec<String>> {
        let mut module = self.module.clone();
        let (first, after) = self.words.split_first()?;
        let mut rest = match first.as_str() {
            "crate" | "vaultiam" => {
                module.clear();
                after
            }
            "self" => after,
            "super" => self.words.as_slice(),
            _ => return None,
        };
        while let Some((first, after)) = rest.split_first()
            && first == "super"
        {
            module.pop();
            rest = after;
        }
        module.extend_from_slice(rest);
        Some(module)
    }
}

/// Every path that is written in the file.
pub(super) fn paths_of(source: &Source) -> Vec<NamedPath> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    let mut module = source.module.clone();
    // How deep in brackets we are, and where inline modules were opened.
    let mut depth = 0_usize;
    let mut opened = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match token {
            Token::Open => depth += 1,
            Token::Close => {
                depth -= 1;
                if opened.last() == Some(&depth) {
                    opened.pop();
                    module.pop();
                }
            }
            Token::Word(word) if word == "mod" => {
                if let (Some(Token::Word(name)), Some(Token::Open)) =
                    (tokens.get(index + 1), tokens.get(index + 2))
                {
                    module.push(name.clone());
                    opened.push(depth);
                    index += 1;
                }
            }
            Token::Word(_) => {
                let mut paths = Vec::new();
                index = read_path(tokens, index, &[], &mut paths);
                found.extend(paths.into_iter().map(|words| NamedPath {
                    words,
                    module: module.clone(),
                }));
                continue;
            }
            Token::Sign(_) | Token::Literal => {}
        }
        index += 1;
    }
    found
}

/// Reads the path that begins at `index`, each branch of a `use` below
/// `prefix`, and returns the place behind it. A single word is no path, unless
/// it gives the root another name.
fn read_path(
    tokens: &[Token],
    mut index: usize,
    prefix: &[String],
    paths: &mut Vec<Vec<String>>,
) -> usize {
    let mut words = prefix.to_vec();
    loop {
        match tokens.get(index) {
            Some(Token::Word(word)) => words.push(word.clone()),
            Some(Token::Sign('*')) => words.push("*".to_owned()),
            Some(Token::Open) => return read_branches(tokens, index, &words, paths),
            _ => break,
        }
        index += 1;
        let goes_on = matches!(
            tokens.get(index..index + 3),
            Some([
                Token::Sign(':'),
                Token::Sign(':'),
                Token::Word(_) | Token::Open | Token::Sign('*')
            ])
        );
        if !goes_on {
            break;
        }
        index += 2;
    }
    let renames = matches!(tokens.get(index), Some(Token::Word(word)) if word == "as");
    let is_root = words
        .last()
        .is_some_and(|word| word == "crate" || word == "super");
    if words.len() > 1 || (is_root && renames) {
        paths.push(words);
    }
    index
}

/// Reads `{a, b::{c, d}}` from its opening bracket on.
fn read_branches(
    tokens: &[Token],
    mut index: usize,
    prefix: &[String],
    paths: &mut Vec<Vec<String>>,
) -> usize {
    index += 1;
    while let Some(token) = tokens.get(index) {
        match token {
            Token::Close => return index + 1,
            Token::Word(word) if word == "as" => index += 2,
            Token::Word(_) | Token::Sign('*') => {
                index = read_path(tokens, index, prefix, paths);
            }
            _ => index += 1,
        }
    }
    index
}
