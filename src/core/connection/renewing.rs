//! The token of an open `envsocket.v1` link: renewed before it expires, over that link, which lives on whether or not
//! there is another one. Plain servers are told of no other token than the handshake's.

use super::credentials::{Credentials, Rejection, Standing};
use super::{Connection, Context, PROBE_MS};
use crate::core::event::Occasion;
use crate::core::log::Entry;
use crate::core::queue::Payload;
use crate::core::resume::frame::ClientFrame;
use crate::core::time::Instant;
use crate::core::timer::Timer;

/// Whether an open link waits for a new token.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    #[default]
    None,
    Asked,
    /// Its deadline ran out unobserved, and was put off.
    Excused,
}

impl<P: Payload> Connection<P> {
    /// The server has said welcome, which holds for the token that was in the hello.
    pub(super) fn welcome_token(&mut self, cx: &mut Context<'_, P>) {
        if self.credentials.rejection == Rejection::Standing {
            self.credentials.rejection = Rejection::Forgiven;
        }
        if self.credentials.standing == Standing::Unseen {
            // It was replaced meanwhile.
            self.tell_token(cx);
        } else {
            self.await_renewal(cx);
        }
    }

    pub(super) fn tell_token(&mut self, cx: &mut Context<'_, P>) {
        if let Some(token) = self.credentials.show() {
            self.say(cx, ClientFrame::Token(token));
            self.await_renewal(cx);
        }
    }

    /// A server of `envsocket.v1` that finds the token bad will say so.
    fn await_renewal(&mut self, cx: &Context<'_, P>) {
        if self.credentials.token.is_some() {
            self.credentials.standing = Standing::Welcome;
        }
        match self.credentials.renew_at {
            Some(at) => self.timers.set(Timer::Token, at.max(cx.now.instant)),
            None => self.timers.stop(Timer::Token),
        }
    }

    /// It is time for another token, or the answer to that question is.
    pub(super) fn token_due(&mut self, cx: &mut Context<'_, P>, deadline: Instant) {
        if !self.may_have_token(cx) {
            return self.credentials.forget();
        }
        match self.credentials.renewal {
            Renewal::Asked if cx.is_late_for(deadline) => {
                self.credentials.renewal = Renewal::Excused;
                self.timers.set(Timer::Token, cx.now.instant + PROBE_MS);
                return;
            }
            Renewal::Asked | Renewal::Excused => self.credentials.hangs = true,
            Renewal::None => {}
        }
        self.credentials.renewal = Renewal::Asked;
        self.timers.set(Timer::Token, cx.now.instant + self.settings.reconnect_timeout_ms);
        self.ask_for_token(cx, Occasion::Expired);
    }

    /// There is none now: the link lives on, and it is asked for again.
    pub(super) fn renew_later(&mut self, cx: &mut Context<'_, P>, why: &str) {
        let Credentials { failures, renewal, .. } = &mut self.credentials;
        let backoff = self.settings.backoff;
        let delay = if cx.online { backoff.delay_ms(*failures, cx.rng) } else { backoff.slow_ms(cx.rng) };
        *failures += 1;
        *renewal = Renewal::None;
        self.timers.set(Timer::Token, cx.now.instant + delay);
        let (name, because) = (self.state.name(), ["the token was not renewed: ", why].concat().into());
        self.log.note(Entry { at: cx.now.unix_ms, from: name, to: name, because });
    }
}
