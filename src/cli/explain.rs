//! `vaultiam explain`: what a finding code means, or what a recorded run met,
//! without a network.

mod trace;

use crate::diagnose::Code;
use crate::output::json::{self, CodeDocument, CodesDocument, mirror};
use crate::output::{Streams, page};
use crate::settings::SettingsError;

use super::args::{ExplainArguments, Format, Global, wrong};
use super::{DONE, answer};

/// Prints the page of a code, the list of all codes, or what a trace tells.
pub(super) fn run(
    arguments: &ExplainArguments,
    global: &Global,
    streams: &Streams,
) -> Result<u8, SettingsError> {
    let Some(word) = &arguments.what else {
        return Ok(answer(streams, &list(global, streams), DONE));
    };
    match Code::parse(word) {
        Some(code) => Ok(answer(streams, &about(code, global, streams), DONE)),
        None => trace::run(word, global, streams),
    }
}

fn list(global: &Global, streams: &Streams) -> String {
    if global.format != Format::Json {
        return page::list(streams.stdout_style);
    }
    let document = CodesDocument {
        schema: "vaultiam/v1/codes",
        exit_code: DONE,
        codes: mirror(Code::ALL),
    };
    json::render(&document, &streams.redactor(), &[])
}

fn about(code: Code, global: &Global, streams: &Streams) -> String {
    if global.format != Format::Json {
        return page::page(code, streams.stdout_style);
    }
    let document = CodeDocument {
        schema: "vaultiam/v1/code",
        exit_code: DONE,
        row: (&code).into(),
        cause: code.cause(),
        page: code.page(),
    };
    json::render(&document, &streams.redactor(), &[])
}
