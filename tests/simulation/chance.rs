//! Dice, and what the simulated world is like: calm or rough, drawn once for a schedule.

use envsocket::core::options::{Knob, Overrides};
use envsocket::core::rng::Rng;

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
        let most = self.pick(&[0, 5, 50, 50, 200, 200, 1_000, 4_000, 40_000]);
        self.up_to(most)
    }
}

/// What kind of world it is. Numbers are in a hundred.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) pairs: u64,
    pub(crate) origins: u64,
    pub(crate) destinations: u64,
    pub(crate) refused: u64,
    pub(crate) black_holed: u64,
    /// Handshakes that take longer than their slot.
    pub(crate) slow: u64,
    pub(crate) cut_soon: u64,
    pub(crate) final_codes: u64,
    pub(crate) answers_late: u64,
    pub(crate) no_address: u64,
    pub(crate) no_token: u64,
    /// Tokens that are rejected, though they have not expired.
    pub(crate) rejects: u64,
    pub(crate) late_timers: u64,
    pub(crate) sleeps: u64,
    pub(crate) nested: u64,
    pub(crate) configures: u64,
    /// Servers that say something by themselves.
    pub(crate) talkative: u64,
    pub(crate) heartbeats: u64,
    /// Questions that a server answers.
    pub(crate) answers: u64,
    /// Whether a dashboard opens all its pairs at once.
    pub(crate) is_crowded: bool,
    /// Whether everybody has tokens.
    pub(crate) has_tokens: bool,
    /// Whether listeners know a heartbeat's answer.
    pub(crate) knows_replies: bool,
}

impl World {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self {
            pairs: dice.pick(&[1, 2, 3, 6, 9]),
            origins: dice.pick(&[1, 1, 2]),
            destinations: dice.pick(&[1, 1, 3]),
            refused: dice.pick(&[0, 10, 50]),
            black_holed: dice.pick(&[0, 10, 50]),
            slow: dice.pick(&[0, 10, 80]),
            cut_soon: dice.pick(&[0, 20, 60]),
            final_codes: dice.pick(&[0, 10, 40]),
            answers_late: dice.pick(&[0, 30, 90]),
            no_address: dice.pick(&[0, 5, 30]),
            no_token: dice.pick(&[0, 5, 30]),
            rejects: dice.pick(&[0, 5, 50]),
            late_timers: dice.pick(&[0, 5, 40]),
            sleeps: dice.pick(&[0, 2, 10]),
            nested: dice.pick(&[0, 10, 30]),
            configures: dice.pick(&[0, 5, 20]),
            talkative: dice.pick(&[0, 60]),
            heartbeats: dice.pick(&[0, 100]),
            answers: dice.pick(&[0, 50, 95]),
            is_crowded: dice.percent(30),
            has_tokens: dice.percent(40),
            knows_replies: dice.percent(50),
        }
    }
}

/// A value for about one option in `sparse`.
pub(crate) fn options(dice: &mut Dice, sparse: u64) -> Overrides {
    use Knob::*;
    let choices: [(Knob, &[f64]); 15] = [
        (ConnectTimeoutMs, &[1.0, 100.0, 5_000.0, 30_000.0]),
        (ReconnectTimeoutMs, &[1.0, 100.0, 5_000.0, 10_000.0]),
        (BackoffBaseMs, &[0.0, 1.0, 250.0, 5_000.0]),
        (BackoffCapMs, &[0.0, 51.0, 1_000.0, 30_000.0]),
        (BackoffFactor, &[1.0, 1.5, 2.0, 10.0]),
        (BackoffStableAfterMs, &[0.0, 500.0, 10_000.0]),
        (MaxRetries, &[0.0, 1.0, 3.0, 1_000.0]),
        (MaxQueuedBytes, &[0.0, 10.0, 60.0, 1_000.0]),
        (QueuePolicy, &[0.0, 1.0]),
        (HeartbeatIntervalMs, &[0.0, 150.0, 1_000.0, 15_000.0]),
        (HeartbeatTimeoutMs, &[50.0, 1_000.0, 5_000.0, 20_000.0]),
        (Asks, &[0.0, 1.0]),
        (IdleTimeoutMs, &[0.0, 300.0, 60_000.0]),
        (StatusIntervalMs, &[100.0, 2_000.0]),
        (TokenUse, &[0.0, 1.0, 2.0, 3.0]),
    ];
    choices.iter().fold(Overrides::default(), |overrides, (knob, values)| {
        if dice.up_to(sparse) == 0 { overrides.with(*knob, dice.pick(values)) } else { overrides }
    })
}
