//! scim2-server on the loopback, installed once.
#![expect(clippy::disallowed_methods, reason = "tests write what the server announces")]

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::ask::TOKEN;
use crate::python;

const PACKAGE: &str = "scim2-server[cursor]==0.8.3";

/// A server of one's own, killed when dropped.
pub(super) struct Server {
    port: u16,
    child: Child,
    client: reqwest::Client,
}

impl Server {
    /// Starts one that turns its pages by index, or by cursor as well.
    pub(super) fn start(cursor: bool) -> Self {
        let program = python::with("scim2-server", PACKAGE);
        let place = TempDir::new().unwrap();
        let announced = place.path().join("provider.json");
        std::fs::write(&announced, provider(cursor).to_string()).unwrap();
        let started = (0..3).find_map(|_| listen(&program, &announced));
        let (port, child) = started.expect("scim2-server starts");
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { port, child, client: reqwest::Client::new() }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v2", self.port)
    }

    /// Makes a resource, and gives its id.
    pub(super) async fn make(&self, path: &str, body: &Value) -> String {
        let request = self.client.post(format!("{}/{path}", self.url())).bearer_auth(TOKEN).json(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// Asks as a reader would; the whole answer.
    pub(super) async fn ask(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}/{path}", self.url())).bearer_auth(TOKEN);
        request.send().await.unwrap().json().await.unwrap()
    }
}

fn provider(cursor: bool) -> Value {
    let off = json!({ "supported": false });
    let mut config = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": off, "changePassword": off, "sort": off, "etag": off,
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": 100 }
    });
    if cursor {
        config["pagination"] =
            json!({ "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 70 });
    }
    config
}

fn listen(program: &Path, announced: &Path) -> Option<(u16, Child)> {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut child = Command::new(program)
        .args(["-m", "scim2_server.testserver.cli", "--bearer-token", TOKEN, "--port", &port.to_string()])
        .arg("--service-provider-config")
        .arg(announced)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none() {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((port, child));
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
