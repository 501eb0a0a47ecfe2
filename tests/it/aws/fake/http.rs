//! As much HTTP/1.1 as the SDK speaks: requests with a length, keep-alive, one answer each.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Shared;
use super::dispatch;

/// A request as it came over the wire; header names in lower case.
pub(super) struct Incoming {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Incoming {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// How an answer leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Whole,
    /// The last third is missing, and the connection ends.
    Truncated,
    Reset,
    Never,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) delivery: Delivery,
    pub(super) delay: Duration,
}

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A client that goes away in the middle is no fault of the server's.
            let _ = converse(stream, &shared).await;
        });
    }
}

async fn converse(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await? {
        let answer = dispatch::answer(shared, &request);
        tokio::time::sleep(answer.delay).await;
        let mut message = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nx-amzn-requestid: 00000000-fake\r\n{}\r\n",
            answer.status,
            if answer.status < 400 { "OK" } else { "Error" },
            answer.content_type,
            answer.body.len(),
            shared.clock_ahead.map(date).unwrap_or_default(),
        )
        .into_bytes();
        match answer.delivery {
            Delivery::Whole => {
                message.extend_from_slice(&answer.body);
                stream.write_all(&message).await?;
            }
            Delivery::Truncated => {
                message.extend_from_slice(&answer.body[..answer.body.len() * 2 / 3]);
                stream.write_all(&message).await?;
                return stream.shutdown().await;
            }
            Delivery::Reset => return stream.set_zero_linger(),
            Delivery::Never => std::future::pending().await,
        }
    }
    Ok(())
}

/// The `Date` of a clock that is so many seconds ahead of the machine's.
fn date(ahead: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the server has a clock of its own")]
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
    format!("date: {date}\r\n")
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Incoming>> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<_> = lines
        .filter_map(|header| header.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Incoming { line, headers, body: Vec::new() };
    let length: usize = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let end = head_end + 4 + length;
    while buffer.len() < end {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    request.body = buffer[head_end + 4..end].to_vec();
    buffer.drain(..end);
    Ok(Some(request))
}
