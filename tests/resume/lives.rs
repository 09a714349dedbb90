//! The truth about the server's end: what every source has said and was given, and who was attached to it.
//!
//! Kept beside the code under test, by what the driver sees; never read from it.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::resume::session::Terms;
use envsocket::core::resume::{ENTRY_COST, Id, Size, cost};

/// What a source has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logged {
    Message(u64),
    Size(Size),
    End,
}

impl Logged {
    pub(crate) fn cost(self) -> u64 {
        match self {
            Self::Message(bytes) => cost(bytes),
            Self::Size(_) | Self::End => ENTRY_COST,
        }
    }
}

/// Input that has arrived and that the source has not consumed.
#[derive(Debug)]
struct Pending {
    id: u32,
    attachment: Id,
    number: u64,
    cost: u64,
}

/// An attachment that the server must know.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) secret: Id,
    pub(crate) epoch: Id,
    pub(crate) attempt: u64,
    /// The link that counts.
    pub(crate) link: usize,
    /// What the first welcome said, once it was said.
    pub(crate) first_next: Option<u64>,
    /// The number of the last input that has arrived.
    pub(crate) arrived: u64,
    /// The greatest number of output that it has acknowledged.
    pub(crate) acked: u64,
    /// Some of the output was never to be seen again when it had broken the rules.
    pub(crate) has_violated: bool,
}

impl Known {
    /// Whether nothing shows that its client has ever heard of its epoch.
    pub(crate) fn is_untouched(&self) -> bool {
        self.arrived == 0 && self.first_next.is_none_or(|first| self.acked < first)
    }
}

/// One source, from its start until it is forgotten.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) session: Id,
    terms: Terms,
    pub(crate) log: Vec<Logged>,
    /// `sums[n]` is what the first n entries cost.
    sums: Vec<u64>,
    biggest: u64,
    pending: VecDeque<Pending>,
    /// The source is busy with the oldest that is pending.
    is_busy: bool,
    /// The controller's client has said that it consumed more, or there is another controller.
    progressed: bool,
    pub(crate) known: BTreeMap<Id, Known>,
    /// All that ever were.
    attachments: u64,
    pub(crate) is_forgotten: bool,
    /// At some time there were only attachments that may read: it may have kept less than its ring then.
    pub(crate) was_watched: bool,
    pub(crate) size: Option<Size>,
    /// Who has sent a message last.
    pub(crate) used_last: Option<Id>,
}

impl Life {
    /// What the entries from one number to another cost.
    pub(crate) fn cost_of(&self, from: u64, to: u64) -> u64 {
        self.sums[to as usize] - self.sums[from as usize - 1]
    }

    /// The last entry's number.
    pub(crate) fn live(&self) -> u64 {
        self.log.len() as u64
    }

    /// The first of the newest entries that together cost no more than the tail, when `live` is the newest.
    pub(crate) fn tail_at(&self, live: u64) -> u64 {
        // The end is always among them: whoever comes must hear of it.
        let mut first = live + u64::from(self.entry(live) != Some(Logged::End));
        while first > 1 && self.cost_of(first - 1, live) <= self.terms.tail {
            first -= 1;
        }
        first
    }

    /// The entry with this number.
    pub(crate) fn entry(&self, number: u64) -> Option<Logged> {
        self.log.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// The most output that is kept for sure, so that whoever lacks no more than this has no gap.
    pub(crate) fn ring(&self) -> u64 {
        let Terms { ring, window, tail, .. } = self.terms;
        if self.was_watched { window.min(ring / 2).max(tail).max(1).min(ring) } else { ring }
    }

    /// The number of the last input of this attachment that the source can have consumed.
    pub(crate) fn most_consumed(&self, attachment: Id) -> u64 {
        let first = self.pending.iter().find(|pending| pending.attachment == attachment);
        first.map_or_else(|| self.known[&attachment].arrived, |pending| pending.number - 1)
    }

    /// Whether input waits whose attachment is gone.
    pub(crate) fn has_orphans(&self) -> bool {
        self.pending.iter().any(|pending| !self.known.contains_key(&pending.attachment))
    }

    /// Whether everybody has left for good, and the source has consumed what they said.
    pub(crate) fn is_left(&self) -> bool {
        self.attachments > 0 && self.known.is_empty() && self.pending.is_empty()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }
}

/// All of them, in the order of their beginning.
#[derive(Debug, Default)]
pub(crate) struct Lives(pub(crate) Vec<Life>);

impl Lives {
    pub(crate) fn begin(&mut self, session: Id, terms: Terms) -> usize {
        let twin = self.0.iter().find(|life| life.session == session && !life.is_forgotten);
        assert!(twin.is_none(), "a second source for one session");
        self.0.push(Life {
            session,
            terms,
            log: Vec::new(),
            sums: vec![0],
            biggest: 0,
            pending: VecDeque::new(),
            is_busy: false,
            progressed: false,
            known: BTreeMap::new(),
            attachments: 0,
            is_forgotten: false,
            was_watched: false,
            size: None,
            used_last: None,
        });
        self.0.len() - 1
    }

