//! Who may attach, and what they may: tokens, their renewal and their rejection, and attachments that only read.

use envsocket::core::event::{ConnId, Grant, Input, NoAnswer, SocketId};
use envsocket::core::resume::Access;
use envsocket::core::status::Status;
use envsocket::core::token::Token;

use crate::network::{Happening, Served};
use crate::world::World;

/// The close code for a token that is missing, or no good.
pub(crate) const UNAUTHORIZED: u16 = 4401;

/// For how long after its expiry a link's token is still good, in ms.
const GRACE_MS: u64 = 1_000;

/// A token that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    /// No other has it.
    number: u64,
    /// In the world's time, in ms.
    expires_at: u64,
}

impl Pass {
    fn token(self) -> Token {
        Token::new(format!("{} {}", self.number, self.expires_at)).expect("it is short")
    }

    fn read(token: &Token) -> Self {
        let numbers = token.reveal().split_once(' ').expect("it was made here");
        let read = |number: &str| number.parse().expect("it was made here");
        Self { number: read(numbers.0), expires_at: read(numbers.1) }
    }
}

/// What a connection may, as far as its page was told, and what it was refused.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    /// The latest welcome, in this life, was one for somebody who only reads.
    pub(crate) reads_only: bool,
    /// What listeners were told of that last.
    told: bool,
    /// How often it was closed with 4401 since the last welcome.
    pub(crate) rejections: u32,
    /// The tokens that were rejected.
    rejected: Vec<u64>,
}

// On the page.
impl World {
    /// A token is asked for.
    pub(crate) fn authorize(&mut self, socket: SocketId) {
        if !self.page.pool.asks_token(socket) {
            return;
        }
        let is_late = self.dice.percent(self.climate.late_tokens);
        if is_late && self.dice.percent(20) {
            self.note(|_| "    and nobody answers".into());
            return;
        }
        self.tally.issued += 1;
        let life =
            if self.is_calm { 10_000_000 } else { self.dice.pick(&[1_500, 5_000, 20_000, 20_000, 300_000]) };
        let pass = Pass { number: self.tally.issued, expires_at: self.now + life };
        let answer = (!self.dice.percent(self.climate.late_tokens / 2)).then_some(pass);
        if is_late || answer.is_none() {
            let at = self.now + if is_late { self.dice.delay() } else { 0 };
            self.network.plan(at, Happening::Token(socket, answer));
        } else {
            self.authorized(socket, answer);
        }
    }

    pub(crate) fn authorized(&mut self, socket: SocketId, answer: Option<Pass>) {
        let is_opaque = self.dice.percent(20);
        let grant = |pass: Pass| Grant {
            token: pass.token(),
            expires_in_ms: (!is_opaque).then(|| pass.expires_at.saturating_sub(self.now)),
        };
        let none = || NoAnswer { why: "no token now".into(), is_final: false };
        self.tell(Input::Authorized(socket, answer.map(grant).ok_or_else(none)));
    }

    /// The page says hello with this token.
    pub(crate) fn shows(&mut self, conn: ConnId, token: Option<&Token>) {
        assert_eq!(token.is_some(), self.climate.has_tokens, "a token for those who want one");
        if let Some(pass) = token.map(Pass::read) {
            let rejected = &self.twin(conn).rights.rejected;
            assert!(!rejected.contains(&pass.number), "a token that was rejected is shown again");
        }
    }

    /// The page is told that its token was rejected: the last one that the server has seen over this link.
    pub(crate) fn hears_rejection(&mut self, at: usize) {
        let (conn, pass) = (self.network.links[at].conn, self.network.links[at].pass);
        let rights = &mut self.twin(conn).rights;
        rights.rejections += 1;
        rights.rejected.extend(pass.map(|pass| pass.number));
        self.tally.rejected += 1;
    }

    /// A welcome is told.
    pub(crate) fn hears_rights(&mut self, conn: ConnId, reads_only: bool) {
        let rights = &mut self.twin(conn).rights;
        (rights.reads_only, rights.rejections) = (reads_only, 0);
        self.tally.readers += u64::from(reads_only);
    }

    /// A listener hears whether it may not send.
    pub(crate) fn is_told_rights(&mut self, conn: ConnId, read_only: bool) {
        let rights = &mut self.twin(conn).rights;
        assert_ne!(std::mem::replace(&mut rights.told, read_only), read_only, "no news");
    }

    /// A listener hears that another life begins: as if it might do everything.
    pub(crate) fn begins_with_all_rights(&mut self, conn: ConnId) {
        self.twin(conn).rights.told = false;
    }

    /// Somebody asks for another attempt, perhaps for another life.
    pub(crate) fn maybe_begins_anew(&mut self, conn: ConnId) {
        let status = self.page.pool.connection_status(conn);
        if matches!(status, Some(Status::Disconnecting | Status::Failed))
            && let Some(twin) = self.page.twins.get_mut(&conn.0)
        {
            twin.rights.reads_only = false;
        }
    }

    /// Listeners know what a connection may, once all is told.
    pub(crate) fn check_rights(&self) {
        for (conn, twin) in &self.page.twins {
            let is_open = self.page.pool.connection_status(ConnId(*conn)) == Some(Status::Connected);
            let knows = twin.rights.told == twin.rights.reads_only;
            assert!(!is_open || knows, "{conn} was not told what it may");
            // The second is the end of its life, whose close event forgets both.
            assert!(twin.rights.rejections < 2, "{conn} was rejected twice, and goes on");
        }
    }
}

// At the server.
impl World {
    /// Whether the hello's token lets it in; otherwise that was the end of the link.
    pub(crate) fn lets_in(&mut self, at: usize, token: Option<&Token>) -> bool {
        let Some(pass) = token.map(Pass::read) else { return true };
        self.network.links[at].pass = Some(pass);
        // Nothing goes wrong in the calm: who expires at its very end would not have come to rest.
        let is_good = self.is_calm || self.now < pass.expires_at;
        if !is_good {
            self.close_link(at, UNAUTHORIZED, "", None);
        }
        is_good
    }

    /// What it may on this link.
    pub(crate) fn draw_access(&mut self, at: usize) -> Access {
        let read_only = self.dice.percent(self.climate.read_only);
        self.network.links[at].read_only = read_only;
        if read_only { Access::ReadOnly } else { Access::ReadWrite }
    }

    /// Whoever may only read has to give the terminal up, however much was typed there before.
    pub(crate) fn gives_up_controls(&mut self, at: usize) {
        if self.network.links[at].read_only {
            let said = self.said(at);
            let (life, attachment) = (said.life, said.attachment);
            self.server.lives.0[life].used_last.take_if(|last| *last == attachment);
        }
    }

    /// Another token has come over the link.
    pub(crate) fn takes_token(&mut self, at: usize, token: &Token) {
        let pass = Pass::read(token);
        let before = self.network.links[at].pass.replace(pass);
        assert!(before.is_some_and(|before| before.number != pass.number), "the same token again");
        self.tally.renewed += 1;
    }

    /// Something has come over a link whose token may have expired.
    pub(crate) fn checks_token(&mut self, at: usize) {
        let link = &self.network.links[at];
        let has_expired = link.pass.is_some_and(|pass| pass.expires_at + GRACE_MS <= self.now);
        if has_expired && !self.is_calm && !link.is_dismissed && matches!(link.served, Served::Attached(_)) {
            self.operator_closes(at, UNAUTHORIZED);
        }
    }
}
