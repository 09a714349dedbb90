//! A session, its source and its clients, with an account of what each of them has.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::resume::frame::{ClientFrame, Counts, Hello};
use envsocket::core::resume::session::{
    Entry, Farewell, Input, LinkId, MAX_ATTACHMENTS, Next, Recorder, Session, Terms, Ticket,
};
use envsocket::core::resume::{Access, ENTRY_COST, Id, MAX_NUMBER, cost};
use envsocket::core::time::Instant;

use super::client::Client;
use super::note::{Camera, Note};
use crate::hostile::Choices;

/// More answers than this without an end are one without an end.
const ENDLESS: usize = 20_000;

/// Inputs that the source has taken and not consumed.
const MOST_TICKETS: usize = 8;

/// What the server has of an attachment in one epoch.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// The number of the last input that it has taken.
    pub(super) received: u64,
    /// Where its output begins.
    base: u64,
}

/// What a client keeps when its link is gone.
#[derive(Debug)]
struct Tab {
    hello: Hello,
}

pub(super) struct World {
    pub(super) session: Session<Note>,
    pub(super) terms: Terms,
    now: Instant,
    output: Vec<Entry<Note>>,
    /// What the largest entry costs.
    largest: u64,
    tabs: BTreeMap<Id, Tab>,
    links: BTreeMap<LinkId, Client>,
    lives: BTreeMap<Id, Life>,
    /// Messages that were taken from clients, by their epochs, and not by the source yet, in their order.
    inputs: VecDeque<(Id, Note)>,
    tickets: VecDeque<Ticket>,
    used: u64,
}

impl World {
    pub(super) fn new(choices: &mut Choices<'_>) -> Self {
        let terms = Terms {
            ring: choices.one_of([1_000, 100, 4_000, 20_000]),
            window: choices.one_of([500, 0, 2_000, u64::MAX]),
            tail: choices.one_of([300, 0, 1_000, u64::MAX]),
            credit: choices.one_of([1_000, 1, 200, 4_000]),
            max_message: choices.one_of([500, 0, 5_000]),
            heartbeat_ms: choices.one_of([1_000, 1, 15_000]),
            patience_ms: choices.one_of([5_000, 1, 500]),
        };
        let recorder = choices.flag().then(|| Box::new(Camera::default()) as Box<dyn Recorder<Note> + Send>);
        Self {
            session: Session::new(terms, recorder),
            terms,
            now: Instant::from_ms(1),
            output: Vec::new(),
            largest: ENTRY_COST,
            tabs: BTreeMap::new(),
            links: BTreeMap::new(),
            lives: BTreeMap::new(),
            inputs: VecDeque::new(),
            tickets: VecDeque::new(),
            used: 0,
        }
    }

    fn fresh(&mut self) -> u64 {
        self.used += 1;
        self.used
    }

    pub(super) fn links(&self) -> impl Iterator<Item = LinkId> {
        self.links.keys().copied()
    }

    pub(super) fn append(&mut self, entry: Entry<Note>) {
        if !matches!(self.output.last(), Some(Entry::End { .. })) {
            if let Entry::Message(note) = &entry {
                self.largest = self.largest.max(cost(note.bytes));
            }
            self.output.push(entry.clone());
        }
        self.session.append(self.now, entry);
    }

    /// What this tab would say honestly, by the last that it heard.
    pub(super) fn hello(&self, tab: u8) -> Hello {
        let id = Id(u128::from(tab));
        match self.tabs.get(&id) {
            Some(tab) => Hello { attempt: (tab.hello.attempt + 1).min(MAX_NUMBER), ..tab.hello.clone() },
            None => Hello {
                session: Id(0),
                attachment: id,
                secret: Id(1),
                attempt: 1,
                epoch: None,
                received: 0,
                sent: 0,
                acked: 0,
                size: None,
                token: None,
            },
        }
    }

    /// An epoch that there was, or one that there never was.
    pub(super) fn any_epoch(&self, at: u8) -> Id {
        self.lives.keys().nth(at.into()).copied().unwrap_or(Id(u128::MAX))
    }

