//! Why a request got no answer, told by the types of the errors.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::fault::Transport;

/// Sorts a failed request and gives its words.
pub fn classify(error: &reqwest::Error) -> (Transport, String) {
    let kind = kind_of(error);
    (kind, chain_text(error))
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
    if kind == Transport::Other && error.is_connect() && is_tunnel_refused(error) {
        return Transport::ProxyRefused;
    }
    match kind {
        Transport::Other | Transport::TimedOut if error.is_timeout() && error.is_connect() => {
            Transport::ConnectTimedOut
        }
        Transport::Other if error.is_timeout() => Transport::TimedOut,
        _ => kind,
    }
}

/// Tells whether a proxy refused to open a tunnel. The error's type is private
/// to the HTTP library, so this goes by its words.
fn is_tunnel_refused(error: &reqwest::Error) -> bool {
    let mut found = false;
    walk(error, &mut |cause| {
        found = found || cause.to_string().starts_with("tunnel error");
        found
    });
    found
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
        words.push(cause.to_string());
        false
    });
    words
        .into_iter()
        .rev()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}
