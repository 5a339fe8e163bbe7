//! The parameters of a Query API request.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use url::form_urlencoded;

/// Parameters by name; of one that is there twice the first counts.
#[derive(Debug)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Those of the query, and those of the body.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let query = form_urlencoded::parse(query);
        let body = form_urlencoded::parse(request.body());
        let mut form = BTreeMap::new();
        for (name, value) in query.chain(body) {
            form.entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Form(form)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `NAME.member.1`, `NAME.member.2` …, as far as they go on.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|number| self.get(&format!("{name}.member.{number}")))
            .collect()
    }

    /// `Tags.member.1.Key` and `Tags.member.1.Value` …
    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        let members = (1..).map_while(|number| {
            let part = |part| self.get(&format!("Tags.member.{number}.{part}"));
            Some((part("Key")?.to_owned(), part("Value")?.to_owned()))
        });
        members.collect()
    }
}
