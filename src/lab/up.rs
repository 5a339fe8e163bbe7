//! The lab in the foreground, for programs in another shell.

use std::collections::BTreeMap;
use std::time::Duration;

use super::args::Stock;
use super::demo::{self, DemoError};
use super::scenario::Who;
use super::world::World;
use crate::output::Streams;
use crate::shell;

/// Takes away every variable that would lead out of the lab, or in as somebody
/// else: `unset` is given the names that begin so.
const FORGET: &str = "\
unset $(env | sed -nE 's/^((AWS|VAULT|BAO|VAULTIAM)_[A-Za-z0-9_]*)=.*/\\1/p') \
http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
";

/// Serves for ever: what ends it is a signal.
pub(super) async fn up(
    world: &World,
    stock: Stock,
    settling: Duration,
    streams: &Streams,
) -> Result<u8, DemoError> {
    world.set_settling(settling);
    if stock == Stock::Article {
        demo::set_up(world).await?;
    }
    let kong = write(world, Who::Kong, "as-kong")?;
    let operator = write(world, Who::Operator, "as-operator")?;
    streams.aside(
        "An AWS and a Vault are up, in memory and on 127.0.0.1 only: nobody but this machine\n\
         reaches them, and all of it is gone when this ends. Ctrl-C ends it.\n\
         In another shell, take the environment of one of the machines; it has a home of its\n\
         own, so that your keys and your token stay as they are:\n\n",
    );
    streams.answer(&format!(
        "# Kong's instance: no key, no token, the instance profile\n. {kong}\n\
         # the operator: keys of an administrator, Vault's root token\n. {operator}\n"
    ))?;
    let next = match stock {
        Stock::Article => {
            "vaultiam login --explain   (as Kong)\n  vaultiam check --admin     (as the operator)"
        }
        Stock::Nothing => "vaultiam setup --plan      (as the operator)",
    };
    streams.aside(&format!("\nthen, for example:\n  {next}\n"));
    std::future::pending().await
}

/// Writes what a shell reads to be on a machine.
fn write(world: &World, who: Who, name: &str) -> Result<String, DemoError> {
    let machine = world.machine(who)?;
    let programs = world.programs().path();
    let mut variables: BTreeMap<String, String> = machine.variables().clone();
    // What the machine has of its own comes first: the real programs are better.
    variables.remove("PATH");
    let mut text = FORGET.to_owned();
    for (name, value) in &variables {
        text.push_str(&format!("export {name}={}\n", shell::quote(value)));
    }
    // Older versions of the aws command read no other variable.
    text.push_str("export AWS_DEFAULT_REGION=\"$AWS_REGION\"\n");
    let programs = shell::quote(&programs.display().to_string());
    text.push_str(&format!("export PATH=\"$PATH\":{programs}\n"));
    let file = world.programs().write(name, &text)?;
    Ok(shell::quote(&file.display().to_string()))
}

/// Waits for a signal that ends the program; from the call on none is lost.
#[cfg(unix)]
pub(super) fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let signals: Vec<_> = kinds.into_iter().flat_map(signal).collect();
    async move {
        let waiting = signals
            .into_iter()
            .map(|mut signal| Box::pin(async move { signal.recv().await }));
        futures_util::future::select_all(waiting).await;
    }
}

#[cfg(not(unix))]
pub(super) async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
