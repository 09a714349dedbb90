//! From the decision to try until the socket is open.

use envsocket::core::event::{CloseInfo, Direction};
use envsocket::core::question::Loss;

use super::{Expect, LATE_MS, Model, PROBE_MS, Phase, SLOT_MS, SLOTS, Spot};

impl Model {
    pub(super) fn begin(&mut self, id: u32) {
        let (now, defaults) = (self.now, self.defaults);
        let twin = self.twin(id);
        twin.settings = twin.own.over(defaults).resolve();
        twin.begin_tokens();
        twin.generation += 1;
        twin.attempt += 1;
        twin.counts.attempts += 1;
        (twin.fault, twin.excused) = (false, false);
        twin.pulse.stop();
        let settings = twin.settings;
        let timeout =
            if twin.opened_before { settings.reconnect_timeout_ms } else { settings.connect_timeout_ms };
        if settings.idle_timeout_ms.is_none() || twin.idle_at.is_none() {
            self.watch_idle(id);
        }
        let twin = self.twin(id);
        twin.enter(Phase::Locating { by: now + timeout });
        twin.expect(Expect::Locate(twin.generation));
    }

    /// The answer to where an attempt goes; an error says whether it is final. `asks` for a token it does by what
    /// chance decided, where the design leaves it to that.
    pub(crate) fn located(&mut self, id: u32, generation: u32, answer: Result<Spot, bool>, asks: bool) {
        let (now, turn) = (self.now, self.turns);
        self.turns += 1;
        let Some(twin) = self.heeding(id, generation) else { return };
        let Phase::Locating { by } = twin.phase else { return };
        match answer {
            Ok(spot) => {
                if twin.spot.is_some_and(|before| before.destination != spot.destination) {
                    twin.lose_question(Loss::Session);
                    twin.discard_queue();
                }
                twin.spot = Some(spot);
                twin.bind_mail(spot.destination);
                twin.authorize(now, by, turn, asks);
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

    /// Who holds one of the origin's slots.
    pub(crate) fn holders(&self, origin: u8) -> usize {
        let holds = |phase| matches!(phase, Phase::Opening { slot: Some(_), .. });
        let at = |spot: Option<Spot>| spot.is_some_and(|spot| spot.origin == origin);
        self.present().filter(|(_, twin)| holds(twin.phase) && at(twin.spot)).count()
    }

    /// Who waits for a slot, and where.
    pub(crate) fn in_line(&self) -> impl Iterator<Item = (u32, u64, u8)> {
        self.present().filter_map(|(id, twin)| match (twin.phase, twin.spot) {
            (Phase::Queued { turn, .. }, Some(spot)) => Some((id, turn, spot.origin)),
            _ => None,
        })
    }

    pub(super) fn grant(&mut self) {
        loop {
            let free = self.in_line().filter(|(_, _, origin)| self.holders(*origin) < SLOTS);
            let first = free.min_by_key(|(id, turn, _)| (!self.is_active(*id), *turn));
            let Some((id, ..)) = first else { return };
            let now = self.now;
            let twin = self.twin(id);
            let Phase::Queued { left, .. } = twin.phase else { unreachable!("it waits") };
            twin.show_token();
            twin.enter(Phase::Opening { by: now + left, slot: Some(now + SLOT_MS) });
            twin.expect(Expect::OpenSocket(twin.generation));
        }
    }

    pub(crate) fn opened(&mut self, id: u32, generation: u32) {
        let now = self.now;
        let Some(twin) = self.heeding(id, generation) else { return };
        if !matches!(twin.phase, Phase::Opening { .. }) {
            return;
        }
        let again = twin.opened_before;
        (twin.attempt, twin.excused) = (0, false);
        twin.counts.opens += 1;
        twin.counts.reconnects += u64::from(again);
        twin.enter(Phase::Open { since: now });
        twin.opened_before = true;
        twin.introduce();
        twin.hand_queue_over();
        if again {
            let gaps = [Direction::In, Direction::Out];
            for direction in &gaps[..1 + usize::from(twin.pulse.sent)] {
                twin.counts.lost += 1;
                twin.expect(Expect::Gap(*direction));
            }
        }
        twin.begin_liveness(now);
        twin.expect(Expect::Open);
        self.settle(id);
    }

    pub(super) fn connect_due(&mut self, id: u32) {
        let now = self.now;
        let twin = self.twin(id);
        let (by, opening) = match &mut twin.phase {
            Phase::Locating { by } | Phase::Authorizing { by } => (by, false),
            Phase::Opening { by, .. } => (by, true),
            _ => return,
        };
        if *by > now {
            return;
        }
        if now - *by > LATE_MS && !twin.excused {
            *by = now + PROBE_MS;
            twin.excused = true;
            return;
        }
        if matches!(twin.phase, Phase::Authorizing { .. }) {
            twin.token_hangs();
        }
        if opening {
            twin.expect(Expect::Abandon(twin.generation));
        }
        twin.fault = true;
        self.lost(id, CloseInfo::abnormal());
    }
}
