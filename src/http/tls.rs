//! TLS: authorities, client certificate, and whether the server
//! asked for one.
//!
//! With TLS 1.3 a server refuses a missing client certificate only after the
//! client holds the handshake for done; its alert is then often lost with the
//! connection. So it is noted that a certificate was asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WantsClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme,
    WantsVerifier,
};
use rustls_platform_verifier::{BuilderVerifierExt as _, Verifier};

use super::ClientError;
use crate::settings::ConnectionSettings;

/// Tells whether a server asked for a client certificate that we do not have.
#[derive(Debug, Clone, Default)]
pub struct ClientCertificateWanted(Arc<AtomicBool>);

impl ClientCertificateWanted {
    /// True once a server asked in vain.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Builds the TLS configuration for Vault that the settings ask for.
///
/// # Errors
///
/// Names the file that cannot be read or used.
pub(super) fn vault_config(
    settings: &ConnectionSettings,
) -> Result<(ClientConfig, ClientCertificateWanted), ClientError> {
    let builder = if settings.skip_verify {
        let verifier = AnyCertificate(provider());
        builder()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        let roots = vault_roots(settings)?;
        match &settings.tls_server_name {
            Some(name) => builder()?
                .dangerous()
                .with_custom_certificate_verifier(named_verifier(name, roots)?),
            None => verified_by(roots)?,
        }
    };
    let wanted = ClientCertificateWanted::default();
    let key = match (&settings.client_cert, &settings.client_key) {
        (Some(certificate), Some(key)) => Some(client_key(certificate, key)?),
        _ => None,
    };
    let resolver = ClientCertificate {
        key,
        wanted: wanted.clone(),
    };
    Ok((
        builder.with_client_cert_resolver(Arc::new(resolver)),
        wanted,
    ))
}

/// Builds the TLS configuration for AWS: the authorities in `bundle`, else the
/// system's.
///
/// # Errors
///
/// The bundle cannot be read or holds no certificate.
pub(super) fn aws_config(bundle: Option<&Path>) -> Result<ClientConfig, ClientError> {
    let roots = match bundle {
        Some(path) => {
            let mut roots = RootCertStore::empty();
            add_roots(&mut roots, &read(path)?, path.display())?;
            Some(roots)
        }
        None => None,
    };
    Ok(verified_by(roots)?.with_no_client_auth())
}

/// A configuration that trusts nobody, for services that speak no TLS.
///
/// # Errors
///
/// None that a user can cause.
pub(super) fn no_config() -> Result<ClientConfig, ClientError> {
    Ok(verified_by(Some(RootCertStore::empty()))?.with_no_client_auth())
}

/// The cryptography. Not aws-lc: the entropy that it gathers by itself takes
/// 30 ms of each start.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ClientError> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::new("TLS", error))
}

/// Checks certificates against `roots`, else against the system's authorities.
fn verified_by(
    roots: Option<RootCertStore>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, ClientError> {
    match roots {
        Some(roots) => Ok(builder()?.with_root_certificates(roots)),
        None => builder()?
            .with_platform_verifier()
            .map_err(|error| ClientError::new("the system's certificates", error)),
    }
}

/// The authorities that the settings name; `None` leaves it to the system.
fn vault_roots(settings: &ConnectionSettings) -> Result<Option<RootCertStore>, ClientError> {
    let mut roots = RootCertStore::empty();
    if let Some(text) = &settings.ca_cert_bytes {
        add_roots(&mut roots, text.as_bytes(), "VAULT_CACERT_BYTES")?;
    } else if let Some(path) = &settings.ca_cert {
        add_roots(&mut roots, &read(path)?, path.display())?;
    } else if let Some(directory) = &settings.ca_path {
        for file in files_in(directory)? {
            add_roots(&mut roots, &read(&file)?, file.display())?;
        }
    } else {
        return Ok(None);
    }
    Ok(Some(roots))
}

fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    std::fs::read(path).map_err(|error| ClientError::new(path.display(), error))
}

fn files_in(directory: &Path) -> Result<Vec<PathBuf>, ClientError> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| ClientError::new(directory.display(), error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(ClientError::new(directory.display(), "holds no file"));
    }
    Ok(files)
}

fn add_roots(
    roots: &mut RootCertStore,
    pem: &[u8],
    place: impl ToString,
) -> Result<(), ClientError> {
    let place = place.to_string();
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| ClientError::new(&place, error))?;
        roots
            .add(certificate)
            .map_err(|error| ClientError::new(&place, error))?;
    }
    if roots.len() == before {
        return Err(ClientError::new(place, "holds no PEM certificate"));
    }
    Ok(())
}

fn client_key(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, ClientError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|error| ClientError::new(certificate.display(), error))?;
    if chain.is_empty() {
        return Err(ClientError::new(
            certificate.display(),
            "holds no PEM certificate",
        ));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|error| ClientError::new(key.display(), format!("holds no PEM key: {error}")))?;
    CertifiedKey::from_der(chain, private, &provider())
        .map(Arc::new)
        .map_err(|error| {
            ClientError::new(
                format!("{} with {}", certificate.display(), key.display()),
                error,
            )
        })
}

/// Answers a server that asks for a client certificate.
#[derive(Debug)]
struct ClientCertificate {
    key: Option<Arc<CertifiedKey>>,
    wanted: ClientCertificateWanted,
}

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.wanted.0.store(self.key.is_none(), Ordering::Relaxed);
        self.key.clone()
    }

    // Even without one we want to be asked, to know that the server wants one.
    fn has_certs(&self) -> bool {
        true
    }
}

/// Checks a certificate for the name that the settings give, whatever host is
/// dialled (VAULT_TLS_SERVER_NAME).
#[derive(Debug)]
struct NamedCertificate {
    name: ServerName<'static>,
    verifier: Arc<dyn ServerCertVerifier>,
}

fn named_verifier(
    name: &str,
    roots: Option<RootCertStore>,
) -> Result<Arc<NamedCertificate>, ClientError> {
    let refuse = |error: &dyn std::fmt::Display| ClientError::new("vault.tls_server_name", error);
    let name = ServerName::try_from(name.to_owned()).map_err(|error| refuse(&error))?;
    let verifier: Arc<dyn ServerCertVerifier> = match roots {
        Some(roots) => WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| refuse(&error))?,
        None => Arc::new(Verifier::new(provider()).map_err(|error| refuse(&error))?),
    };
    Ok(Arc::new(NamedCertificate { name, verifier }))
}

impl ServerCertVerifier for NamedCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier
            .verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Takes any certificate: `--skip-verify`, of which the user is warned.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
