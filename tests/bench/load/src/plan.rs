//! How much of everything is measured.

/// Each round does everything once with every server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    /// Sessions opened in one measurement.
    pub(crate) sessions: usize,
    /// Connections that carry messages at once.
    pub(crate) links: usize,
    /// Messages of each that come back.
    pub(crate) echoes: usize,
    /// Connections that each carry one message at a time, and how many of them come back.
    pub(crate) crowd: usize,
    pub(crate) crowd_echoes: usize,
    /// Messages of each that go one way.
    pub(crate) one_way: usize,
    /// Messages one after the other.
    pub(crate) trips: usize,
    /// Links that are cut and resumed.
    pub(crate) resumes: usize,
    /// Servers that are filled with idle sessions, of each kind, and with how many.
    pub(crate) idle_rounds: usize,
    pub(crate) idle: usize,
    /// Times that what terminals print is sent, and to how many connections each time.
    pub(crate) replay_rounds: usize,
    pub(crate) replays: usize,
}

/// For a verdict: one measurement takes about a second.
pub(crate) const FULL: Plan = Plan {
    rounds: 9,
    sessions: 4_000,
    links: 32,
    echoes: 8_000,
    crowd: 1_000,
    crowd_echoes: 100,
    one_way: 40_000,
    trips: 4_000,
    resumes: 100,
    idle_rounds: 3,
    idle: 5_000,
    replay_rounds: 9,
    replays: 50,
};

/// To see that everything works.
pub(crate) const QUICK: Plan = Plan {
    rounds: 2,
    sessions: 500,
    links: 32,
    echoes: 1_000,
    crowd: 500,
    crowd_echoes: 20,
    one_way: 4_000,
    trips: 500,
    resumes: 20,
    idle_rounds: 1,
    idle: 1_000,
    replay_rounds: 2,
    replays: 10,
};

/// The round before the first, which is thrown away.
pub(crate) const WARM_UP: Plan = Plan { idle_rounds: 0, ..QUICK };
