//! Dice, and what one schedule's world is like: drawn once, mild or rough in each respect.

use envsocket::core::resume::session::{Limits, Terms};
use envsocket::core::rng::Rng;

use crate::network::{Fault, Trigger};

/// How long a source takes for an input where it is slowest, in ms.
pub(crate) const SLOWEST_MS: u64 = 2_000;

/// Dice that a seed replays.
pub(crate) struct Dice(Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    pub(crate) fn up_to(&mut self, max: u64) -> u64 {
        self.0.up_to(max)
    }

    /// True this often in a hundred.
    pub(crate) fn percent(&mut self, often: u64) -> bool {
        self.up_to(99) < often
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.up_to(from.len() as u64 - 1) as usize]
    }

    /// Mostly short, now and then long; in ms.
    pub(crate) fn delay(&mut self) -> u64 {
        let most = self.pick(&[0, 5, 50, 50, 200, 1_000, 4_000, 20_000]);
        self.up_to(most)
    }
}

/// What kind of world it is. Plain numbers are in a hundred, unless they say otherwise.
#[derive(Debug)]
pub(crate) struct Climate {
    pub(crate) tabs: u64,
    /// All tabs show the same session.
    pub(crate) is_shared: bool,
    /// Plain servers will not do.
    pub(crate) requires: bool,
    pub(crate) terms: Terms,
    pub(crate) limits: Limits,
    /// Whether a gap comes with a picture of what is missing.
    pub(crate) paints: bool,
    /// Sources ask whether there is room for what they are about to say.
    pub(crate) looks_ahead: bool,
    /// The longest message either way, in bytes.
    pub(crate) longest: u64,
    /// The longest latency of a link, in ms.
    pub(crate) latency: u64,
    /// What a link takes from the server before it has to wait, in bytes.
    pub(crate) buffer: u64,
    /// Links that end by themselves.
    pub(crate) faulty: u64,
    /// Of those, how many end within a few frames.
    pub(crate) early: u64,
    /// Links that were given up, and on which everything that goes up takes long.
    pub(crate) stalled: u64,
    /// Handshakes that are refused.
    pub(crate) refused: u64,
    /// Handshakes that nobody answers.
    pub(crate) unanswered: u64,
    /// Servers that do not speak the protocol.
    pub(crate) plain: u64,
    /// Frames that arrive with another number, in ten thousand.
    pub(crate) corrupted: u64,
    pub(crate) restarts: u64,
    pub(crate) jumps: u64,
    pub(crate) freezes: u64,
    pub(crate) late_timers: u64,
    pub(crate) closes: u64,
    pub(crate) nested: u64,
    /// Sources that end.
    pub(crate) ends: u64,
    /// How long the source takes for an input, at most, in ms.
    pub(crate) slowness: u64,
    /// How many messages a source says at once, at most.
    pub(crate) burst: u64,
    pub(crate) max_queued_bytes: u64,
    /// In ms; 0 for none.
    pub(crate) max_input_age: u64,
    /// Whether the server wants tokens.
    pub(crate) has_tokens: bool,
    /// Tokens that take their time.
    pub(crate) late_tokens: u64,
    /// Attachments that only read.
    pub(crate) read_only: u64,
    /// The longest backoff, in ms.
    pub(crate) backoff_cap: u64,
    pub(crate) connect_timeout: u64,
}

impl Climate {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let ring = dice.pick(&[300, 1_000, 4_000, 100_000]);
        let latency = dice.pick(&[0, 5, 50, 200, 1_500]);
        Self {
            tabs: dice.pick(&[1, 1, 2, 3]),
            is_shared: dice.percent(70),
            requires: dice.percent(30),
            terms: Terms {
                ring,
                window: dice.pick(&[ring / 2, ring / 2, ring / 8, ring]),
                tail: dice.pick(&[0, 200, 1_000]).min(ring),
                credit: dice.pick(&[200, 1_000, 100_000]),
                max_message: dice.pick(&[60, 150, 100_000]),
                heartbeat_ms: dice.pick(&[2_000, 4_000, 15_000]).max(latency * 5),
                patience_ms: dice.pick(&[500, 5_000]),
            },
            limits: Limits {
                grace_ms: dice.pick(&[1_000, 30_000, 10_800_000, 10_800_000]),
                memory: dice.pick(&[500, 5_000, 1_000_000, 1_000_000]),
            },
            paints: dice.percent(40),
            looks_ahead: dice.percent(50),
            longest: dice.pick(&[0, 50, 50, 200]),
            latency,
            buffer: dice.pick(&[1, 300, 10_000]),
            faulty: dice.pick(&[0, 50, 90]),
            early: dice.pick(&[0, 50, 90]),
            stalled: dice.pick(&[0, 40]),
            refused: dice.pick(&[0, 5, 30]),
            unanswered: dice.pick(&[0, 5, 20]),
            plain: dice.pick(&[0, 0, 0, 40]),
            corrupted: dice.pick(&[0, 0, 0, 150]),
            restarts: dice.pick(&[0, 0, 10, 40]),
            jumps: dice.pick(&[0, 10, 40]),
            freezes: dice.pick(&[0, 10, 40]),
            late_timers: dice.pick(&[0, 5, 40]),
            closes: dice.pick(&[0, 3, 15]),
            nested: dice.pick(&[0, 5, 30]),
            ends: dice.pick(&[0, 0, 5]),
            slowness: dice.pick(&[0, 0, 50, SLOWEST_MS]),
            burst: dice.pick(&[1, 5, 30]),
            max_queued_bytes: dice.pick(&[60, 1_000, 1_000_000]),
            max_input_age: dice.pick(&[0, 0, 300, 5_000]),
            has_tokens: dice.percent(40),
            late_tokens: dice.pick(&[0, 10, 50]),
            read_only: dice.pick(&[0, 0, 10, 50]),
            backoff_cap: dice.pick(&[20, 200, 2_000, 30_000]),
            connect_timeout: dice.pick(&[500, 3_000, 10_000]),
        }
    }

    /// How and when the link will fail.
    pub(crate) fn draw_fault(&self, dice: &mut Dice) -> Option<(Trigger, Fault)> {
        if !dice.percent(self.faulty) {
            return None;
        }
        let soon = dice.percent(self.early);
        let frames = dice.up_to(if soon { 3 } else { 40 });
        let trigger = if dice.percent(50) { Trigger::AfterUp(frames) } else { Trigger::AfterDown(frames) };
        let fault = match dice.up_to(11) {
            0..=5 => {
                Fault::Cut { page: dice.percent(70), server: dice.percent(60), lingers: dice.percent(50) }
            }
            6 => Fault::DeafServer,
            7 => Fault::DeafPage,
            8..=9 => {
                // A late hello: the page may have given the link up by then.
                let ms = dice.pick(&[100, 2_000, 15_000]);
                let trigger = if dice.percent(50) { Trigger::AfterUp(0) } else { trigger };
                return Some((trigger, Fault::Stall(ms)));
            }
            _ => Fault::Close(dice.pick(&[1001, 1011, 1012, 4429])),
        };
        Some((trigger, fault))
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm(&mut self) {
        (self.faulty, self.refused, self.unanswered, self.plain, self.corrupted) = (0, 0, 0, 0, 0);
        (self.late_timers, self.nested, self.slowness, self.stalled) = (0, 0, 0, 0);
        (self.late_tokens, self.read_only) = (0, 0);
        self.buffer = 100_000;
        (self.latency, self.connect_timeout) = (self.latency.min(20), 10_000);
    }
}
