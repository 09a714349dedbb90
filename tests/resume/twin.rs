//! What is known of a connection besides the connection itself: what it has said and was told, and what must follow.

use envsocket::core::event::Offer;
use envsocket::core::resume::{Id, Size};

use crate::reader::Reader;
use crate::rights::Rights;

/// What is known of a connection besides the connection itself.
#[derive(Debug)]
pub(crate) struct Twin {
    pub(crate) tab: usize,
    pub(crate) native: Option<usize>,
    pub(crate) reader: Reader,
    /// Session, attachment and secret, from its first hello.
    pub(crate) ids: Option<[Id; 3]>,
    pub(crate) epoch: Option<Id>,
    pub(crate) attempt: u64,
    pub(crate) size: Option<Size>,
    /// The size that it has said last.
    pub(crate) said_size: Option<Size>,
    /// Somebody has changed a number on one of its links, and nobody has said so yet.
    pub(crate) corrupted: bool,
    /// It was told, or has seen, that a rule was broken: it does not come back to that session.
    pub(crate) must_renew: bool,
    /// How often that was, in this life.
    pub(crate) corruptions: u32,
    /// `close` was called, in this life or an earlier one.
    pub(crate) is_leaving: bool,
    pub(crate) role: Option<bool>,
    pub(crate) rights: Rights,
    /// It has spoken the protocol: never less again.
    pub(crate) spoke_v1: bool,
    /// What is sent now must have been sent by people no earlier, on the page's time line.
    pub(crate) oldest: Option<u64>,
    /// How old input may be, in ms, when a link is back, and how old from the next attempt on; 0 for any age.
    pub(crate) max_age: u64,
    pub(crate) next_max_age: u64,
    /// What the latest offer came to, if it ended before the socket was open.
    pub(crate) refused: Option<(Offer, u64)>,
    /// The terms of a session that begins anew: as soon as the loss of the old one was told.
    pub(crate) anew: Option<(u64, u64)>,
}

impl Twin {
    pub(crate) fn new(tab: usize, max_age: u64) -> Self {
        Self {
            tab,
            native: None,
            reader: Reader::new(),
            ids: None,
            epoch: None,
            attempt: 0,
            size: None,
            said_size: None,
            corrupted: false,
            must_renew: false,
            corruptions: 0,
            is_leaving: false,
            role: None,
            rights: Rights::default(),
            spoke_v1: false,
            oldest: None,
            max_age,
            next_max_age: max_age,
            refused: None,
            anew: None,
        }
    }
}
