//! The finding codes and their pages.
//!
//! The prose of a code stands once, in `docs/findings/CODE.md`, which is built
//! into the program: the page and the offline text are the same file.

mod catalogue;

use std::fmt;

use serde::Deserialize;

use super::finding::Severity;

pub use catalogue::{Exit, Row};

macro_rules! codes {
    ($($code:ident),* $(,)?) => {
        /// A finding's code. A code is never given another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Code { $($code),* }

        impl Code {
            /// Every code, by family.
            pub const ALL: &[Code] = &[$(Code::$code),*];

            /// The code as it is printed.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => stringify!($code)),* }
            }

            /// The whole page, in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("../../docs/findings/", stringify!($code), ".md"))),*
                }
            }
        }
    };
}

codes! {
    AWS101, AWS102, AWS103, AWS104, AWS105, AWS106, AWS107, AWS108, AWS109, AWS110, AWS111,
    AWS112, AWS113, AWS114, AWS115, AWS116, AWS117, AWS118, AWS119, AWS120, AWS121, AWS201, AWS202, AWS203,
    AWS204, AWS205, AWS206, AWS207, AWS208, AWS209, AWS210, AWS211, AWS212, AWS213, AWS214,
    AWS215, AWS216, AWS217, AWS218, AWS219, AWS220, AWS221, AWS222, AWS223, AWS224, AWS301,
    AWS302, AWS303, AWS304, AWS305, AWS306, AWS307, AWS308, AWS309, AWS310, AWS311, AWS312, SIG401,
    SIG402, SIG403, SIG404, SIG405, SIG406, SIG407, SIG408, SIG409, SIG410, SIG411, SIG412,
    SIG413, SIG414, SIG415, VLT501, VLT502, VLT503, VLT504, VLT505, VLT506, VLT507, VLT508, VLT509,
    VLT510, VLT511, VLT512, VLT513, VLT514, VLT515, VLT516, VLT517, VLT518, VLT519, VLT520,
    VLT521, VLT522, VLT523, VLT601, VLT602, VLT603, VLT604, VLT605, VLT606, VLT607, VLT608,
    VLT609, VLT610, VLT611, VLT612, VLT613, VLT614, VLT615, VLT616, VLT617, VLT618, VLT619,
    VLT620, VLT621, VLT622, VLT623, VLT624, VLT625, VLT626, VLT627, VLT628, VLT629, VLT630,
    VLT631, VLT632, VLT633, VLT635, VLT636, VLT637, VLT638, VLT639, VLT640, VLT641, VLT701, VLT702, VLT703, VLT704, VLT705,
    VLT706, VLT707, VLT708, VLT709, VLT710, VLT711, VLT712, VLT713, VLT714, VLT715, VLT716,
    VLT717, VLT718, VLT719, VLT720, VLT721, VLT722, VLT723, VLT725, SEC001, SEC002, SEC003, SEC004,
    SEC005, SEC006, SEC007, SEC008, SEC009, SEC010, SEC011, CFG901, CFG902, CFG903, CFG904,
    CFG905, CFG906, CFG907, CFG908, CFG909,
}

impl Code {
    /// Finds a code by its name, in any case.
    pub fn parse(name: &str) -> Option<Code> {
        Code::ALL
            .iter()
            .copied()
            .find(|code| code.name().eq_ignore_ascii_case(name.trim()))
    }

    /// What is wrong, in half a sentence.
    pub fn title(self) -> &'static str {
        let heading = self.page().lines().next().unwrap_or_default();
        heading.split_once(": ").map_or(heading, |(_, title)| title)
    }

    /// What is wrong and how it came to be: the first paragraph of the page's
    /// `Cause`, on one line.
    pub fn cause(self) -> String {
        let section = self.page().split("\n## Cause\n").nth(1).unwrap_or_default();
        let paragraph = section
            .trim_start()
            .split("\n\n")
            .next()
            .unwrap_or_default();
        paragraph.replace('\n', " ").replace('`', "")
    }

    /// Severity, sides and exit code.
    pub fn row(self) -> Row {
        catalogue::row(self)
    }

    /// The letters and the hundred, with what its codes are about.
    pub fn family(self) -> (&'static str, &'static str) {
        match self.name().split_at_checked(4) {
            Some(("AWS1", _)) => ("AWS1xx", "credentials and identity"),
            Some(("AWS2", _)) => ("AWS2xx", "AssumeRole and trust"),
            Some(("AWS3", _)) => ("AWS3xx", "provisioning"),
            Some(("SIG4", _)) => ("SIG4xx", "signing, region, clock"),
            Some(("VLT5", _)) => ("VLT5xx", "reaching Vault"),
            Some(("VLT6", _)) => ("VLT6xx", "auth method, role, binding"),
            Some(("VLT7", _)) => ("VLT7xx", "token, policy, KV"),
            Some(("SEC0", _)) => ("SEC0xx", "safe or not"),
            _ => ("CFG9xx", "settings"),
        }
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        self.row().severity
    }

    /// The page's place in the project.
    pub fn docs(self) -> String {
        format!("docs/findings/{}.md", self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_of_the_right_form() {
        for code in Code::ALL {
            let page = code.page();
            assert!(
                page.starts_with(&format!("# {code}: {}\n", code.title())),
                "{code}"
            );
            assert!(
                !code.title().is_empty() && !code.title().ends_with('.'),
                "{code}"
            );
            let cause = code.cause();
            assert!((20..=260).contains(&cause.len()), "{code}: {cause}");
            let sections: Vec<&str> = page
                .lines()
                .filter(|line| line.starts_with("## "))
                .collect();
            assert_eq!(
                sections,
                [
                    "## Cause",
                    "## How it shows",
                    "## What tells it apart",
                    "## Remedy"
                ],
                "{code}"
            );
        }
    }

    #[test]
    fn every_page_belongs_to_a_code() -> std::io::Result<()> {
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let code = name.trim_end_matches(".md");
            assert!(code == "README" || Code::parse(code).is_some(), "{name}");
        }
        Ok(())
    }

    #[test]
    fn the_codes_are_a_contract() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        insta::assert_snapshot!(names.join("\n"));
    }

    #[test]
    fn codes_are_found_by_name() {
        assert_eq!(Code::parse("vlt607"), Some(Code::VLT607));
        assert_eq!(Code::parse("VLT999"), None);
    }
}
