//! A pack that is there, held against the one that its facts make. Nothing is written, and no file is held in memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::{Sink, fill};
use crate::assess::Assessment;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::ipe::RunFacts;
use crate::evidence::verify::Defect;

/// How a pack compares with the one that its facts make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// The files that there should be, by their paths within the pack.
    pub files: BTreeSet<String>,
    /// Where they are not as they should be: the first difference of each.
    pub defects: Vec<Defect>,
}

/// Compares the pack at `dir` with the one that [`write()`](super::write()) would put there.
///
/// # Errors
/// When a file of the pack can't be read, other than by not being there.
pub fn compare(assessment: &Assessment<'_>, run: &RunId, facts: &RunFacts, dir: &Path) -> Result<Compared, Error> {
    let mut against = Against { dir: dir.to_owned(), compared: Compared::default() };
    fill(assessment, run, facts, &mut against)?;
    Ok(against.compared)
}

struct Against {
    dir: PathBuf,
    compared: Compared,
}

impl Sink for Against {
    type File = Comparing<Box<dyn Read>>;

    fn begin(&mut self, name: &str) -> Result<Self::File, Error> {
        self.compared.files.insert(name.to_owned());
        let path = self.dir.join(name);
        // What is no file is not there; opening a folder succeeds, and reading it does not.
        let there = match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => Some(File::open(&path).map_err(|e| self.failed(name, e))?),
            Ok(_) => None,
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(self.failed(name, e)),
        };
        Ok(Comparing::new(there.map(|file| Box::new(BufReader::new(file)) as Box<dyn Read>)))
    }

    fn end(&mut self, name: &str, file: Self::File) -> Result<(), Error> {
        let Some(found) = file.end().map_err(|e| self.failed(name, e))? else { return Ok(()) };
        let text = !name.ends_with(".zst");
        let defect = match found {
            Found::Missing => Defect::of(name, "is not there"),
            Found::Other(place) if text => Defect {
                file: name.to_owned(),
                line: Some(place.line),
                column: Some(place.column),
                what: "differs when it is made again".to_owned(),
            },
            Found::Other(place) => {
                Defect::of(name, format!("differs from byte {} on when it is made again", place.offset + 1))
            }
            Found::Short(place) => Defect::at(name, place.line, "ends here, and goes on when it is made again"),
            Found::Long(place) => Defect::at(name, place.line, "goes on from here, and ends when it is made again"),
        };
        self.compared.defects.push(defect);
        Ok(())
    }

    fn failed(&self, name: &str, source: io::Error) -> Error {
        Error::io("read", &self.dir.join(name), source)
    }
}

/// How a file that is there is not the one that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// It is not there.
    Missing,
    /// Other bytes from here on.
    Other(Place),
    /// It ends too early.
    Short(Place),
    /// It ends too late.
    Long(Place),
}

/// A place in a text. Line and column count from one, the column in characters; the offset in bytes from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    offset: u64,
    line: u64,
    column: u64,
}

/// Takes what is made, and compares it with what is there as it comes.
struct Comparing<R> {
    there: Option<R>,
    place: Place,
    found: Option<Found>,
    buffer: Vec<u8>,
}

impl<R: Read> Comparing<R> {
    fn new(there: Option<R>) -> Self {
        let found = there.is_none().then_some(Found::Missing);
        Self { there, place: Place { offset: 0, line: 1, column: 1 }, found, buffer: Vec::new() }
    }

    /// The first difference.
    fn end(mut self) -> io::Result<Option<Found>> {
        if let (None, Some(there)) = (&self.found, &mut self.there) {
            let mut more = [0];
            if read_full(there, &mut more)? > 0 {
                self.found = Some(Found::Long(self.place));
            }
        }
        Ok(self.found)
    }

    fn pass(&mut self, byte: u8) {
        self.place.offset += 1;
        match byte {
            b'\n' => (self.place.line, self.place.column) = (self.place.line + 1, 1),
            // The bytes after a character's first.
            0x80..=0xbf => {}
            _ => self.place.column += 1,
        }
    }
}

impl<R: Read> Write for Comparing<R> {
    fn write(&mut self, made: &[u8]) -> io::Result<usize> {
        let (None, Some(there)) = (&self.found, &mut self.there) else { return Ok(made.len()) };
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(made.len(), 0);
        let read = read_full(there, &mut buffer)?;
        for (made, is) in made.iter().zip(buffer.iter().take(read)) {
            if made != is {
                // Within a character that takes several bytes, it is that character.
                if matches!(made, 0x80..=0xbf) && matches!(is, 0x80..=0xbf) {
                    self.place.column = self.place.column.saturating_sub(1);
                }
                self.found = Some(Found::Other(self.place));
                break;
            }
            self.pass(*made);
        }
        if self.found.is_none() && read < made.len() {
            self.found = Some(Found::Short(self.place));
        }
        self.buffer = buffer;
        Ok(made.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Fills the buffer as far as there is something to read.
fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(some) => read += some,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is found when `made` comes in pieces of a size.
    fn found(there: &[u8], made: &[u8], size: usize) -> Option<Found> {
        let mut comparing = Comparing::new(Some(there));
        for piece in made.chunks(size.max(1)) {
            comparing.write_all(piece).unwrap();
        }
        comparing.end().unwrap()
    }

    fn place(offset: u64, line: u64, column: u64) -> Place {
        Place { offset, line, column }
    }

    #[test]
    fn the_first_difference_has_its_line_and_column() {
        let made = "user,name\r\nada,Adé Ω\r\n".as_bytes();
        for (there, expected) in [
            ("user,name\r\nada,Adé Ω\r\n", None),
            ("user,name\r\nben,Adé Ω\r\n", Some(Found::Other(place(11, 2, 1)))),
            ("user,name\r\nada,Adè Ω\r\n", Some(Found::Other(place(18, 2, 7)))),
            ("user,name\r\nada,Adé Ψ\r\n", Some(Found::Other(place(21, 2, 9)))),
            ("user,name\r\n", Some(Found::Short(place(11, 2, 1)))),
            ("", Some(Found::Short(place(0, 1, 1)))),
            ("user,name\r\nada,Adé Ω\r\nben,Ben\r\n", Some(Found::Long(place(made.len() as u64, 3, 1)))),
        ] {
            for size in [1, 3, 1000] {
                assert_eq!(found(there.as_bytes(), made, size), expected, "{there:?} in pieces of {size}");
            }
        }
        assert_eq!(Comparing::<&[u8]>::new(None).end().unwrap(), Some(Found::Missing));
    }

    proptest! {
        #[test]
        fn equal_is_what_differs_nowhere(there in "[ab\\n]{0,8}", made in "[ab\\n]{0,8}", size in 1usize..5) {
            prop_assert_eq!(found(there.as_bytes(), made.as_bytes(), size).is_none(), there == made);
        }

        #[test]
        fn up_to_the_difference_both_are_equal(there in "[aé\\n]{0,8}", made in "[aé\\n]{0,8}", size in 1usize..5) {
            if let Some(Found::Other(at) | Found::Short(at) | Found::Long(at)) = found(there.as_bytes(), made.as_bytes(), size) {
                let end = usize::try_from(at.offset).unwrap();
                prop_assert_eq!(&there.as_bytes()[..end], &made.as_bytes()[..end]);
                prop_assert_eq!(at.line, 1 + there.as_bytes()[..end].iter().filter(|b| **b == b'\n').count() as u64);
            }
        }
    }
}
