//! Why a request got no answer, told by the types of the errors.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError};

use super::date::rfc3339;
use crate::fault::Transport;

/// Sorts a failed request and gives its words.
pub fn classify(error: &reqwest::Error) -> (Transport, String) {
    let kind = kind_of(error);
    (kind, chain_text(error))
}

/// The names in a certificate that was refused because it is for others.
pub fn certificate_names(error: &reqwest::Error) -> Vec<String> {
    let mut names = Vec::new();
    walk(error, &mut |cause| {
        if let Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        })) = cause.downcast_ref::<rustls::Error>()
        {
            names = presented.iter().map(|name| bare(name)).collect();
            return true;
        }
        false
    });
    names
}

/// The TLS library writes `DnsName("vault.internal")` and `IpAddress(10.0.0.1)`.
fn bare(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(name);
    inner.trim_matches('"').to_owned()
}

fn kind_of(error: &reqwest::Error) -> Transport {
    if error.is_dns() {
        return Transport::NameNotResolved;
    }
    let mut kind = Transport::Other;
    walk(error, &mut |cause| {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            kind = tls_kind(tls);
            return true;
        }
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && let Some(found) = io_kind(io)
        {
            kind = found;
        }
        if let Some(http) = cause.downcast_ref::<hyper::Error>() {
            if http.is_parse() {
                kind = Transport::NotHttp;
            } else if http.is_incomplete_message() || http.is_closed() || http.is_canceled() {
                kind = Transport::Reset;
            }
        }
        false
    });
    if kind == Transport::Other
        && error.is_connect()
        && let Some(refused) = tunnel_refused(error)
    {
        return refused;
    }
    match kind {
        Transport::Other | Transport::TimedOut if error.is_timeout() && error.is_connect() => {
            Transport::ConnectTimedOut
        }
        Transport::Other if error.is_timeout() => Transport::TimedOut,
        _ => kind,
    }
}

/// How a proxy refused to open a tunnel, if it did. The error's type is private to
/// the HTTP library, so this goes by its words.
fn tunnel_refused(error: &reqwest::Error) -> Option<Transport> {
    let mut refused = None;
    walk(error, &mut |cause| {
        let words = cause.to_string();
        if let Some(said) = words.strip_prefix("tunnel error") {
            refused = Some(if said.contains("authorization required") {
                Transport::ProxyWantsLogin
            } else {
                Transport::ProxyRefused
            });
        }
        refused.is_some()
    });
    refused
}

fn io_kind(error: &io::Error) -> Option<Transport> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Transport::Refused),
        io::ErrorKind::TimedOut => Some(Transport::TimedOut),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Transport::Reset),
        _ => None,
    }
}

fn tls_kind(error: &rustls::Error) -> Transport {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                Transport::UnknownAuthority
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Transport::WrongCertificateName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Transport::CertificateDates,
            _ => Transport::OtherTls,
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Transport::ClientCertificateWanted
        }
        rustls::Error::InvalidMessage(_) => Transport::NotTls,
        _ => Transport::OtherTls,
    }
}

/// Visits an error and its causes. `io::Error` hides the error it wraps from
/// `source`, so that one is looked into by hand.
fn walk(
    error: &(dyn Error + 'static),
    visit: &mut dyn FnMut(&(dyn Error + 'static)) -> bool,
) -> bool {
    if visit(error) {
        return true;
    }
    if let Some(io) = error.downcast_ref::<io::Error>()
        && let Some(inner) = io.get_ref()
        && walk(inner, visit)
    {
        return true;
    }
    error.source().is_some_and(|source| walk(source, visit))
}

/// The innermost words of an error: what a person can use. The layers above it
/// only say that sending did not work.
pub fn chain_text(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    walk(error, &mut |cause| {
        let text = match cause.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidCertificate(certificate)) => validity(certificate),
            _ => None,
        };
        words.push(text.unwrap_or_else(|| cause.to_string()));
        false
    });
    words
        .into_iter()
        .rev()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The dates of a certificate, which the TLS library tells in seconds.
fn validity(error: &CertificateError) -> Option<String> {
    let date =
        |time: &UnixTime| rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_secs()));
    match error {
        CertificateError::ExpiredContext { time, not_after } => Some(format!(
            "the certificate ended on {}, and this machine's clock says {}",
            date(not_after),
            date(time)
        )),
        CertificateError::NotValidYetContext { time, not_before } => Some(format!(
            "the certificate begins on {}, and this machine's clock says {}",
            date(not_before),
            date(time)
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_out_of_what_the_tls_library_calls_it() {
        let cases = [
            ("DnsName(\"vault.internal\")", "vault.internal"),
            ("DnsName(\"*.vault.internal\")", "*.vault.internal"),
            ("IpAddress(10.0.0.1)", "10.0.0.1"),
            ("IpAddress(2001:db8::1)", "2001:db8::1"),
            ("vault.internal", "vault.internal"),
        ];
        for (name, expected) in cases {
            assert_eq!(bare(name), expected);
        }
    }

    #[test]
    fn the_dates_of_a_certificate_are_dates() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let (time, other) = (at(1_700_000_000), at(1_600_000_000));
        let expired = CertificateError::ExpiredContext {
            time,
            not_after: other,
        };
        let early = CertificateError::NotValidYetContext {
            time: other,
            not_before: time,
        };
        let cases = [
            (
                expired,
                Some(
                    "the certificate ended on 2020-09-13T12:26:40Z, and this machine's clock says 2023-11-14T22:13:20Z",
                ),
            ),
            (
                early,
                Some(
                    "the certificate begins on 2023-11-14T22:13:20Z, and this machine's clock says 2020-09-13T12:26:40Z",
                ),
            ),
            (CertificateError::UnknownIssuer, None),
        ];
        for (error, expected) in cases {
            assert_eq!(validity(&error).as_deref(), expected);
        }
    }
}
