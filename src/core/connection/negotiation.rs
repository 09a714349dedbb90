//! What a socket offers, and what it means that the server chose none of it.
//!
//! A server that echoes no subprotocol makes Chromium fail the handshake, which cannot be told from a server that is
//! away: under `auto`, a refusal is followed by an attempt without subprotocols.

use super::{Connection, Context, Fault, State};
use crate::core::event::{CloseInfo, Offer, Spoken};
use crate::core::options::Mode;
use crate::core::queue::Payload;
use crate::core::wire::Wire;

/// Whose turn it is under `auto`, until a socket opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The offer's. When it is refused, a bare attempt follows at once.
    First,
    /// The bare attempt's.
    Bare,
    /// The offer's. When it is refused, a bare attempt follows after the backoff.
    Offer,
}

/// How many destinations a connection remembers that chose `envsocket.v1`. More of them go with an address that
/// is made anew for every attempt, and are not asked twice.
const KNOWN: usize = 16;

impl<P: Payload> Connection<P> {
    /// What the socket that is made now offers.
    pub(super) fn offer(&mut self) -> Offer {
        let bare = self.is_bare();
        self.offer = match self.settings.protocol {
            Mode::Off => Offer::Given,
            Mode::Require => Offer::V1,
            Mode::Auto if bare => Offer::Nothing,
            Mode::Auto => Offer::Both,
        };
        if self.offer == Offer::Nothing {
            self.turn = Turn::Offer;
        }
        self.offer
    }

    /// Whether the socket that is made next offers nothing, under `auto`.
    pub(super) fn is_bare(&self) -> bool {
        self.turn == Turn::Bare && !self.is_known()
    }

    /// The handshake was refused. Whether the offer may be why, and the next attempt begins at once.
    pub(super) fn falls_back(&mut self) -> bool {
        let may_be_why = self.offer == Offer::Both && !self.is_known();
        may_be_why && std::mem::replace(&mut self.turn, Turn::Bare) == Turn::First
    }

    pub(crate) fn opened(&mut self, cx: &mut Context<'_, P>, spoken: Spoken) {
        if self.state != State::Opening {
            return;
        }
        self.free_slot(cx);
        match (spoken, self.settings.protocol) {
            (Spoken::V1(fresh), Mode::Auto | Mode::Require) => self.greet(cx, fresh),
            (_, Mode::Auto | Mode::Require) if self.is_known() => {
                self.abandon(cx);
                self.fault = Fault::Reported;
                let meaning = "the server has stopped to speak envsocket.v1";
                self.lost(cx, CloseInfo::abnormal(), meaning, None);
            }
            (_, Mode::Require) => self.refuse(cx, "the server does not speak envsocket.v1"),
            _ => self.begin_plain(cx),
        }
    }

    /// Whether the destination has chosen `envsocket.v1` in this connection's life.
    fn is_known(&self) -> bool {
        self.place.as_ref().is_some_and(|place| self.known.contains(&place.destination))
    }

    /// A socket is usable.
    pub(super) fn note_spoken(&mut self, wire: Wire) {
        self.turn = Turn::First;
        self.spoke = Some(wire);
    }

    /// The destination has chosen `envsocket.v1`. It counts from then on, and not from the welcome: the hello may
    /// have begun a session, and a plain socket would begin another.
    pub(super) fn note_destination(&mut self) {
        if let Some(place) = self.place.as_ref().filter(|_| !self.is_known()) {
            let destination = place.destination.clone();
            if self.known.len() == KNOWN {
                self.known.remove(0);
            }
            self.known.push(destination);
        }
    }
}
