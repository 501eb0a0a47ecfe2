//! As much HTTP/1.1 as our clients speak: requests with a length, keep-alive, one answer each; on the loopback, at a port that
//! the system chooses.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A request as it came over the wire; header names in lower case.
pub(crate) struct Incoming {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// How an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// The last third is missing, and the connection ends.
    Truncated,
    Reset,
    Never,
}

/// An answer on its way.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
    pub(crate) delay: Duration,
}

/// What answers.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: &Incoming) -> Answer;

    /// The answer has left, or never will.
    fn left(&self) {}
}

/// A server in a thread of its own, until it is dropped.
pub(crate) struct Server {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves until it is stopped.
    pub(crate) fn start(handler: Arc<impl Handler>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell_port, port) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                tell_port.send(listener.local_addr().unwrap().port()).unwrap();
                tokio::select! {
                    () = serve(listener, handler) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { port: port.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops it; tells whether it had not panicked.
    pub(crate) fn stop(&mut self) -> bool {
        drop(self.stop.take());
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let sound = self.stop();
        if !std::thread::panicking() {
            assert!(sound, "the server panicked");
        }
    }
}

async fn serve(listener: TcpListener, handler: Arc<impl Handler>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            // A client that goes away in the middle is no fault of the server's.
            let _ = converse(stream, handler.as_ref()).await;
        });
    }
}

async fn converse(mut stream: TcpStream, handler: &impl Handler) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await? {
        let answer = handler.answer(&request);
        tokio::time::sleep(answer.delay).await;
        // It counts as gone before the client can have it, and so before the client's next request.
        handler.left();
        let mut head = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nx-amzn-requestid: 00000000-fake\r\n",
            answer.status,
            if answer.status < 400 { "OK" } else { "Error" },
            answer.content_type,
            answer.body.len(),
        );
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
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

/// The value of a `Date` header: a clock that is so many seconds ahead of the machine's.
pub(crate) fn date(ahead: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the server has a clock of its own")]
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap()
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