    pub(super) fn attach(&mut self, hello: Hello) {
        let (link, fresh) = (LinkId(self.fresh()), Id(self.fresh().into()));
        let attached = |(link, it): &(&LinkId, &Client)| {
            it.hello.attachment == hello.attachment && !self.session.is_over(**link)
        };
        let older = self.links.iter().find(attached).map(|(link, client)| (*link, client.hello.clone()));
        // One tab may type over some of its links only.
        let reads = hello.attachment == Id(4) && link.0 % 2 == 1;
        let access = if reads { Access::ReadOnly } else { Access::ReadWrite };
        match self.session.attach(self.now, link, &hello, access, fresh) {
            Ok(()) => {
                if let Some((older, its)) = older {
                    assert!(hello.attempt > its.attempt, "{hello:?} takes over from {its:?}");
                    assert_eq!(hello.secret, its.secret, "the attachment is somebody else's");
                    assert!(self.session.is_over(older), "{older:?} still speaks for the attachment");
                }
                self.tabs.insert(hello.attachment, Tab { hello: hello.clone() });
                self.links.insert(link, Client::new(hello, access));
            }
            Err(Farewell { code, reason }) => {
                assert!([4400, 4403, 4409, 4429].contains(&code), "{code} {reason}");
                assert!(self.session.is_over(link), "what was refused is not known");
            }
        }
    }

    /// More tabs than there is room for.
    pub(super) fn crowd(&mut self, first: u8) {
        for tab in 0..=MAX_ATTACHMENTS as u8 {
            let hello = self.hello(first.wrapping_add(tab));
            self.attach(hello);
        }
    }

    /// Hands over up to so much to a link.
    pub(super) fn pull(&mut self, link: LinkId, most: usize) {
        for _ in 0..most {
            if !matches!(self.next(link), Next::Frame(_) | Next::Message(_)) {
                break;
            }
        }
    }

    fn next(&mut self, link: LinkId) -> Next<Note> {
        let was_over = self.session.is_over(link);
        let next = self.session.next(self.now, link);
        let Some(client) = self.links.get_mut(&link) else {
            assert_eq!(next, Next::Idle, "a link that nobody knows");
            return next;
        };
        if was_over {
            assert!(!matches!(next, Next::Message(_) | Next::Idle), "{next:?} of a link that is over");
        }
        let life = client.welcome.as_ref().and_then(|welcome| self.lives.get(&welcome.epoch));
        let is_new = client.welcome.is_none();
        client.hears(&next, &self.output, life);
        if let (true, Some(welcome)) = (is_new, &client.welcome) {
            let base = welcome.next - 1;
            let life = self.lives.entry(welcome.epoch).or_insert(Life { received: 0, base });
            assert_eq!(welcome.received, life.received, "what was taken is counted, and nothing else");
            if client.hello.epoch != Some(welcome.epoch) {
                assert_eq!(base, life.base, "whoever begins anew begins where this life did");
            }
        }
        self.note(link);
        next
    }

    /// What the client has heard goes into its tab's next hello.
    fn note(&mut self, link: LinkId) {
        let Some(client) = self.links.get(&link) else { return };
        let Some(welcome) = &client.welcome else { return };
        let Some(tab) = self.tabs.get_mut(&client.hello.attachment) else { return };
        // An older socket of the tab has nothing more to say.
        if tab.hello.attempt != client.hello.attempt {
            return;
        }
        let received = self.lives.get(&welcome.epoch).map_or(0, |life| life.received);
        tab.hello.epoch = Some(welcome.epoch);
        tab.hello.received = client.count;
        (tab.hello.sent, tab.hello.acked) = (received, received);
    }

    pub(super) fn honest_counts(&self, link: LinkId) -> Counts {
        let received = self.links.get(&link).map_or(0, |client| client.count);
        Counts { sent: self.sent_by(link), received, consumed: received }
    }

