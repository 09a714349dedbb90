//! Questions, answers, idleness, and what follows when time has passed.

use envsocket::core::event::{CloseInfo, Page};

use super::{Expect, LATE_MS, Model, PROBE_MS, Phase, Twin};

/// What is known of an open socket's life.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    pub(super) beat_at: Option<u64>,
    pub(super) reply_by: Option<u64>,
    pub(super) sent: bool,
    pub(super) used: bool,
    heard: bool,
    /// Questions since the last answer that was told apart, and when the first of them was asked.
    asked: u32,
    asked_at: u64,
}

impl Pulse {
    pub(super) fn stop(&mut self) {
        (self.beat_at, self.reply_by) = (None, None);
    }
}

impl Twin {
    pub(super) fn begin_liveness(&mut self, now: u64) {
        let beat_at = self.settings.heartbeat.map(|heartbeat| now + heartbeat.interval_ms);
        self.pulse = Pulse { beat_at, used: self.pulse.used, ..Pulse::default() };
    }

    fn ask(&mut self, now: u64, patience: u64) {
        let mut by = now + patience;
        if let Some(pending) = self.pulse.reply_by.filter(|_| !self.pulse.heard) {
            by = by.min(pending);
        }
        self.pulse.heard = false;
        self.pulse.asked += 1;
        self.pulse.asked_at = now;
        let beat_at = self.settings.heartbeat.map(|heartbeat| now + heartbeat.interval_ms);
        (self.pulse.beat_at, self.pulse.reply_by) = (beat_at, Some(by));
        self.expect(Expect::Beat(self.generation));
    }
}

impl Model {
    /// A message has come over this socket: whether it is to be told.
    pub(crate) fn hears(&mut self, id: u32, generation: u32) -> bool {
        let Some(twin) = self.heeding(id, generation) else { return false };
        twin.pulse.heard = true;
        matches!(twin.phase, Phase::Open { .. })
    }

    pub(crate) fn received(&mut self, id: u32, bytes: u64) {
        if let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) {
            twin.pulse.used |= twin.pulse.asked == 0;
            twin.counts.messages_in += 1;
            twin.counts.bytes_in += bytes;
        }
    }

    pub(crate) fn replied(&mut self, id: u32) {
        if let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) {
            twin.counts.round_trips += u64::from(twin.pulse.asked == 1);
            twin.pulse.asked = 0;
        }
    }

    pub(super) fn watch_idle(&mut self, id: u32) {
        let (now, is_active) = (self.now, self.is_active(id));
        let twin = self.twin(id);
        let watched = twin.settings.idle_timeout_ms.filter(|_| !is_active && twin.pair.is_some());
        twin.idle_at = watched.map(|ms| now + ms);
        twin.pulse.used &= watched.is_none();
    }

    pub(crate) fn page(&mut self, page: Page) {
        self.online = match page {
            Page::Online => true,
            Page::Offline => false,
            Page::Awake => self.online,
        };
        for id in self.ids() {
            let now = self.now;
            let twin = self.twin(id);
            match (page, &mut twin.phase) {
                (Page::Offline, Phase::Waiting { earliest, latest }) => {
                    let half = twin.settings.backoff.cap_ms / 2;
                    *earliest = (*earliest).max(now + half);
                    *latest = (*latest).max(now + 2 * half);
                }
                (Page::Online | Page::Awake, Phase::Waiting { .. }) if twin.not_before <= now => {
                    self.begin(id);
                }
                (Page::Online | Page::Awake, Phase::Open { .. }) => {
                    if let Some(heartbeat) = twin.settings.heartbeat {
                        twin.ask(now, heartbeat.timeout_ms.min(PROBE_MS));
                    }
                }
                _ => {}
            }
            self.settle(id);
        }
    }

    /// Time has passed. `began` says whether an attempt that only chance knows the time of has begun.
    pub(crate) fn timeout(&mut self, began: impl Fn(u32, u32) -> bool) {
        let begins = |id: u32, twin: &Twin| match twin.phase {
            Phase::Waiting { earliest, latest } if earliest != latest => {
                let began = began(id, twin.generation + 1);
                assert!(!began || earliest <= self.now, "an attempt before its time");
                assert!(began || self.now < latest, "an attempt that is overdue");
                began
            }
            Phase::Waiting { earliest, .. } => earliest <= self.now,
            _ => false,
        };
        let due = self.present().filter_map(|(id, twin)| {
            let begins = begins(id, twin);
            (begins || twin.deadlines().any(|at| at <= self.now)).then_some((id, begins))
        });
        for (id, begins) in due.collect::<Vec<_>>() {
            self.due(id, begins);
            self.settle(id);
        }
        let now = self.now;
        for (id, interval, due) in self.polls.iter_mut().filter(|(_, _, due)| *due <= now) {
            *due = now + *interval;
            self.expected_polls.push_back(*id);
        }
    }

    /// Whatever of the connection is due, in the order of the design: attempt, connect, slot, close, beat,
    /// reply, question, idle.
    fn due(&mut self, id: u32, begins: bool) {
        let now = self.now;
        let is_due = |at: Option<u64>| at.is_some_and(|at| at <= now);
        if begins {
            self.begin(id);
        }
        self.connect_due(id);
        let twin = self.twin(id);
        if let Phase::Opening { slot, .. } = &mut twin.phase
            && is_due(*slot)
        {
            *slot = None;
        }
        if let Phase::Closing { socket, by } = twin.phase
            && by <= now
        {
            if socket {
                twin.expect(Expect::Abandon(twin.generation));
            }
            self.finish(id, Phase::Ended, CloseInfo::abnormal());
        }
        let twin = self.twin(id);
        if is_due(twin.pulse.beat_at)
            && let Some(heartbeat) = twin.settings.heartbeat
        {
            let late = twin.pulse.beat_at.is_some_and(|at| now - at > LATE_MS);
            let patience = if late { heartbeat.timeout_ms.min(PROBE_MS) } else { heartbeat.timeout_ms };
            if !twin.pulse.heard && is_due(twin.pulse.reply_by) {
                twin.pulse.beat_at = Some(now + heartbeat.interval_ms);
            } else {
                twin.ask(now, patience);
            }
        }
        if is_due(self.twin(id).pulse.reply_by) {
            self.reply_due(id);
        }
        self.twin(id).question_due(now);
        if is_due(self.twin(id).idle_at) {
            let twin = self.twin(id);
            if twin.pulse.used || twin.has_queue() || twin.question.is_some() {
                self.watch_idle(id);
            } else {
                self.close_one(id, None);
            }
        }
    }

    fn reply_due(&mut self, id: u32) {
        let now = self.now;
        let twin = self.twin(id);
        let (Some(heartbeat), Some(by)) = (twin.settings.heartbeat, twin.pulse.reply_by.take()) else {
            return;
        };
        if twin.pulse.heard {
            twin.excused = false;
            twin.pulse.asked = 0;
        } else if now - by > LATE_MS && !twin.excused {
            twin.excused = true;
            twin.ask(now, heartbeat.timeout_ms.min(PROBE_MS));
        } else {
            twin.expect(Expect::Abandon(twin.generation));
            twin.fault = true;
            self.lost(id, CloseInfo::abnormal());
        }
    }
}
