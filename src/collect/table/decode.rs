//! Bytes to text. Spreadsheets write UTF-8 with and without a mark, UTF-16, and the code page of the machine.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a file, and how it was found.
#[derive(Debug)]
pub(super) struct Text<'a> {
    text: Cow<'a, str>,
    encoding: &'static str,
    /// Nothing in the file says that this is its encoding.
    guessed: bool,
    /// Some bytes mean nothing in this encoding; U+FFFD stands in their place.
    damaged: bool,
}

impl<'a> Text<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Self {
        let (encoding, rest) = match bytes {
            [0xEF, 0xBB, 0xBF, rest @ ..] => ("UTF-8 with byte order mark", rest),
            [0xFF, 0xFE, rest @ ..] => return Self::utf16("UTF-16LE", UTF_16LE, rest),
            [0xFE, 0xFF, rest @ ..] => return Self::utf16("UTF-16BE", UTF_16BE, rest),
            _ => ("UTF-8", bytes),
        };
        if let Ok(text) = str::from_utf8(rest) {
            return Self { text: Cow::Borrowed(text), encoding, guessed: false, damaged: false };
        }
        if rest.len() == bytes.len() && !mostly_utf8(bytes) {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            return Self { text, encoding: "windows-1252", guessed: true, damaged: false };
        }
        Self { text: String::from_utf8_lossy(rest), encoding, guessed: false, damaged: true }
    }

    fn utf16(name: &'static str, encoding: &'static encoding_rs::Encoding, bytes: &'a [u8]) -> Self {
        let (text, damaged) = encoding.decode_without_bom_handling(bytes);
        Self { text, encoding: name, guessed: false, damaged }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn encoding(&self) -> &'static str {
        self.encoding
    }

    pub(super) fn is_guessed(&self) -> bool {
        self.guessed
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }
}

/// Whether invalid UTF-8 is damaged UTF-8 and not a code page: letters of a code page hardly ever form valid sequences.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid > invalid
}