    /// The number of the last input that the server has of whoever speaks over the link.
    pub(super) fn sent_by(&self, link: LinkId) -> u64 {
        let welcome = self.links.get(&link).and_then(|client| client.welcome.as_ref());
        welcome.and_then(|welcome| self.lives.get(&welcome.epoch)).map_or(0, |life| life.received)
    }

    /// The client sends a control frame. It must not end another's link.
    pub(super) fn say(&mut self, link: LinkId, frame: ClientFrame) {
        let was_over = self.session.is_over(link);
        let others = self.others_over(link);
        self.session.frame(self.now, link, frame.clone());
        assert_eq!(self.others_over(link), others, "{frame:?} ends another's link");
        if !was_over && !self.session.is_over(link) {
            assert!(self.is_possible(link, &frame), "{frame:?} is believed");
            match frame {
                ClientFrame::Resize(_) => {
                    self.took(link, |received| received + 1);
                }
                ClientFrame::Skip { to } => {
                    self.took(link, |_| to);
                }
                _ => {}
            }
        }
    }

    /// Whether the server can believe it, by what the client was told and by what was taken from it.
    fn is_possible(&self, link: LinkId, frame: &ClientFrame) -> bool {
        let client = &self.links[&link];
        let Some(welcome) = &client.welcome else { return false };
        match frame {
            ClientFrame::Hello(_) => false,
            ClientFrame::Ack(counts) | ClientFrame::Ping(counts) | ClientFrame::Pong(counts) => {
                let has = (counts.received <= client.count, counts.consumed <= counts.received);
                counts.sent == self.sent_by(link) && has == (true, true)
            }
            ClientFrame::Skip { to } => client.hello.epoch == Some(welcome.epoch) && *to <= client.hello.sent,
            ClientFrame::Resize(_) => client.access == Access::ReadWrite,
            ClientFrame::Token(_) => true,
        }
    }

    pub(super) fn message(&mut self, link: LinkId, bytes: u64) {
        let note = Note::input(self.fresh(), bytes);
        let was_over = self.session.is_over(link);
        self.session.message(self.now, link, note.clone());
        if !was_over && !self.session.is_over(link) {
            assert!(bytes <= self.terms.max_message, "{note:?} is too long");
            assert_eq!(self.links[&link].access, Access::ReadWrite, "a reader has typed");
            let epoch = self.took(link, |received| received + 1);
            let waiting = self.inputs.iter().filter(|(of, _)| *of == epoch).map(|(_, note)| cost(note.bytes));
            let waiting: u64 = waiting.sum();
            assert!(waiting == 0 || waiting + cost(bytes) <= self.terms.credit, "{waiting} and {note:?}");
            self.inputs.push_back((epoch, note));
        }
    }

    /// Counts what was taken, and says in which epoch.
    fn took(&mut self, link: LinkId, count: impl FnOnce(u64) -> u64) -> Id {
        let welcome = self.links.get(&link).and_then(|client| client.welcome.as_ref());
        let epoch = welcome.expect("nothing is taken before the welcome").epoch;
        let life = self.lives.get_mut(&epoch).expect("a welcome begins a life");
        let received = count(life.received);
        assert!((life.received + 1..=MAX_NUMBER).contains(&received), "{received} after {}", life.received);
        life.received = received;
        self.note(link);
        epoch
    }

    fn others_over(&self, link: LinkId) -> usize {
        self.links().filter(|other| *other != link && self.session.is_over(*other)).count()
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now = self.now + ms;
        self.time_out();
    }

    pub(super) fn wait_for_the_deadline(&mut self) {
        if let Some(deadline) = self.session.poll_timeout() {
            self.now = self.now.max(deadline);
            self.time_out();
        }
    }

