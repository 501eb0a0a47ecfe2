//! TLS: whom the client trusts.
#![expect(clippy::disallowed_methods, reason = "tests read their fixtures")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use overstay::collect::http::Http;
use overstay::config::Connection;
use overstay::model::GapKind;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::client::{bearer, connect_with, limits, list};

/// A server whose certificate comes from an authority that only the fixtures know. It takes so many connections, and answers each
/// once; gives its port.
fn serve(connections: usize) -> (u16, std::thread::JoinHandle<usize>) {
    let pem = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/web/server.pem")).unwrap();
    let chain = CertificateDer::pem_slice_iter(&pem).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(&pem).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        (0..connections).filter(|_| answer(listener.accept().unwrap().0, &config).is_ok()).count()
    });
    (port, thread)
}

fn answer(mut stream: std::net::TcpStream, config: &Arc<ServerConfig>) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut tls = Stream::new(&mut connection, &mut stream);
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let body = "{\"value\":[\"over TLS\"]}";
    let length = body.len();
    tls.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").as_bytes())?;
    tls.flush()
}

fn client(port: u16, ca: Option<&str>) -> Arc<Http> {
    let connection = Connection { ca: ca.map(Into::into), ..Connection::default() };
    connect_with(&format!("https://127.0.0.1:{port}"), bearer("secret"), limits(), connection).unwrap()
}

#[test]
fn an_authority_of_the_config_is_trusted() {
    let (port, server) = serve(1);
    assert_eq!(list(&client(port, Some("tests/fixtures/web/ca.pem"))).0, [["over TLS"]]);
    assert_eq!(server.join().unwrap(), 1);
}

#[test]
fn strangers_get_no_request() {
    // Three tries each: with the system's authorities, and with another one.
    for ca in [None, Some("tests/fixtures/web/rsa.pem")] {
        let (port, server) = serve(3);
        let error = list(&client(port, ca)).1.unwrap_err();
        assert_eq!(error.kind, GapKind::Network);
        assert!(error.reason.contains("certificate"), "{}", error.reason);
        assert_eq!(server.join().unwrap(), 0);
    }
}
