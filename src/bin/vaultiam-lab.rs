//! The `vaultiam-lab` command: an AWS to try vaultiam with.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use vaultiam::lab::aws::Aws;
use vaultiam::lab::clock::Clock;
use vaultiam::lab::server::Server;
use vaultiam::output::Streams;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const KONG: &str = "i-0123456789abcdef0";

const USAGE: &str = "\
Usage: vaultiam-lab up

Serves an AWS in memory, on 127.0.0.1 only, until it is interrupted, and prints
the environment in which vaultiam uses it
";

/// May do everything in its account.
const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn main() -> ExitCode {
    let streams = Streams::new(
        Box::new(io::stdout()),
        Box::new(io::stderr()),
        io::stdout().is_terminal(),
        io::stderr().is_terminal(),
    );
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [up] if up == "up" => match up_until_interrupted(&streams) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                streams.aside(&format!("error: {error:#}\n"));
                ExitCode::FAILURE
            }
        },
        _ => {
            streams.aside(USAGE);
            ExitCode::from(2)
        }
    }
}

fn up_until_interrupted(streams: &Streams) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")?;
    runtime.block_on(async {
        let aws = Aws::new(Clock::new());
        let operator = aws.administrator(ACCOUNT);
        let keys = operator.create_user("operator", ADMINISTRATOR);
        let keys = keys.map_err(|refusal| anyhow::anyhow!("{}", refusal.message))?;
        aws.start_instance(KONG, ACCOUNT, REGION);
        let endpoint = Server::start(aws.endpoint(REGION), 0).await?;
        let metadata = Server::start(aws.metadata(KONG), 0).await?;
        streams.answer(&format!(
            "export AWS_ENDPOINT_URL={}\n\
             export AWS_EC2_METADATA_SERVICE_ENDPOINT={}\n\
             export AWS_REGION={REGION}\n\
             export AWS_ACCESS_KEY_ID={}\n\
             export AWS_SECRET_ACCESS_KEY={}\n",
            endpoint.url(),
            metadata.url(),
            keys.access_key_id,
            keys.secret_access_key,
        ))?;
        streams.aside("The lab is up; Ctrl-C ends it.\n");
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}
