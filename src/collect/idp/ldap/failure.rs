//! What a directory's refusals mean, in plain words.

use ldap3::{LdapError, LdapResult};

use crate::model::{Fact, Gap, GapKind};

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// Why.
    pub(super) kind: GapKind,
    /// One sentence in lower case.
    pub(super) reason: String,
    /// What to do about it.
    pub(super) hint: String,
    /// The server's result code; 0 if it gave none.
    code: u32,
}

/// What a server calls `sizeLimitExceeded` (RFC 4511, appendix A; the other codes as well).
const SIZE_LIMIT: u32 = 4;

impl Failure {
    pub(super) fn new(kind: GapKind, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), hint: hint.into(), code: 0 }
    }

    /// An answer that can't be true.
    pub(super) fn malformed(reason: &str) -> Self {
        Self::new(GapKind::Malformed, reason, "run again; if it stays, look for a proxy that alters answers")
    }

    /// Whether the server said that there is no such entry.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self.code, 32 | 34)
    }

    /// Whether the server said that another one holds this.
    pub(super) fn is_referral(&self) -> bool {
        matches!(self.code, 9 | 10)
    }

    /// A result that is not success.
    pub(super) fn of_result(result: &LdapResult) -> Self {
        Self { code: result.rc, ..Self::judge(result) }
    }

    fn judge(result: &LdapResult) -> Self {
        let said = said(&result.text);
        match result.rc {
            3 => Self::new(
                GapKind::Malformed,
                "the server stopped at its time limit, and the list is cut short",
                "raise the time limit for who reads (OpenLDAP: `limits … time=unlimited`)",
            ),
            SIZE_LIMIT => Self::new(
                GapKind::Malformed,
                "the server stopped at its size limit, and the list is cut short",
                "raise the limit for who reads (OpenLDAP: `limits dn.exact=\"…\" size=unlimited size.prtotal=unlimited`)",
            ),
            11 => Self::new(
                GapKind::Malformed,
                "the server stopped at a limit of its administrator, and the list is cut short",
                "raise the limits for who reads",
            ),
            7 | 48 => Self::new(
                GapKind::Credentials,
                format!("the server does not let this user bind with a password{said}"),
                "name a user that has a password in bind_dn",
            ),
            8 | 13 => Self::new(
                GapKind::Denied,
                "the server wants an encrypted connection for this",
                "write url = \"ldaps://…\"",
            ),
            9 | 10 => Self::new(
                GapKind::NotFound,
                "the server does not hold this part of the directory and refers to another server",
                "write the url of a server that holds base_dn",
            ),
            12 => Self::new(
                GapKind::Server,
                "the server does not know a control that is needed, such as paging or showing deleted entries",
                "name the right flavor, or leave the part out with `without`",
            ),
            32 => Self::new(
                GapKind::NotFound,
                "there is no such entry, or who reads may not see it",
                "check base_dn, and what bind_dn may read",
            ),
            34 => Self::new(GapKind::NotFound, "the name is not a distinguished name", "check base_dn and bind_dn"),
            49 => Self::new(
                GapKind::Credentials,
                match active_directory_cause(&result.text) {
                    Some(cause) => format!("the server refuses the bind: {cause}"),
                    None => "the server refuses the bind: wrong name or password".to_owned(),
                },
                "check bind_dn and password",
            ),
            50 => Self::new(
                GapKind::Denied,
                "who reads has no right to this",
                "let the user of bind_dn read users and groups below base_dn",
            ),
            51 | 52 => Self::new(
                GapKind::Throttled,
                if result.rc == 51 { "the server is too busy" } else { "the server is not available now" },
                "run again at a quieter time, or name another server",
            ),
            53 => Self::new(
                GapKind::Denied,
                format!("the server is unwilling to do this{said}"),
                "ask the directory's administrator what its policy forbids",
            ),
            code => Self::new(
                GapKind::Server,
                format!("the server failed with LDAP result {code}{said}"),
                "run again; if it stays, ask the directory's administrator",
            ),
        }
    }

    /// A failure on the way.
    pub(super) fn of_error(error: &LdapError) -> Self {
        match error {
            LdapError::LdapResult { result } => Self::of_result(result),
            LdapError::Io { source } => Self::of_io(source),
            LdapError::Rustls { source } => Self::of_tls(source),
            LdapError::Timeout { .. } => Self::new(
                GapKind::Network,
                "the server did not answer in time",
                "check the url, and that nothing between blocks the port",
            ),
            LdapError::EndOfStream
            | LdapError::OpSend { .. }
            | LdapError::ResultRecv { .. }
            | LdapError::IdScrubSend { .. } => Self::new(
                GapKind::Network,
                "the server closed the connection before its answer was whole",
                "run again; if it stays, look at the server's log",
            ),
            LdapError::DNSName { .. } | LdapError::UrlParsing { .. } | LdapError::UnknownScheme(_) => Self::new(
                GapKind::Network,
                "the url names no server that a certificate could be checked for",
                "write url = \"ldaps://host.example.com\"",
            ),
            other => Self::new(GapKind::Malformed, format!("the exchange failed: {other}"), "run again"),
        }
    }

    fn of_io(error: &std::io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(tls);
        }
        Self::new(
            GapKind::Network,
            format!("the server can't be reached: {error}"),
            "check the url, and that this machine may connect to it",
        )
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use rustls::CertificateError as Cert;
        let (reason, hint) = match error {
            rustls::Error::InvalidCertificate(Cert::UnknownIssuer) => (
                "the server's certificate is of no authority that is trusted here".to_owned(),
                "name the authority's certificate: ca = \"ca.pem\"",
            ),
            rustls::Error::InvalidCertificate(Cert::NotValidForName | Cert::NotValidForNameContext { .. }) => (
                "the server's certificate is for another name".to_owned(),
                "write the name that stands in the certificate into url",
            ),
            rustls::Error::InvalidCertificate(Cert::Expired | Cert::ExpiredContext { .. }) => {
                ("the server's certificate has expired".to_owned(), "renew the certificate")
            }
            other => (
                format!("no encrypted connection came about: {other}"),
                "check that the port speaks TLS, and the certificate",
            ),
        };
        Self::new(GapKind::Network, reason, hint)
    }

    /// The failure as a gap of each of these facts.
    pub(super) fn gaps(&self, facts: &[Fact], at: &str) -> Vec<Gap> {
        let gap = |fact: &Fact| Gap {
            fact: *fact,
            kind: self.kind,
            at: at.to_owned(),
            reason: self.reason.clone(),
            hint: self.hint.clone(),
        };
        facts.iter().map(gap).collect()
    }
}

