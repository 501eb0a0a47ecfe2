//! Secrets: looked up when they are needed, never printed, never stored.

use std::fmt;
use std::path::Path;

use super::table::plain_error;
use crate::config::Secret;
use crate::error::Error;

/// A secret's text. It can't be serialised, and shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Takes a text that must not be shown.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, to be sent and not to be kept.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// The largest file that is taken for a secret.
const LARGEST: u64 = 1 << 20;

/// Looks a secret up. `key` is what the config calls it, `source` whose it is; a file is relative to `base`.
///
/// # Errors
/// When there is nothing where the config says it is. The message names the place, and never what is there.
pub fn resolve(secret: &Secret, key: &str, source: &str, base: &Path) -> Result<SecretText, Error> {
    let wrong = |what: String, help: String| plain_error(source, format!("`{key}`: {what}"), help);
    let text = match secret {
        Secret::Env(name) => {
            #[expect(clippy::disallowed_methods, reason = "collectors look secrets up where the config says they are")]
            let value = std::env::var(name);
            match value {
                Ok(value) => value,
                Err(std::env::VarError::NotPresent) => {
                    let message = format!("the environment variable {name} is not set");
                    return Err(wrong(message, format!("set {name} for the user who runs overstay")));
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    let message = format!("the environment variable {name} is not a text");
                    return Err(wrong(message, format!("set {name} again")));
                }
            }
        }
        Secret::File(path) => file(&base.join(path)).map_err(|why| {
            let full = base.join(path).display().to_string();
            let help = "paths are relative to the config file, and the user who runs overstay must be able to read it";
            wrong(format!("{why}; it was looked for at `{full}`"), help.to_owned())
        })?,
    };
    let text = text.trim_end();
    if text.is_empty() {
        return Err(wrong(format!("the {secret} is empty"), "put the secret there".to_owned()));
    }
    Ok(SecretText(text.to_owned()))
}

fn file(path: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => "there is no such file".to_owned(),
        _ => format!("the file can't be read ({error})"),
    })?;
    if meta.len() > LARGEST {
        return Err(format!("the file has {} bytes, which is no secret", meta.len()));
    }
    #[expect(clippy::disallowed_methods, reason = "collectors look secrets up where the config says they are")]
    let text = std::fs::read_to_string(path);
    text.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => "the file is not a text".to_owned(),
        _ => format!("the file can't be read ({error})"),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]
    use super::*;

    fn find(secret: &Secret, base: &Path) -> Result<SecretText, String> {
        resolve(secret, "token", "idp:okta", base).map_err(|error| match error {
            Error::Input(diagnostics) => diagnostics.iter().map(|d| d.render(false)).collect(),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn a_file_is_relative_to_the_config_and_loses_its_last_line_break() {
        let dir = tempfile::TempDir::new().unwrap();
        std::fs::write(dir.path().join("token"), "s3cret-word \r\n\n").unwrap();
        let found = find(&Secret::File("token".into()), dir.path()).unwrap();
        assert_eq!(found.reveal(), "s3cret-word");
        assert_eq!(format!("{found:?}"), "SecretText(…)");
    }

    #[test]
    fn what_is_missing_or_empty_is_told_with_its_place() {
        let dir = tempfile::TempDir::new().unwrap();
        std::fs::write(dir.path().join("empty"), " \n").unwrap();
        std::fs::write(dir.path().join("binary"), [0xff, 0xfe, 0x00]).unwrap();
        let told = |path: &str| find(&Secret::File(path.into()), dir.path()).unwrap_err();
        assert!(told("empty").contains("`token`: the file empty is empty"), "{}", told("empty"));
        let place = dir.path().join("nowhere").display().to_string();
        assert!(told("nowhere").contains("there is no such file") && told("nowhere").contains(&place));
        assert!(told("binary").contains("is not a text"), "{}", told("binary"));
        let unset = find(&Secret::Env("OVERSTAY_TEST_NOT_SET".to_owned()), dir.path()).unwrap_err();
        assert!(unset.contains("the environment variable OVERSTAY_TEST_NOT_SET is not set"), "{unset}");
        assert!(unset.contains("idp:okta"), "{unset}");
    }
}
