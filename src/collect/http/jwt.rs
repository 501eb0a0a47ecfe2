//! Assertions: short tokens that we sign to prove who is asking (RFC 7523).

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::collect::secret::SecretText;
use crate::model::Instant;

/// Signs assertions with one key.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    header: Header,
    claims: Claims,
}

/// What an assertion says.
#[derive(Debug, Clone, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// How long an assertion is good for. Microsoft recommends ten minutes at most; the others allow an hour.
const LIFETIME_SECONDS: i64 = 300;

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("claims", &self.claims).finish_non_exhaustive()
    }
}

impl Signer {
    /// Signs with a private key in PEM (RSA, or P-256), as `issuer` about `subject`, for `audience`. The PEM may hold a
    /// certificate as well.
    ///
    /// # Errors
    /// When there is no such key in it, in words.
    pub fn new(pem: &SecretText, issuer: &str, subject: &str, audience: &str) -> Result<Self, &'static str> {
        let block = private_key(pem.reveal())?;
        let rsa = EncodingKey::from_rsa_pem(block.as_bytes()).map(|key| (key, Algorithm::RS256));
        let ec = || EncodingKey::from_ec_pem(block.as_bytes()).map(|key| (key, Algorithm::ES256));
        let (key, algorithm) =
            rsa.or_else(|_| ec()).map_err(|_| "its private key is neither an RSA key nor a P-256 key")?;
        let claims = Claims {
            iss: issuer.to_owned(),
            sub: subject.to_owned(),
            aud: audience.to_owned(),
            scope: None,
            jti: String::new(),
            iat: 0,
            nbf: 0,
            exp: 0,
        };
        let signer = Self { key, header: Header::new(algorithm), claims };
        // A key that can't sign is found out here rather than in the middle of a collection.
        signer.encode(&signer.claims).map_err(|_| "its private key can't be used for signing")?;
        Ok(signer)
    }

    /// Names the key by its id (`kid`).
    #[must_use]
    pub fn key_id(mut self, id: Option<&str>) -> Self {
        self.header.kid = id.map(str::to_owned);
        self
    }

    /// Asks for these scopes within the assertion, as Google wants it.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.claims.scope = Some(scope.to_owned());
        self
    }

    /// Names the key by the digest of its certificate (`x5t#S256`), which stands in the same PEM.
    ///
    /// # Errors
    /// When there is no certificate in it, in words.
    pub fn certificate(mut self, pem: &SecretText) -> Result<Self, &'static str> {
        let certificate = CertificateDer::pem_slice_iter(pem.reveal().as_bytes()).next();
        let certificate = certificate.ok_or("it holds no certificate")?.map_err(|_| "its certificate can't be read")?;
        self.header.x5t_s256 = Some(BASE64URL_NOPAD.encode(&Sha256::digest(&certificate)));
        Ok(self)
    }

    /// An assertion that is good from now on.
    pub(super) fn assertion(&self, now: Instant) -> Result<String, &'static str> {
        let now = now.timestamp().as_second();
        // A minute back, for a service whose clock is behind ours.
        let claims =
            Claims { jti: unique()?, iat: now - 60, nbf: now - 60, exp: now + LIFETIME_SECONDS, ..self.claims.clone() };
        self.encode(&claims)
    }

    fn encode(&self, claims: &Claims) -> Result<String, &'static str> {
        jsonwebtoken::encode(&self.header, claims, &self.key).map_err(|_| "the assertion could not be signed")
    }
}

/// An id that nobody can guess.
fn unique() -> Result<String, &'static str> {
    let mut bytes = [0_u8; 16];
    let ours;
    let provider = match CryptoProvider::get_default() {
        Some(provider) => provider.as_ref(),
        None => {
            ours = rustls::crypto::aws_lc_rs::default_provider();
            &ours
        }
    };
    provider.secure_random.fill(&mut bytes).map_err(|_| "the system gives no random numbers")?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// The private key's part of a PEM text.
fn private_key(pem: &str) -> Result<String, &'static str> {
    let missing = "it holds no private key in PEM (-----BEGIN PRIVATE KEY-----)";
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        if let Some((_, rest)) = pem.split_once(&begin) {
            let (body, _) = rest.split_once(&end).ok_or("its private key is cut off")?;
            return Ok(format!("{begin}{body}{end}\n"));
        }
    }
    Err(if pem.contains("ENCRYPTED PRIVATE KEY") {
        "its private key is protected by a password; give one that is not"
    } else {
        missing
    })
}