/// The server's own words, as far as they are short text.
fn said(text: &str) -> String {
    let text: String = text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.trim() {
        "" => String::new(),
        text => format!(", and says: {text}"),
    }
}

/// The cause that Active Directory hides behind "invalid credentials", as in `… data 52e, v4563` (Microsoft, "Common Active
/// Directory LDAP bind errors"; the numbers are those of `System Error Codes`).
fn active_directory_cause(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once("data ")?;
    let code: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    Some(match code.to_ascii_lowercase().as_str() {
        "525" => "there is no such user",
        "52e" => "wrong name or password",
        "52f" => "an account restriction stands against it",
        "530" => "the user may not sign in at this time",
        "531" => "the user may not sign in from this machine",
        "532" => "the user's password has expired",
        "533" => "the user is disabled",
        "701" => "the user's account has expired",
        "773" => "the user must change the password first",
        "775" => "the user is locked out",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rc: u32, text: &str) -> Failure {
        Failure::of_result(&LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: Vec::new(),
        })
    }

    #[test]
    fn the_cause_of_a_refused_bind_is_told() {
        let told = |text: &str| result(49, text).reason;
        let ad = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 533, v4563";
        assert_eq!(told(ad), "the server refuses the bind: the user is disabled");
        assert_eq!(told(&ad.replace("533", "52E")), "the server refuses the bind: wrong name or password");
        assert_eq!(told(""), "the server refuses the bind: wrong name or password");
        assert_eq!(told("data"), "the server refuses the bind: wrong name or password");
    }

    #[test]
    fn limits_cut_short_and_only_pressure_is_waited_out() {
        for code in [3, 4, 11] {
            assert_eq!(result(code, "").kind, GapKind::Malformed);
        }
        let passing: Vec<u32> = (1..100).filter(|code| result(*code, "").kind == GapKind::Throttled).collect();
        assert_eq!(passing, [51, 52]);
        assert_eq!(result(80, "a\nb").reason, "the server failed with LDAP result 80, and says: a b");
    }

    #[test]
    fn certificates_are_judged_in_words() {
        use rustls::CertificateError as Cert;
        let of = |error: Cert| {
            let io = std::io::Error::new(std::io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(error));
            Failure::of_error(&LdapError::Io { source: io })
        };
        assert!(of(Cert::UnknownIssuer).hint.contains("ca = "));
        assert!(of(Cert::NotValidForName).reason.contains("another name"));
        assert!(of(Cert::Expired).reason.contains("expired"));
        assert!(of(Cert::BadSignature).reason.contains("no encrypted connection"));
    }
}
