//! Who gives tokens and who looks at them: providers that are late, fail, or never answer; tokens that expire; servers
//! that reject them. And what must hold of that whatever the model says.

use envsocket::core::event::{ConnId, Grant, Input, NoAnswer, Occasion, SocketId};
use envsocket::core::options::{Knob, Overrides, TokenUse};
use envsocket::core::token::Token;

use crate::model::Expect;
use crate::network::{Happening, Parcel, Ready};
use crate::world::{Turn, World};

/// A token that was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    pub(crate) number: u32,
    /// How long it is good, in ms, as far as its holder knows.
    pub(crate) good_for: Option<u64>,
}

/// The token that a page holds, as far as an onlooker can tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    number: u32,
    /// The attempt during which it came.
    since: u32,
    /// A server has closed with 4401 since.
    was_refused: bool,
}

/// All tokens that there ever were, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Authority(Vec<Issued>);

#[derive(Debug)]
struct Issued {
    /// When it expires, in the world's time.
    expires_at: u64,
    /// A server has said that it is no good.
    is_rejected: bool,
}

impl World {
    /// In some worlds everybody has tokens.
    pub(crate) fn ask_for_tokens(&mut self) {
        if self.climate.has_tokens {
            let token_use = self.dice.pick(&[2.0, 3.0]);
            let own = Overrides::default().with(Knob::TokenUse, token_use);
            self.pool.configure(self.now, own);
            self.model.defaults = own.over(self.model.defaults);
        }
    }

    fn issue(&mut self) -> Pass {
        let life: u64 = self.dice.pick(&[0, 500, 1_500, 10_000, 60_000, 3_600_000]);
        // Clocks differ.
        let good_for = (!self.dice.percent(30)).then(|| life.saturating_sub(self.dice.pick(&[0, 0, 700])));
        self.authority.0.push(Issued { expires_at: self.time.world() + life, is_rejected: false });
        Pass { number: self.authority.0.len() as u32 - 1, good_for }
    }

    /// A token is asked for.
    pub(crate) fn authorize(&mut self, socket: SocketId, reason: Occasion, late: bool) {
        let (id, generation) = (socket.conn.0, socket.generation);
        assert_eq!(self.expected(id), Some(Expect::Authorize(generation, reason, late)));
        // As the driver does: a listener may have closed it meanwhile.
        if !self.pool.asks_token(socket) {
            return;
        }
        self.check_no_attempt_after_a_close(socket);
        self.tally.tokens_asked[reason as usize] += 1;
        let entry = self.entries.entry(id).or_default();
        assert!(entry.asked_at < Some(generation), "asked twice for one attempt");
        entry.asked_at = Some(generation);
        let is_rejected = entry.held.map(|held| self.authority.0[held.number as usize].is_rejected);
        match reason {
            Occasion::First => assert_eq!(is_rejected, None, "there is one"),
            Occasion::Expired => assert_eq!(is_rejected, Some(false), "it was no question of time"),
            Occasion::Rejected => {
                assert!(entry.held.is_some_and(|held| held.was_refused), "nobody has refused it");
            }
        }
        let answer = if self.dice.percent(self.climate.no_token) {
            Err(self.dice.percent(15))
        } else {
            Ok(self.issue())
        };
        if self.dice.percent(self.climate.answers_late) {
            let at = self.time.world() + self.dice.delay();
            if self.dice.percent(90) {
                self.network.plan(at, Happening::Token(id, generation, answer));
            }
            return;
        }
        match answer {
            Ok(pass) => self.authorized(socket, pass),
            Err(is_final) => self.turns.push_back(Turn::NoToken(socket, is_final)),
        }
    }

    pub(crate) fn authorized(&mut self, socket: SocketId, pass: Pass) {
        if self.pool.asks_token(socket) {
            self.holds(socket.conn.0, pass);
        }
        self.tell(Input::Authorized(socket, Ok(grant(pass))));
    }

