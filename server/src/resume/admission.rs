//! Who may come in, as whom, to do what, and for how long: asked for every hello, and again for every token that a
//! client shows later. What a token is worth is decided elsewhere; here its answer is kept to.

use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use envsocket::core::close::{ABANDONED, FORBIDDEN, INTERNAL, UNAUTHORIZED};
use envsocket::core::resume::Access;
use envsocket::core::resume::session::Farewell;
use envsocket::core::token::Token;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::sessions::SourceKey;

/// The longest that an answer is waited for; clients wait no longer for all of their handshake.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// What has to be answered for whoever wants to come in.
///
/// With the protocol it is asked for the hello, with the token in there, and again for each token that the client
/// says later. Without the protocol it is asked once, with the token of the request ([`Upgrade`](super::Upgrade) says
/// where that is looked for).
pub trait Admission: Send + Sync + 'static {
    /// What names a source.
    type Key: SourceKey;

    /// Who it is, or what the client is to be told in the close frame: 4401 for a token that is not good, or none;
    /// 4403 for somebody who may not come here. Whoever may be refused is to be refused with 4403 whether or not
    /// there is a source; who may come learns with 4404 that there is none. The reason must not have the token in it.
    ///
    /// An answer that takes more than 10 s is none: the client is closed with 1011, and comes back.
    fn admit(
        &self,
        token: Option<&Token>,
    ) -> impl Future<Output = Result<Admitted<Self::Key>, Farewell>> + Send;
}

/// The answer for somebody who may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted<K> {
    /// The source.
    pub key: K,
    /// What logs call the source. It may be empty.
    pub label: Arc<str>,
    /// Who it is; nobody in particular if it is empty. Sessions belong to their owner and their key: to everybody
    /// else they are forbidden (4403).
    pub owner: Arc<str>,
    /// What they may do.
    pub access: Access,
    /// When the link is closed with 4401, unless another token has been shown by then; `None`: never.
    pub until: Option<Instant>,
}

/// What a session belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place<K> {
    pub(super) key: K,
    pub(super) owner: Arc<str>,
    /// For logs.
    pub(super) label: Arc<str>,
}

/// Keys need no `Debug`, and may hold what is no business of a log.
impl<K> fmt::Debug for Place<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("label", &self.label)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl<K: SourceKey> Admitted<K> {
    pub(super) fn place(&self) -> Place<K> {
        Place { key: self.key.clone(), owner: Arc::clone(&self.owner), label: Arc::clone(&self.label) }
    }

    /// Whether a link that was let in with `self` may stay with a later answer: until when.
    fn stays(&self, renewed: Result<Self, Farewell>) -> Result<Option<Instant>, Farewell> {
        let renewed = renewed?;
        if (&renewed.key, &renewed.owner) != (&self.key, &self.owner) {
            return Err(Farewell::new(FORBIDDEN, "the token is another's"));
        }
        if renewed.access != self.access {
            // The next welcome says what it may do now.
            return Err(Farewell::new(ABANDONED, "the token's rights have changed"));
        }
        Ok(renewed.until)
    }
}

/// The admission of those who know their client otherwise: nobody is asked for a token.
pub(super) struct Known<K>(pub(super) K);

impl<K: SourceKey> Admission for Known<K> {
    type Key = K;

    async fn admit(&self, _: Option<&Token>) -> Result<Admitted<K>, Farewell> {
        let (label, owner) = ("".into(), "".into());
        Ok(Admitted { key: self.0.clone(), label, owner, access: Access::ReadWrite, until: None })
    }
}

/// Asks, and does not wait for ever.
pub(super) async fn ask<A: Admission>(
    admission: &A,
    token: Option<&Token>,
) -> Result<Admitted<A::Key>, Farewell> {
    match timeout(ANSWER_WITHIN, admission.admit(token)).await {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!("an admission has no answer");
            Err(Farewell::new(INTERNAL, "the token could not be checked in time"))
        }
    }
}

/// Completes when the link may live no longer, with what it is to be closed with. `tokens` are those that the client
/// shows; only the latest counts.
pub(super) async fn watch_over<A: Admission>(
    admission: &A,
    mut admitted: Admitted<A::Key>,
    mut tokens: watch::Receiver<Option<Token>>,
) -> Farewell {
    let mut shown: Option<Token> = None;
    loop {
        let answered = async {
            match &shown {
                Some(token) => ask(admission, Some(token)).await,
                None => pending().await,
            }
        };
        tokio::select! {
            changed = tokens.changed() => {
                if changed.is_err() {
                    return pending().await;
                }
                shown.clone_from(&tokens.borrow_and_update());
            }
            renewed = answered => match admitted.stays(renewed) {
                Ok(until) => {
                    admitted.until = until;
                    shown = None;
                }
                Err(farewell) => return farewell,
            },
            () = past(admitted.until) => return expired(),
        }
    }
}

pub(super) fn expired() -> Farewell {
    Farewell::new(UNAUTHORIZED, "the token has expired")
}

/// Completes then; never without a time.
pub(super) async fn past(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}
