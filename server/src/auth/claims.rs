//! What a good token says: whose it is, until when, and what they may do where.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The longest subject, in bytes: it is a part of every session's name, and of log lines.
const MAX_SUBJECT_BYTES: usize = 256;

/// As they are in the token. Claims that are not known say nothing to this server.
#[derive(Debug, Deserialize)]
pub(super) struct RawClaims {
    sub: String,
    /// Seconds since 1970, UTC; maybe not whole ones (RFC 7519, 2).
    exp: f64,
    #[serde(default)]
    access: Vec<Grant>,
    /// The library compares these two, and passes over what is of another type.
    #[serde(default, rename = "iss")]
    _issuer: String,
    #[serde(default, rename = "aud")]
    _audience: Audience,
}

/// One name, or several (RFC 7519, 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(#[expect(dead_code, reason = "only its type is looked at")] String),
    Several(#[expect(dead_code, reason = "only its type is looked at")] Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// Some rights, somewhere. A field that is not known could be a restriction: the token is then not understood.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// All projects without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
    /// All environments of the project without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) env: Option<String>,
    pub(super) rights: Vec<String>,
}

/// What somebody may do in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// To see what is there, and to attach.
    pub(crate) read: bool,
    /// To type, and to change what is there. Without `read` it is not enough to attach.
    pub(crate) write: bool,
}

impl Rights {
    pub(crate) const ALL: Self = Self { read: true, write: true };
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) subject: Arc<str>,
    pub(crate) expires: SystemTime,
    /// How long a link may outlive the token.
    pub(crate) grace: Duration,
    grants: Vec<Grant>,
}

impl Claims {
    /// Checks what jsonwebtoken does not know of; `Err` says for people what is wrong.
    pub(super) fn new(raw: RawClaims, grace: Duration) -> Result<Self, &'static str> {
        let RawClaims { sub, exp, access, .. } = raw;
        if !(1..=MAX_SUBJECT_BYTES).contains(&sub.len()) {
            return Err("`sub` must have 1 to 256 bytes");
        }
        let since_epoch = Duration::try_from_secs_f64(exp).map_err(|_| "`exp` must be a time")?;
        let expires = UNIX_EPOCH.checked_add(since_epoch).ok_or("`exp` must be a time")?;
        Ok(Self { subject: sub.into(), expires, grace, grants: access })
    }

    pub(super) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// What they may do in an environment, or in all of a project (`env` is `None`), or everywhere (both are).
    pub(crate) fn rights(&self, project: Option<&str>, env: Option<&str>) -> Rights {
        let covers = |granted: &Option<String>, asked: Option<&str>| {
            granted.as_deref().is_none_or(|granted| asked == Some(granted))
        };
        let here = self.grants.iter().filter(|it| covers(&it.project, project) && covers(&it.env, env));
        here.fold(Rights::default(), |rights, grant| {
            let has = |right: &str| grant.rights.iter().any(|it| it == right);
            Rights { read: rights.read || has("read"), write: rights.write || has("write") }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(access: &str) -> Claims {
        let json = format!(r#"{{"sub":"ada","exp":1,"access":{access},"more":1}}"#);
        let raw = serde_json::from_str(&json).expect("it is right");
        Claims::new(raw, Duration::ZERO).expect("it is right")
    }

    fn rights(access: &str, project: Option<&str>, env: Option<&str>) -> (bool, bool) {
        let Rights { read, write } = claims(access).rights(project, env);
        (read, write)
    }

    #[test]
    fn what_is_not_granted_is_not_allowed() {
        assert_eq!(rights("[]", Some("p"), Some("e")), (false, false));
        let raw = serde_json::from_str(r#"{"sub":"ada","exp":1}"#).expect("it is right");
        let none = Claims::new(raw, Duration::ZERO).expect("it is right");
        assert_eq!(none.rights(Some("p"), Some("e")), Rights::default());
    }

    #[test]
    fn a_grant_is_for_the_place_that_it_names_and_for_all_where_it_names_none() {
        let one = r#"[{"project":"p","env":"e","rights":["read","write"]}]"#;
        assert_eq!(rights(one, Some("p"), Some("e")), (true, true));
        for (project, env) in
            [(Some("p"), Some("f")), (Some("q"), Some("e")), (Some("p"), None), (None, None)]
        {
            assert_eq!(rights(one, project, env), (false, false), "{project:?} {env:?}");
        }
        let project = r#"[{"project":"p","rights":["read"]}]"#;
        assert_eq!(rights(project, Some("p"), Some("any")), (true, false));
        assert_eq!(rights(project, Some("p"), None), (true, false));
        assert_eq!(rights(project, Some("q"), Some("any")), (false, false));
        assert_eq!(rights(project, None, None), (false, false));
        let env = r#"[{"env":"dev","rights":["read"]}]"#;
        assert_eq!(rights(env, Some("any"), Some("dev")), (true, false));
        assert_eq!(rights(env, Some("any"), None), (false, false));
        let all = r#"[{"project":null,"rights":["read","write","future"]}]"#;
        assert_eq!(rights(all, Some("p"), Some("e")), (true, true));
        assert_eq!(rights(all, None, None), (true, true));
    }

    #[test]
    fn rights_of_several_grants_add_up_and_none_follows_from_another() {
        let two = r#"[{"project":"p","rights":["read"]},{"env":"e","rights":["write"]}]"#;
        assert_eq!(rights(two, Some("p"), Some("e")), (true, true));
        assert_eq!(rights(two, Some("p"), Some("f")), (true, false));
        assert_eq!(rights(two, Some("q"), Some("e")), (false, true));
        assert_eq!(rights(r#"[{"rights":["READ","admin",""]}]"#, Some("p"), Some("e")), (false, false));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let read = |json: &str| serde_json::from_str::<RawClaims>(json).ok();
        for json in [
            r#"{"exp":1}"#,
            r#"{"sub":"ada"}"#,
            r#"{"sub":7,"exp":1}"#,
            r#"{"sub":"ada","exp":"1"}"#,
            r#"{"sub":"ada","exp":1,"access":{}}"#,
            r#"{"sub":"ada","exp":1,"access":[{}]}"#,
            r#"{"sub":"ada","exp":1,"access":[{"rights":"read"}]}"#,
            r#"{"sub":"ada","exp":1,"access":[{"rights":["read"],"until":5}]}"#,
        ] {
            assert!(read(json).is_none(), "{json}");
        }
        let long = "x".repeat(257);
        for (sub, exp) in [("", "1"), (&*long, "1"), ("ada", "-1"), ("ada", "1e300")] {
            let raw = read(&format!(r#"{{"sub":"{sub}","exp":{exp}}}"#)).expect("it can be read");
            assert!(Claims::new(raw, Duration::ZERO).is_err(), "{sub} {exp}");
        }
        let raw = read(&format!(r#"{{"sub":"{}","exp":1.5}}"#, "x".repeat(256))).expect("it can be read");
        let claims = Claims::new(raw, Duration::ZERO).expect("it is right");
        assert_eq!(claims.expires, UNIX_EPOCH + Duration::from_millis(1_500));
    }
}