    pub(crate) fn unauthorized(&mut self, socket: SocketId, is_final: bool) {
        let none = NoAnswer { why: "no token".into(), is_final };
        self.tell(Input::Authorized(socket, Err(none)));
    }

    /// What the facade holds, as it would put it into the handshake.
    fn holds(&mut self, id: u32, pass: Pass) {
        let since = self.model.twins[&id].generation;
        let held = Held { number: pass.number, since, was_refused: false };
        self.entries.entry(id).or_default().held = Some(held);
    }

    /// An attempt begins: one that has no use for tokens forgets what it has.
    pub(crate) fn begin_with_tokens(&mut self, socket: SocketId) {
        let twin = &self.model.twins[&socket.conn.0];
        if twin.generation == socket.generation && twin.settings.token_use == TokenUse::None {
            let entry = self.entries.entry(socket.conn.0).or_default();
            entry.held.take_if(|held| held.since < socket.generation);
        }
    }

    pub(crate) fn replace_token(&mut self) {
        let Some(id) = self.any_connection() else { return };
        let pass = self.issue();
        self.note(|_| format!("replace the token of {id} with {pass:?}"));
        let now = self.read_clocks();
        // Whoever is over, or has no use for it, does not keep it.
        if self.model.takes_tokens(id) {
            self.holds(id, pass);
        }
        self.pool.replace_token(now, ConnId(id), grant(pass));
        self.model.replace_token(id, pass.good_for);
        self.follow();
    }

    /// A socket is made: the token that its server sees in the handshake, if any.
    pub(crate) fn shown_in_handshake(&self, socket: SocketId) -> Option<u32> {
        let twin = &self.model.twins[&socket.conn.0];
        // A listener may have begun another life meanwhile, which has no token yet.
        if !twin.shows_tokens() || twin.generation != socket.generation {
            return None;
        }
        let number = self.entries[&socket.conn.0].held.expect("no attempt without a token").number;
        assert!(!self.authority.0[number as usize].is_rejected, "a token that was rejected is shown again");
        (twin.settings.token_use == TokenUse::Handshake).then_some(number)
    }

    /// The token is sent, before anything else.
    pub(crate) fn credential(&mut self, socket: SocketId) {
        assert_eq!(self.expected(socket.conn.0), Some(Expect::Credential(socket.generation)));
        let pass = self.entries[&socket.conn.0].held.map(|held| held.number);
        let native = self.native(socket).filter(|at| self.network.natives[*at].ready == Ready::Open);
        if let (Some(at), Some(pass)) = (native, pass) {
            let native = &mut self.network.natives[at];
            assert!(!native.took_some, "something went before the token");
            assert_eq!(native.pass.replace(pass), None, "it was said before");
            let later = self.time.world() + self.dice.delay();
            self.network.carry_up(at, later, Parcel::Token);
        }
    }

    /// The server looks at the token that it was shown.
    pub(crate) fn looks_at_token(&mut self, at: usize) {
        let Some(pass) = self.network.natives[at].pass else { return };
        let world = self.time.world();
        let has_expired = self.authority.0[pass as usize].expires_at <= world;
        if (has_expired && self.dice.percent(80)) || self.dice.percent(self.climate.rejects) {
            let later = world + self.dice.delay();
            self.network.plan(later, Happening::PeerCloses(at, 4401, ""));
        }
    }

    /// A page hears that its token was rejected. What it has been given since the server saw one is another one.
    pub(crate) fn note_rejection(&mut self, at: usize) {
        let native = &self.network.natives[at];
        if let Some(pass) = native.pass {
            self.authority.0[pass as usize].is_rejected = true;
        }
        if let Some(held) = self.entries.get_mut(&native.conn).and_then(|entry| entry.held.as_mut()) {
            held.was_refused = true;
        }
    }
}

fn grant(pass: Pass) -> Grant {
    let text = format!("token {}", pass.number);
    Grant { token: Token::new(text).expect("it is short"), expires_in_ms: pass.good_for }
}
