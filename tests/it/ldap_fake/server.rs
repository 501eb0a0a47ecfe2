//! Speaks as much LDAP (RFC 4511) as the collector does, in clear, which is for the loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use ldap3::asn1::{PL, StructureTag, TagClass, parse_tag};

/// One search, as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) base: String,
    pub(super) attributes: Vec<String>,
    /// What the client said to go on from; none if it did not ask for pages.
    pub(super) cookie: Option<Vec<u8>>,
}

impl Search {
    pub(super) fn wants(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|one| one == attribute)
    }
}

/// What the server sends.
#[derive(Debug, Clone)]
pub(super) enum Say {
    /// An entry: its name, and its attributes with their values.
    Entry(String, Vec<(String, Vec<Vec<u8>>)>),
    /// Something in an entry's place that is none.
    Nonsense,
    /// Another server.
    Reference,
    /// The end with a result code, and the cookie of the next page.
    Done(u8, &'static [u8]),
    /// Nothing more: the connection is closed.
    Close,
}

pub(super) fn entry(dn: &str, attributes: &[(&str, &[&[u8]])]) -> Say {
    let values = |values: &[&[u8]]| values.iter().map(|value| value.to_vec()).collect();
    Say::Entry(dn.to_owned(), attributes.iter().map(|(name, all)| ((*name).to_owned(), values(all))).collect())
}

/// A server, until the test ends.
pub(super) struct Server {
    port: u16,
    searches: Arc<Mutex<Vec<Search>>>,
}

impl Server {
    /// Answers every search but that of the root DSE by `answer`, which also gets how many there were before.
    pub(super) fn start(
        active_directory: bool,
        answer: impl Fn(&Search, usize) -> Vec<Say> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let searches = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&searches), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, active_directory, &seen, answer.as_ref()));
            }
        });
        Self { port, searches }
    }

    pub(super) fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    pub(super) fn searches(&self) -> Vec<Search> {
        self.searches.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    active_directory: bool,
    seen: &Mutex<Vec<Search>>,
    answer: &(dyn Fn(&Search, usize) -> Vec<Say> + Send + Sync),
) {
    let mut buffer = Vec::new();
    while let Some(message) = receive(&mut stream, &mut buffer) {
        let mut parts = parts(message).into_iter();
        let id = bytes(parts.next().unwrap());
        let operation = parts.next().unwrap();
        let reply = |op: Vec<u8>, controls: Vec<u8>| tlv(0x30, &[tlv(0x02, &id), op, controls].concat());
        let out = match operation.id {
            // Bind, and a wish for TLS that can't be met.
            0 => reply(tlv(0x61, &result(0)), Vec::new()),
            23 => reply(tlv(0x78, &result(2)), Vec::new()),
            3 => {
                let search = search(operation, parts.next());
                let says = if search.base.is_empty() {
                    let kind: &[u8] = if active_directory { b"1.2.840.113556.1.4.800" } else { b"1.2.3" };
                    let domain: &[(&str, &[&[u8]])] =
                        &[("supportedCapabilities", &[kind]), ("defaultNamingContext", &[b"DC=corp,DC=example"])];
                    vec![entry("", domain), Say::Done(0, b"")]
                } else {
                    let before = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(search.clone());
                        seen.len() - 1
                    };
                    answer(&search, before)
                };
                let mut out = Vec::new();
                for say in &says {
                    match say {
                        Say::Close => {
                            let _ = stream.write_all(&out);
                            return;
                        }
                        say => {
                            let (op, controls) = said(say, search.cookie.is_some());
                            out.extend(reply(op, controls));
                        }
                    }
                }
                out
            }
            _ => return,
        };
        if stream.write_all(&out).is_err() {
            return;
        }
    }
}

fn said(say: &Say, paged: bool) -> (Vec<u8>, Vec<u8>) {
    match say {
        Say::Entry(dn, attributes) => {
            let attribute = |(name, values): &(String, Vec<Vec<u8>>)| {
                let set: Vec<u8> = values.iter().flat_map(|value| tlv(0x04, value)).collect();
                tlv(0x30, &[tlv(0x04, name.as_bytes()), tlv(0x31, &set)].concat())
            };
            let list: Vec<u8> = attributes.iter().flat_map(attribute).collect();
            (tlv(0x64, &[tlv(0x04, dn.as_bytes()), tlv(0x30, &list)].concat()), Vec::new())
        }
        Say::Nonsense => (tlv(0x64, &tlv(0x04, b"cn=alone")), Vec::new()),
        Say::Reference => (tlv(0x73, &tlv(0x04, b"ldap://elsewhere.example/")), Vec::new()),
        Say::Done(code, cookie) if paged => {
            let value = tlv(0x30, &[tlv(0x02, &[0]), tlv(0x04, cookie)].concat());
            let control = tlv(0x30, &[tlv(0x04, b"1.2.840.113556.1.4.319"), tlv(0x04, &value)].concat());
            (tlv(0x65, &result(*code)), tlv(0xa0, &control))
        }
        Say::Done(code, _) => (tlv(0x65, &result(*code)), Vec::new()),
        Say::Close => unreachable!(),
    }
}

fn result(code: u8) -> Vec<u8> {
    [tlv(0x0a, &[code]), tlv(0x04, b""), tlv(0x04, b"")].concat()
}

/// A tag with its length and content (X.690, 8.1).
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ ..0x80) => out.push(length),
        _ => {
            out.push(0x84);
            out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<StructureTag> {
    loop {
        if let Ok((rest, tag)) = parse_tag(buffer) {
            let used = buffer.len() - rest.len();
            buffer.drain(..used);
            return Some(tag);
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => buffer.extend(&chunk[..count]),
        }
    }
}

fn search(operation: StructureTag, controls: Option<StructureTag>) -> Search {
    let mut fields = parts(operation).into_iter();
    let base = text(fields.next().unwrap());
    let attributes = parts(fields.nth(6).unwrap()).into_iter().map(text).collect();
    let controls = controls.filter(|tag| tag.class == TagClass::Context).map(parts).unwrap_or_default();
    let cookie = controls.into_iter().find_map(|control| {
        let mut control = parts(control);
        let value = bytes(control.pop()?);
        (text(control.swap_remove(0)) == "1.2.840.113556.1.4.319")
            .then(|| bytes(parts(parse_tag(&value).unwrap().1).pop().unwrap()))
    });
    Search { base, attributes, cookie }
}

fn parts(tag: StructureTag) -> Vec<StructureTag> {
    match tag.payload {
        PL::C(parts) => parts,
        PL::P(_) => panic!("a simple value"),
    }
}

fn bytes(tag: StructureTag) -> Vec<u8> {
    match tag.payload {
        PL::P(bytes) => bytes,
        PL::C(_) => panic!("no simple value"),
    }
}

fn text(tag: StructureTag) -> String {
    String::from_utf8(bytes(tag)).unwrap()
}