    pub(crate) fn forget_session(&mut self, session: Id) {
        for life in self.0.iter_mut().filter(|life| life.session == session) {
            life.is_forgotten = true;
            life.known.clear();
        }
    }

    /// A number for what the source says.
    pub(crate) fn say(&mut self, life: usize, entry: Logged) -> u64 {
        let life = &mut self.0[life];
        assert_ne!(life.log.last(), Some(&Logged::End), "a source speaks after its end");
        life.log.push(entry);
        life.sums.push(life.sums[life.sums.len() - 1] + entry.cost());
        life.biggest = life.biggest.max(entry.cost());
        life.live()
    }

    pub(crate) fn attached(&mut self, life: usize, attachment: Id, known: Known) {
        let life = &mut self.0[life];
        life.attachments += 1;
        life.progressed = true;
        // What an earlier one of this name has sent counts for itself no more.
        for pending in life.pending.iter_mut().filter(|pending| pending.attachment == attachment) {
            pending.attachment = Id(0);
        }
        life.known.insert(attachment, known);
    }

    /// A message has arrived over the link that counts.
    pub(crate) fn arrived(&mut self, life: usize, attachment: Id, id: u32, bytes: u64) {
        let life = &mut self.0[life];
        let known = life.known.get_mut(&attachment).expect("it is attached");
        known.arrived += 1;
        // Another controller has a patience of its own.
        life.progressed |= life.used_last.replace(attachment) != Some(attachment);
        life.pending.push_back(Pending { id, attachment, number: known.arrived, cost: cost(bytes) });
        let waiting = life.pending.iter().filter(|pending| pending.attachment == attachment);
        let (count, sum) = waiting.fold((0, 0), |(count, sum), pending| (count + 1, sum + pending.cost));
        assert!(count == 1 || sum <= life.terms.credit, "{sum} wait for the source, beyond the credit");
    }

    /// The source takes this input: in the order in which all of it has arrived.
    pub(crate) fn applied(&mut self, life: usize, id: u32) {
        let life = &mut self.0[life];
        assert!(!life.is_forgotten && !life.is_busy, "given to a source that did not ask");
        let due = life.pending.front().map(|pending| pending.id);
        assert_eq!(due, Some(id), "the source is given another input than the one that is due");
        life.is_busy = true;
    }

    pub(crate) fn resized(&mut self, life: usize, size: Size) {
        self.0[life].size = Some(size);
    }

    /// The source has consumed what it took, if that was a message.
    pub(crate) fn consumed(&mut self, life: usize) {
        let life = &mut self.0[life];
        if std::mem::take(&mut life.is_busy) {
            life.pending.pop_front();
        }
    }

    pub(crate) fn progress(&mut self, life: usize) {
        self.0[life].progressed = true;
    }

    /// Whether anybody's consumption has moved on since the last question.
    pub(crate) fn has_progressed(&mut self, life: usize) -> bool {
        std::mem::take(&mut self.0[life].progressed)
    }

    /// The most that a session may keep: the ring or one larger entry, and the input on its way to the source.
    pub(crate) fn most_to_keep(&self, life: usize) -> u64 {
        let life = &self.0[life];
        let input: u64 = life.pending.iter().map(|pending| pending.cost).sum();
        // Sizes that came with a hello or another controller: at most one between two others.
        let sizes = (life.pending.len() as u64 + 1) * ENTRY_COST;
        life.terms.ring.max(life.biggest) + input + sizes + life.attachments * 2 * life.terms.credit
    }
}
