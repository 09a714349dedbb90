//! The token that a connection has: when an attempt asks for one, and what it means that the server rejects it. Where
//! tokens come from is the driver's business. No reason, log entry or event may have one in it.

use std::borrow::Cow;

use super::renewing::Renewal;
use super::{Connection, Context, Fault, State};
use crate::core::close::{self, Verdict};
use crate::core::event::{CloseInfo, Grant, NoAnswer, Occasion, Offer, Output};
use crate::core::options::{Mode, TokenUse};
use crate::core::queue::Payload;
use crate::core::rng::Rng;
use crate::core::time::Instant;
use crate::core::token::Token;
use crate::core::wire::Wire;

/// The longest time before its expiry, in ms, at which a token is renewed.
const MAX_LEAD_MS: u64 = 300_000;

/// A token that is good for less than this, in ms, when it comes: the clocks differ, and nobody can say when it expires.
/// Renewing it ahead of time would ask for one after the other, without end.
const MIN_REST_MS: u64 = 1_000;

/// What is known of the token.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// No server has seen it.
    #[default]
    Unseen,
    /// An attempt has it, or had it, and nobody said that it is good.
    Shown,
    /// The server has said welcome.
    Welcome,
    /// The server has said that it wants another one.
    Rejected,
}

/// What came of the last 4401.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejection {
    /// There was none, or it is long past.
    #[default]
    None,
    /// Nothing good came since.
    Standing,
    /// A welcome came since.
    Forgiven,
}

/// The token, and what is known of it.
#[derive(Default)]
pub(super) struct Credentials {
    pub(super) token: Option<Token>,
    pub(super) standing: Standing,
    /// From then on another one is wanted. `None`: nobody knows how long it is good.
    pub(super) renew_at: Option<Instant>,
    pub(super) rejection: Rejection,
    /// Whether the server that sent the last 4401 had been shown a token.
    is_rejected: bool,
    pub(super) renewal: Renewal,
    /// Renewals in a row that came to nothing.
    pub(super) failures: u32,
    /// The last question was not answered in time.
    pub(super) hangs: bool,
}

impl Credentials {
    fn put(&mut self, now: Instant, grant: Grant, rng: &mut Rng) {
        let rest = grant.expires_in_ms.filter(|rest| *rest >= MIN_REST_MS);
        self.renew_at = rest.map(|rest| {
            // Early enough to try again, and at a time of its own: what was made at one moment expires at one.
            let lead = (rest / 10 * 3).min(MAX_LEAD_MS);
            let least = lead / 3;
            now + (rest - least - rng.up_to(lead - least))
        });
        self.token = Some(grant.token);
        self.standing = Standing::Unseen;
        self.renewal = Renewal::None;
        self.failures = 0;
    }

    /// Why another token is wanted for an attempt. A plain server `is_mute`: it cannot say that it wants another one.
    fn wanted(&self, now: Instant, is_mute: bool) -> Option<Occasion> {
        match self.standing {
            Standing::Rejected => Some(Occasion::Rejected),
            _ if self.token.is_none() => Some(Occasion::First),
            Standing::Shown if is_mute && self.renew_at.is_none() => Some(Occasion::Expired),
            _ if self.renew_at.is_some_and(|at| at <= now) => Some(Occasion::Expired),
            _ => None,
        }
    }

    /// The server sees the token now, whoever shows it.
    pub(super) fn note_shown(&mut self) {
        if self.token.is_some() {
            self.standing = Standing::Shown;
        }
    }

    /// The token, for a frame to the server.
    pub(super) fn show(&mut self) -> Option<Token> {
        self.note_shown();
        self.token.clone()
    }

    /// The server wants another one than that which it has seen, or, if it has seen none, one at all.
    pub(super) fn reject(&mut self, was_shown: bool) {
        self.is_rejected = was_shown;
        if was_shown && matches!(self.standing, Standing::Shown | Standing::Welcome) {
            self.token = None;
            self.standing = Standing::Rejected;
        }
    }

    /// All was well for a while.
    pub(super) fn forgive(&mut self) {
        self.rejection = Rejection::None;
    }

