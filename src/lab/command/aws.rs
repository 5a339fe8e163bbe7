//! The lab's `aws`: calls of IAM, STS and, for instance profiles, EC2, made
//! from the command line as the AWS command makes them.

mod answer;
mod parameters;
mod query;
mod request;

use super::{Printed, Refused, block_on, end};
use crate::output::Streams;
use crate::settings::Environment;

use request::{Lab, Service};

/// Runs `aws` with the words behind the program's name.
pub fn run(typed: &[String], environment: &Environment, streams: &Streams) -> u8 {
    let outcome = Lab::of(environment).and_then(|lab| block_on(async { call(typed, &lab).await }));
    end(outcome, streams)
}

async fn call(typed: &[String], lab: &Lab) -> Result<Printed, Refused> {
    let [service, verb, flags @ ..] = typed else {
        return Err(Refused::new(
            2,
            "usage: aws iam|sts|ec2 COMMAND [--PARAMETER VALUE]…",
        ));
    };
    let service = Service::of(service).ok_or_else(|| {
        Refused::new(
            2,
            format!("the lab's small client has iam, sts and ec2, not 'aws {service}'; the real 'aws' works on the lab too"),
        )
    })?;
    let given = parameters::read(flags)?;
    let operation = parameters::camel(verb);
    let answered = lab.call(service, &operation, &given.parameters).await?;
    let result = answer::result(&operation, &answered);
    let text = match given.query {
        None => answer::shown(&result, given.output),
        Some(path) => answer::shown(&query::find(&result, &path)?, given.output),
    };
    Ok(Printed::done(text))
}
