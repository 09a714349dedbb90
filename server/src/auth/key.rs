//! What signatures are checked with. A key is read once, is never shown, and is good for one algorithm only.

use std::fmt;

use jsonwebtoken::DecodingKey;

/// The shortest secret, in bytes: as long as what HS256 makes of it (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// How tokens are signed. Exactly one is accepted: whoever could choose would choose the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519: this server has the public key, and cannot sign tokens itself.
    EdDsa,
    /// HMAC with SHA-256: whoever checks tokens could sign them as well.
    Hs256,
}

/// A key, with the one algorithm that it is for. Cloning it makes another copy in memory.
#[derive(Clone)]
pub struct VerifyingKey {
    pub(super) algorithm: jsonwebtoken::Algorithm,
    pub(super) key: DecodingKey,
}

/// Why something is no key. It does not say what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// For EdDSA.
    #[error("must be the PEM of an Ed25519 public key (-----BEGIN PUBLIC KEY-----)")]
    NoPublicKey,
    /// For HS256.
    #[error("must be a secret of at least 32 bytes for HS256; make one with: openssl rand -hex 32")]
    TooShort,
    /// For HS256: a public key is no secret.
    #[error(
        "is a PEM, and HS256 wants a secret that nobody else has; for a public key say algorithm = \"EdDSA\""
    )]
    Pem,
    /// For HS256: whoever signs does so without it, as a rule.
    #[error("ends with a line break, which would be part of the secret; write it without one")]
    LineBreak,
}

impl VerifyingKey {
    /// Reads a key as it is in its file: a PEM for EdDSA, the bare secret for HS256.
    pub fn new(algorithm: Algorithm, text: &[u8]) -> Result<Self, BadKey> {
        match algorithm {
            Algorithm::EdDsa => {
                let key = DecodingKey::from_ed_pem(text).map_err(|_| BadKey::NoPublicKey)?;
                // The PEM's reader takes any curve of its family; Ed25519's points have 32 bytes.
                match key.try_get_as_bytes() {
                    Ok(point) if point.len() == 32 => {}
                    _ => return Err(BadKey::NoPublicKey),
                }
                Ok(Self { algorithm: jsonwebtoken::Algorithm::EdDSA, key })
            }
            Algorithm::Hs256 => {
                if text.trim_ascii_start().starts_with(b"-----BEGIN") {
                    return Err(BadKey::Pem);
                }
                if text.len() < MIN_SECRET_BYTES {
                    return Err(BadKey::TooShort);
                }
                if text.ends_with(b"\n") {
                    return Err(BadKey::LineBreak);
                }
                Ok(Self::secret(text))
            }
        }
    }

    pub(super) fn secret(bytes: &[u8]) -> Self {
        Self { algorithm: jsonwebtoken::Algorithm::HS256, key: DecodingKey::from_secret(bytes) }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({:?}, …)", self.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = include_str!("../../tests/keys/ed25519-public.pem");

    #[test]
    fn a_key_is_for_one_algorithm() {
        assert!(VerifyingKey::new(Algorithm::EdDsa, PUBLIC.as_bytes()).is_ok());
        assert!(VerifyingKey::new(Algorithm::Hs256, &[7; 32]).is_ok());
        let refused = |algorithm, text: &[u8]| VerifyingKey::new(algorithm, text).expect_err("it is no key");
        assert_eq!(refused(Algorithm::Hs256, PUBLIC.as_bytes()), BadKey::Pem);
        assert_eq!(refused(Algorithm::Hs256, &[7; 31]), BadKey::TooShort);
        assert_eq!(refused(Algorithm::Hs256, b""), BadKey::TooShort);
        assert_eq!(refused(Algorithm::Hs256, &[[b'x'; 40].as_slice(), b"\n"].concat()), BadKey::LineBreak);
        let private = include_bytes!("../../tests/keys/ed25519-private.pem");
        let other = include_bytes!("../../tests/keys/p256-public.pem");
        let x25519 = include_bytes!("../../tests/keys/x25519-public.pem");
        for text in [&b""[..], &[7; 32], &PUBLIC.as_bytes()[..60], private, other, x25519] {
            assert_eq!(
                refused(Algorithm::EdDsa, text),
                BadKey::NoPublicKey,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = VerifyingKey::new(Algorithm::Hs256, &[b'K'; 32]).expect("it is long enough");
        assert_eq!(format!("{key:?}"), "VerifyingKey(HS256, …)");
    }
}