    /// The attempt took too long. What is said of that, if it was waiting for a token.
    pub(super) fn timed_out(&mut self) -> &'static str {
        self.hangs = true;
        "no token within the connect timeout"
    }

    /// Another attempt, or the end: nobody waits for the answer on an open link any more.
    pub(super) fn begin_attempt(&mut self, token_use: TokenUse) {
        self.renewal = Renewal::None;
        if token_use == TokenUse::None {
            self.forget();
        }
    }

    /// What is there came from whom nobody asks any more.
    fn drop_token(&mut self) {
        (self.token, self.standing, self.renew_at) = (None, Standing::Unseen, None);
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

// For an attempt.
impl<P: Payload> Connection<P> {
    /// Whether what the present attempt leads to may want a token.
    pub(super) fn needs_token(&self) -> bool {
        match self.settings.token_use {
            TokenUse::None => false,
            TokenUse::V1 => match self.settings.protocol {
                Mode::Off => false,
                Mode::Auto => !self.is_bare(),
                Mode::Require => true,
            },
            TokenUse::Handshake | TokenUse::FirstMessage => true,
        }
    }

    /// Knows where to go: with what? `turn` is the attempt's if it needs no answer.
    pub(super) fn authorize(&mut self, cx: &mut Context<'_, P>, turn: u32) {
        let is_mute = self.settings.token_use != TokenUse::V1;
        let wanted = self.credentials.wanted(cx.now.instant, is_mute);
        match wanted.filter(|_| self.needs_token()) {
            Some(reason) => {
                let why = self.reason.clone();
                self.enter(cx, State::Authorizing, why);
                self.ask_for_token(cx, reason);
            }
            None => self.line_up(cx, turn),
        }
    }

    /// Whether the server at the other end of the present link may have been shown a token.
    pub(super) fn has_shown_token(&self) -> bool {
        match (self.state, self.settings.token_use) {
            (State::Greeting | State::Open(Wire::V1, _), TokenUse::None) => self.credentials.token.is_some(),
            (State::Greeting | State::Open(Wire::V1, _), _) => true,
            (_, token_use) => matches!(token_use, TokenUse::Handshake | TokenUse::FirstMessage),
        }
    }

    pub(super) fn ask_for_token(&mut self, cx: &mut Context<'_, P>, reason: Occasion) {
        let late = std::mem::take(&mut self.credentials.hangs);
        cx.out.push_back(Output::Authorize { socket: self.socket(cx.id), reason, late });
    }

    /// Whether somebody was asked for a token and has not answered.
    pub(crate) fn is_asking_token(&self) -> bool {
        match self.state {
            State::Authorizing => true,
            State::Open(..) => self.credentials.renewal != Renewal::None,
            _ => false,
        }
    }

    pub(crate) fn authorized(&mut self, cx: &mut Context<'_, P>, answer: Result<Grant, NoAnswer>, turn: u32) {
        if !self.is_asking_token() {
            return;
        }
        let attempts = self.state == State::Authorizing;
        match answer {
            Ok(grant) => self.take_token(cx, grant, turn),
            Err(NoAnswer { why, is_final: true }) => {
                if !attempts {
                    let socket = self.socket(cx.id);
                    let code = Some(close::NORMAL);
                    cx.out.push_back(Output::CloseSocket { socket, code, reason: "".into() });
                    self.abandon(cx);
                    self.settle_connected_time(cx);
                }
                self.fault = Fault::Reported;
                self.metrics.failed("there is no token to be had");
                // Whoever has nothing to say of it leaves it at what the server has said.
                let why = if why.is_empty() { self.reason.clone() } else { Cow::Owned(why) };
                self.finish(cx, State::Failed, why, CloseInfo::abnormal());
            }
            Err(NoAnswer { why, is_final: false }) if attempts => {
                self.fault = Fault::Reported;
                self.lost(cx, CloseInfo::abnormal(), "no token for the attempt", Some(why));
            }
            Err(NoAnswer { why, is_final: false }) => self.renew_later(cx, &why),
        }
    }

    /// The application has given another token, which nobody has asked for.
    pub(crate) fn replace_token(&mut self, cx: &mut Context<'_, P>, grant: Grant, turn: u32) {
        let is_over = matches!(self.state, State::Closing(_) | State::Failed | State::Ended);
        if !is_over && self.may_have_token(cx) {
            self.take_token(cx, grant, turn);
        }
    }

    /// The token is not to be used for another attempt. The present link is left as it is.
    pub(crate) fn forget_token(&mut self) {
        self.credentials.drop_token();
    }

    /// By what holds now, and not since the attempt began: there may be a first token, or none any more.
    pub(super) fn may_have_token(&self, cx: &Context<'_, P>) -> bool {
        self.overrides.over(*cx.defaults).resolve().token_use != TokenUse::None
    }

    fn take_token(&mut self, cx: &mut Context<'_, P>, grant: Grant, turn: u32) {
        self.credentials.put(cx.now.instant, grant, cx.rng);
        match self.state {
            State::Authorizing => self.line_up(cx, turn),
            State::Open(Wire::V1, _) => self.tell_token(cx),
            State::Opening | State::Open(Wire::Plain, _) if cx.is_introducing() => {
                self.credentials.note_shown();
            }
            _ => {}
        }
    }

    /// The server has rejected the token, or wants one: whether to try again at once, later, or never. An
    /// application that `insists` is never refused.
    pub(super) fn rejected(&mut self, insists: bool) -> Verdict {
        // A bare attempt may have been one at a server of `envsocket.v1`, which was away when that was offered.
        let is_rejected = self.credentials.is_rejected;
        let may_be_shown_one = self.offer == Offer::Nothing && self.settings.token_use == TokenUse::V1;
        if !is_rejected && !may_be_shown_one {
            return if insists { Verdict::Retry } else { Verdict::Refused };
        }
        match std::mem::replace(&mut self.credentials.rejection, Rejection::Standing) {
            Rejection::None if is_rejected => Verdict::Renew,
            Rejection::None | Rejection::Forgiven => Verdict::Retry,
            Rejection::Standing if insists => Verdict::Retry,
            Rejection::Standing => Verdict::Refused,
        }
    }
}

#[cfg(test)]
impl<P> Connection<P> {
    /// Whether there is one in memory.
    pub(crate) fn has_token(&self) -> bool {
        self.credentials.token.is_some()
    }
}