    fn time_out(&mut self) {
        self.session.timeout(self.now);
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "{next:?} is not after {:?}", self.now);
    }

    /// The source takes an input, and consumes the oldest or the newest that it has taken.
    pub(super) fn take_input(&mut self, oldest: bool) {
        if let Some((ticket, input)) = self.session.take_input() {
            self.comes_to_the_source(input);
            self.tickets.push_back(ticket);
        }
        if oldest || self.tickets.len() > MOST_TICKETS {
            self.tickets.pop_front().into_iter().for_each(|it| self.session.consumed(self.now, it));
        } else if self.tickets.len() > MOST_TICKETS / 2 {
            self.tickets.pop_back().into_iter().for_each(|it| self.session.consumed(self.now, it));
        }
    }

    fn comes_to_the_source(&mut self, input: Input<Note>) {
        if let Input::Message(note) = input {
            let next = self.inputs.pop_front().map(|(_, note)| note);
            assert_eq!(Some(note), next, "input comes once, in its order");
        }
    }

    /// The link is gone, for good or not.
    pub(super) fn go(&mut self, link: LinkId, for_good: bool) {
        if for_good {
            self.session.left(self.now, link);
        } else {
            self.session.lost(self.now, link);
        }
        self.links.remove(&link);
    }

    pub(super) fn bye(&mut self, link: LinkId, reason: u64) {
        let farewell = Farewell::new(1001, "é".repeat(reason as usize));
        self.session.say_bye(link, farewell, Some(reason));
    }

    /// Nobody says anything from here on: the source may go on once patience is over.
    pub(super) fn is_held_no_longer_than_it_may(&mut self) {
        let end = self.now + self.terms.patience_ms;
        while self.now < end && self.session.holds() {
            let deadline = self.session.poll_timeout().expect("a source that is held has an end to wait for");
            self.now = self.now.max(deadline.min(end));
            self.time_out();
        }
        assert!(self.now < end || !self.session.holds(), "the source is held without an end");
    }

    pub(super) fn is_within_bounds(&self) {
        let Terms { credit, max_message, .. } = self.terms;
        let log = self.log_bound();
        let each = credit.max(cost(max_message)).max(ENTRY_COST);
        let input = credit + each * MAX_ATTACHMENTS as u64;
        // A size may come with every message, and with every input that was taken.
        let bound = log + 2 * input + ENTRY_COST * (MOST_TICKETS as u64 + 2);
        assert!(self.session.cost() <= bound, "{} is more than {bound}", self.session.cost());
        let attached = self.links().filter(|link| !self.session.is_over(*link)).count();
        assert!(attached <= MAX_ATTACHMENTS, "{attached} are attached");
        assert!(attached == 0 || self.session.detached_since().is_none());
        assert!(attached == 0 || !self.session.is_spent());
    }

    /// Everybody takes what there is and says so: then everybody has everything, or was told why not.
    pub(super) fn everybody_is_honest_at_last(&mut self) {
        for link in self.links().collect::<Vec<_>>() {
            for round in 0.. {
                assert!(round < ENDLESS, "there is no end to what {link:?} is told");
                match self.next(link) {
                    Next::Frame(_) | Next::Message(_) => continue,
                    Next::Over(_) => break,
                    Next::Idle => {}
                }
                assert_eq!(self.session.next(self.now, link), Next::Idle, "nothing was changed");
                if self.links[&link].count == self.output.len() as u64 {
                    break;
                }
                self.say(link, ClientFrame::Ack(self.honest_counts(link)));
                let next = self.next(link);
                assert!(!matches!(next, Next::Idle), "{link:?} is left behind");
                assert!(!matches!(next, Next::Over(_)), "an honest client is told {next:?}");
            }
        }
        while let Some((ticket, input)) = self.session.take_input() {
            self.comes_to_the_source(input);
            self.tickets.push_back(ticket);
        }
        assert!(self.inputs.is_empty(), "{:?} never came to the source", self.inputs);
        for ticket in std::mem::take(&mut self.tickets) {
            self.session.consumed(self.now, ticket);
        }
        let log = self.log_bound();
        assert!(self.session.cost() <= log, "{} is more than {log}: no input waits", self.session.cost());
    }

    /// What the log may cost.
    fn log_bound(&self) -> u64 {
        self.terms.ring.max(self.largest)
    }
}
