//! TLS as a client: rustls with ring, public and system roots.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::failure::{FailureKind, Fault};

/// A configuration that trusts Mozilla's roots, the system's (where an operator installs a company's own) and `extra`.
///
/// `protocols` is offered by ALPN, for instance `http/1.1`.
pub fn client_config(
    extra: &[CertificateDer<'static>],
    protocols: &[&str],
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    // A system without a store, or with a broken certificate in it, is no reason not to start.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in extra {
        roots.add(certificate.clone())?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|protocol| protocol.as_bytes().to_vec())
        .collect();
    Ok(Arc::new(config))
}

/// Shakes hands with a peer that must prove to be `name`.
pub(crate) async fn handshake(
    connector: &TlsConnector,
    name: ServerName<'static>,
    stream: TcpStream,
    deadline: Instant,
) -> Result<TlsStream<TcpStream>, Fault> {
    timeout_at(deadline, connector.connect(name, stream))
        .await
        .map_err(|_| Fault::new(FailureKind::Timeout, "the TLS handshake did not end in time"))?
        .map_err(|error| {
            match error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            {
                Some(rustls) => Fault::new(FailureKind::Tls, format!("the TLS handshake failed: {rustls}")),
                None => Fault::new(FailureKind::Tls, "the connection closed during the TLS handshake"),
            }
        })
}

/// The certificates of a PEM file; an error when it holds none, or something that is none.
pub fn certificates(
    pem: &[u8],
) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, rustls::pki_types::pem::Error> {
    use rustls::pki_types::pem::{Error, PemObject};
    let certificates =
        rustls::pki_types::CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        Err(Error::NoItemsFound)
    } else {
        Ok(certificates)
    }
}
