//! How sockets and connections end, and what follows.

use envsocket::core::event::{CloseInfo, Direction};

use super::{Expect, Model, Phase};

/// What a close leads to, by DESIGN §5.
enum Fate {
    Retry,
    Ended,
    Refused,
    /// Another token may do.
    Renew,
}

fn fate(code: u16) -> Fate {
    match code {
        1000 | 4410 => Fate::Ended,
        1002 | 1003 | 1007..=1010 | 4403 | 4404 | 4409 => Fate::Refused,
        4401 => Fate::Renew,
        _ => Fate::Retry,
    }
}

/// What the simulated servers write into their close reasons.
fn retry_after_ms(reason: &str) -> u64 {
    let seconds = reason.strip_prefix("retry-after: ").and_then(|seconds| seconds.parse::<u64>().ok());
    seconds.map_or(0, |seconds| seconds * 1_000)
}

impl Model {
    pub(crate) fn errored(&mut self, id: u32, generation: u32) {
        if let Some(twin) = self.heeding(id, generation) {
            twin.fault = true;
        }
    }

    pub(crate) fn closed(&mut self, id: u32, generation: u32, info: CloseInfo) {
        let Some(twin) = self.heeding(id, generation) else { return };
        match twin.phase {
            Phase::Closing { .. } => self.finish(id, Phase::Ended, info),
            Phase::Opening { .. } | Phase::Open { .. } => self.lost(id, info),
            _ => {}
        }
        self.settle(id);
    }

    pub(crate) fn unopenable(&mut self, id: u32, generation: u32) {
        let Some(twin) = self.heeding(id, generation) else { return };
        twin.fault = true;
        if matches!(twin.phase, Phase::Closing { .. }) {
            self.finish(id, Phase::Ended, CloseInfo::abnormal());
        } else {
            twin.counts.failures += 1;
            self.finish(id, Phase::Failed, CloseInfo::abnormal());
        }
        self.settle(id);
    }

    pub(crate) fn judged(&mut self, id: u32, generation: u32, info: CloseInfo, retry: Option<bool>) {
        let Some(twin) = self.heeding(id, generation) else { return };
        if !matches!(twin.phase, Phase::Judging { .. }) {
            return;
        }
        let fate = match (retry, fate(info.code)) {
            (None, by_code) | (Some(true), by_code @ Fate::Renew) => by_code,
            (Some(true), _) => Fate::Retry,
            (Some(false), Fate::Ended) => Fate::Ended,
            (Some(false), _) => Fate::Refused,
        };
        self.decide(id, fate, retry == Some(true), info);
        self.settle(id);
    }

    pub(super) fn lost(&mut self, id: u32, info: CloseInfo) {
        let now = self.now;
        let twin = self.twin(id);
        if let Phase::Open { since } = twin.phase
            && now - since >= twin.settings.backoff.stable_after_ms
        {
            twin.failures = 0;
            twin.calm();
        }
        if info.code == 4401 {
            twin.token_rejected();
        }
        twin.count_uptime(now);
        twin.pulse.stop();
        twin.counts.failures += 1;
        if twin.settings.asks {
            twin.phase = Phase::Judging { seen: twin.status() };
            twin.expect(Expect::Judge(twin.generation, info));
        } else {
            self.decide(id, fate(info.code), false, info);
        }
    }

    /// An application that `insists` is tried for though the token was rejected before.
    fn decide(&mut self, id: u32, fate: Fate, insists: bool, info: CloseInfo) {
        let twin = self.twin(id);
        let may_retry = twin.failures < twin.settings.max_retries;
        match fate {
            Fate::Renew if twin.comes_back_at_once() => {
                if may_retry {
                    twin.failures += 1;
                    self.begin(id);
                } else {
                    self.finish(id, Phase::Failed, info);
                }
            }
            Fate::Renew if insists && may_retry => self.wait(id, &info.reason),
            Fate::Retry if may_retry => self.wait(id, &info.reason),
            Fate::Ended => self.finish(id, Phase::Ended, info),
            Fate::Retry | Fate::Refused | Fate::Renew => self.finish(id, Phase::Failed, info),
        }
    }

    fn wait(&mut self, id: u32, reason: &str) {
        let (now, online) = (self.now, self.online);
        let twin = self.twin(id);
        let backoff = twin.settings.backoff;
        let (least, most) = if online {
            let grown = backoff.base_ms as f64 * backoff.factor.powi(twin.failures as i32);
            // The powers may be rounded differently, by less than one.
            (0, (grown.min(backoff.cap_ms as f64) as u64 + 1).min(backoff.cap_ms))
        } else {
            (backoff.cap_ms / 2, backoff.cap_ms)
        };
        twin.failures += 1;
        let asked_for = retry_after_ms(reason);
        twin.not_before = now + asked_for;
        let (earliest, latest) = (twin.not_before + least, twin.not_before + most.max(asked_for / 2));
        twin.enter(Phase::Waiting { earliest, latest });
    }

    pub(super) fn finish(&mut self, id: u32, end: Phase, info: CloseInfo) {
        let twin = self.twin(id);
        twin.stop_timers();
        twin.forget_tokens();
        twin.enter(end);
        let may_be_lost = std::mem::take(&mut twin.pulse.sent) | twin.has_mail_on_the_way();
        if may_be_lost && (end == Phase::Failed || !info.clean) {
            twin.counts.lost += 1;
            twin.expect(Expect::Gap(Direction::Out));
        }
        twin.discard_queue();
        if twin.fault {
            twin.expect(Expect::Error);
        }
        twin.expect(Expect::Close(info));
    }

    /// What follows from any change of this connection: whoever is over leaves, whoever's turn it is begins.
    pub(super) fn settle(&mut self, id: u32) {
        let twin = &self.twins[&id];
        let listed = twin.pair.is_some_and(|pair| self.listed.get(&pair) == Some(&id));
        let leaves = twin.phase == Phase::Ended || (twin.phase == Phase::Failed && !listed);
        if leaves && !twin.released {
            let (pair, counts) = (twin.pair, twin.counts);
            if let Some(pair) = pair.filter(|_| listed) {
                self.listed.remove(&pair);
            }
            self.gone.add(&counts);
            let twin = self.twin(id);
            twin.released = true;
            twin.expect(Expect::Release);
        }
        self.grant();
    }
}

impl super::Twin {
    pub(super) fn stop_timers(&mut self) {
        self.pulse.stop();
        self.idle_at = None;
    }

    pub(super) fn count_uptime(&mut self, now: u64) {
        if let Phase::Open { since } = self.phase {
            self.counts.connected_ms += now - since;
        }
    }
}
