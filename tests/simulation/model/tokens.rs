//! The token of a connection, by the design: when one is asked for, and what a rejection means. These servers are plain:
//! none of them says welcome, and none can be told of another token while its link lives.

use envsocket::core::event::{CloseInfo, Occasion};
use envsocket::core::options::TokenUse;

use super::{Expect, LATE_MS, Model, PROBE_MS, Phase, Twin};

/// What is held of a token. Its text is nobody's business here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Badge {
    #[default]
    None,
    Rejected,
    Held {
        /// Between which two times another one is wanted, both included: which it is, chance has decided.
        renew: Option<(u64, u64)>,
        /// A server has been shown it, or is about to be.
        shown: bool,
    },
}

/// A token, and what became of the tokens before it.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    badge: Badge,
    /// A server has rejected one, and nothing good has happened since.
    refused: bool,
    /// The one who sent the last 4401 was shown a token.
    was_shown: bool,
    /// The last question was not answered in time.
    hung: bool,
}

/// What is to be done for an attempt.
#[derive(Debug, PartialEq)]
enum Need {
    Nothing,
    Token(Occasion),
    /// It has expired, if chance has chosen a time before now.
    Perhaps,
}

impl Twin {
    /// Whether the sockets of this attempt get a token.
    pub(crate) fn shows_tokens(&self) -> bool {
        matches!(self.settings.token_use, TokenUse::Handshake | TokenUse::FirstMessage)
    }

    pub(super) fn begin_tokens(&mut self) {
        if self.settings.token_use == TokenUse::None {
            self.forget_tokens();
        }
    }

    pub(super) fn forget_tokens(&mut self) {
        self.tokens = Tokens::default();
    }

    fn need(&self, now: u64) -> Need {
        match self.tokens.badge {
            _ if !self.shows_tokens() => Need::Nothing,
            Badge::None => Need::Token(Occasion::First),
            Badge::Rejected => Need::Token(Occasion::Rejected),
            // A plain server cannot say that it does not like it.
            Badge::Held { renew: None, shown: true } => Need::Token(Occasion::Expired),
            Badge::Held { renew: Some((_, latest)), .. } if latest <= now => Need::Token(Occasion::Expired),
            Badge::Held { renew: Some((earliest, _)), .. } if earliest <= now => Need::Perhaps,
            Badge::Held { .. } => Need::Nothing,
        }
    }

    /// Knows where to go. `asks` is what chance decided, where it did.
    pub(super) fn authorize(&mut self, now: u64, by: u64, turn: u64, asks: bool) {
        let reason = match self.need(now) {
            Need::Nothing => None,
            Need::Token(reason) => Some(reason),
            Need::Perhaps => {
                if let Badge::Held { renew: Some((earliest, latest)), .. } = &mut self.tokens.badge {
                    if asks { *latest = now } else { *earliest = now + 1 }
                }
                asks.then_some(Occasion::Expired)
            }
        };
        match reason {
            Some(reason) => {
                self.enter(Phase::Authorizing { by });
                let late = std::mem::take(&mut self.tokens.hung);
                self.expect(Expect::Authorize(self.generation, reason, late));
            }
            None => self.line_up(now, by, turn),
        }
    }

    fn line_up(&mut self, now: u64, by: u64, turn: u64) {
        let overslept = now.saturating_sub(by) > LATE_MS && !self.excused;
        self.excused |= overslept;
        let left = if overslept { PROBE_MS } else { by.saturating_sub(now) };
        self.enter(Phase::Queued { left, turn });
    }

    /// A token that is good for so many ms; `None`: nobody knows.
    fn hold(&mut self, now: u64, good_for: Option<u64>) {
        let renew = good_for.filter(|ms| *ms >= 1_000).map(|ms| {
            let expiry = now + ms;
            let lead = (ms / 10 * 3).min(300_000);
            (expiry - lead, expiry - lead / 3)
        });
        self.tokens.badge = Badge::Held { renew, shown: false };
    }

    pub(super) fn show_token(&mut self) {
        if let Badge::Held { shown, .. } = &mut self.tokens.badge {
            *shown |= matches!(self.settings.token_use, TokenUse::Handshake | TokenUse::FirstMessage);
        }
    }

    /// The first thing that goes over an open socket, if that is how its server gets the token.
    pub(super) fn introduce(&mut self) {
        if self.settings.token_use == TokenUse::FirstMessage {
            self.show_token();
            self.expect(Expect::Credential(self.generation));
        }
    }

    pub(super) fn token_hangs(&mut self) {
        self.tokens.hung = true;
    }

    /// The socket was open for long.
    pub(super) fn calm(&mut self) {
        self.tokens.refused = false;
    }

    /// The server has closed with 4401.
    pub(super) fn token_rejected(&mut self) {
        self.tokens.was_shown = self.shows_tokens();
        if self.tokens.was_shown && matches!(self.tokens.badge, Badge::Held { shown: true, .. }) {
            self.tokens.badge = Badge::Rejected;
        }
    }

    /// Whether to come back at once after that.
    pub(super) fn comes_back_at_once(&mut self) -> bool {
        self.tokens.was_shown && !std::mem::replace(&mut self.tokens.refused, true)
    }
}

impl Model {
    /// The answer to a question for a token: how long it is good, if anybody knows; or whether the lack of one is final.
    pub(crate) fn authorized(&mut self, id: u32, generation: u32, answer: Result<Option<u64>, bool>) {
        let (now, turn) = (self.now, self.turns);
        self.turns += 1;
        let Some(twin) = self.heeding(id, generation) else { return };
        let Phase::Authorizing { by } = twin.phase else { return };
        match answer {
            Ok(good_for) => {
                twin.hold(now, good_for);
                twin.line_up(now, by, turn);
            }
            Err(is_final) => {
                twin.fault = true;
                if is_final {
                    twin.counts.failures += 1;
                    self.finish(id, Phase::Failed, CloseInfo::abnormal());
                } else {
                    self.lost(id, CloseInfo::abnormal());
                }
            }
        }
        self.settle(id);
    }

    /// Whether a token that nobody has asked for is kept.
    pub(crate) fn takes_tokens(&self, id: u32) -> bool {
        let takes = |twin: &Twin| {
            let token_use = twin.own.over(self.defaults).resolve().token_use;
            let is_over = matches!(twin.phase, Phase::Closing { .. } | Phase::Failed | Phase::Ended);
            !is_over && token_use != TokenUse::None
        };
        self.get(id).is_some_and(takes)
    }

    /// The application gives another one, unasked.
    pub(crate) fn replace_token(&mut self, id: u32, good_for: Option<u64>) {
        let (now, turn) = (self.now, self.turns);
        self.turns += 1;
        if !self.takes_tokens(id) {
            return;
        }
        let twin = self.twin(id);
        twin.hold(now, good_for);
        if let Phase::Authorizing { by } = twin.phase {
            twin.line_up(now, by, turn);
        }
        // It is what will be shown, by whatever is still to be done.
        let shows = |expected: &Expect| matches!(expected, Expect::OpenSocket(of) | Expect::Credential(of) if *of == twin.generation);
        if twin.expected.iter().any(shows) {
            twin.show_token();
        }
        self.settle(id);
    }
}
