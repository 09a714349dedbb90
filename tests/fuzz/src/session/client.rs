//! One link, as a client sees it who believes what it is told: what comes, and in which order.

use envsocket::core::close::MAX_REASON_BYTES;
use envsocket::core::resume::Access;
use envsocket::core::resume::frame::{Counts, Hello, ServerFrame, Welcome};
use envsocket::core::resume::session::{Entry, Farewell, Next};

use super::note::Note;
use super::world::Life;

/// Where it stands.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) hello: Hello,
    pub(super) access: Access,
    /// The server's, from the welcome on.
    pub(super) welcome: Option<Welcome>,
    /// The number of the last output that it has, and of the last that it has consumed.
    pub(super) count: u64,
    /// The picture that is to come next stands for this number.
    picture: Option<u64>,
    /// What it was told that the server has.
    told: Counts,
    bye: Option<u16>,
    pub(super) over: Option<Farewell>,
}

impl Client {
    pub(super) fn new(hello: Hello, access: Access) -> Self {
        Self {
            hello,
            access,
            welcome: None,
            count: 0,
            picture: None,
            told: Counts::default(),
            bye: None,
            over: None,
        }
    }

    /// Looks at what came: `output` is all that the source has said, `life` what the server has of this attachment
    /// in the welcome's epoch, if there was a welcome.
    pub(super) fn hears(&mut self, next: &Next<Note>, output: &[Entry<Note>], life: Option<&Life>) {
        if let Some(farewell) = &self.over {
            assert_eq!(*next, Next::Over(farewell.clone()), "said again whenever it is asked");
            return;
        }
        if let Some(code) = self.bye {
            assert!(matches!(next, Next::Over(farewell) if farewell.code == code), "{next:?} after bye");
        }
        match next {
            Next::Over(farewell) => {
                assert!(farewell.reason.len() <= MAX_REASON_BYTES, "{farewell:?}");
                self.over = Some(farewell.clone());
            }
            Next::Idle => {
                assert!(self.welcome.is_some(), "a link has nothing to say before its welcome");
                assert_eq!(self.picture, None, "a gap's picture comes at once");
            }
            Next::Frame(ServerFrame::Welcome(welcome)) => self.is_welcomed(welcome, output),
            Next::Frame(frame) => self.hears_frame(frame, output, life),
            Next::Message(note) => match self.picture.take() {
                Some(to) => {
                    assert_eq!(*note, Note::picture(to), "the picture is of what the gap says");
                    self.count = to;
                }
                None => self.hears_entry(&Entry::Message(note.clone()), output),
            },
        }
    }

    fn is_welcomed(&mut self, welcome: &Welcome, output: &[Entry<Note>]) {
        assert!(self.welcome.is_none(), "a welcome is said once");
        assert_eq!(welcome.live, output.len() as u64);
        assert_eq!(welcome.read_only, self.access == Access::ReadOnly);
        assert!(!(welcome.read_only && welcome.controller), "a reader controls nothing");
        assert!(welcome.next <= welcome.live + 1, "{welcome:?}");
        if self.hello.epoch == Some(welcome.epoch) {
            assert_eq!(welcome.next, self.hello.received + 1, "it goes on where the client is");
            let lacks = self.hello.acked..=self.hello.sent;
            assert!(lacks.contains(&welcome.received), "{welcome:?} for {:?}", self.hello);
        }
        self.count = welcome.next - 1;
        self.told.received = welcome.received;
        self.welcome = Some(welcome.clone());
    }

    fn hears_frame(&mut self, frame: &ServerFrame, output: &[Entry<Note>], life: Option<&Life>) {
        assert!(self.welcome.is_some(), "{frame:?} before the welcome");
        if self.picture.is_some() {
            let may_come = matches!(
                frame,
                ServerFrame::Ack(_)
                    | ServerFrame::Ping(_)
                    | ServerFrame::Pong(_)
                    | ServerFrame::Role { .. }
                    | ServerFrame::Bye { .. }
            );
            assert!(may_come, "{frame:?} between a gap and its picture");
        }
        match frame {
            ServerFrame::Welcome(_) => unreachable!("seen above"),
            ServerFrame::Ack(counts) | ServerFrame::Ping(counts) | ServerFrame::Pong(counts) => {
                assert_eq!(counts.sent, self.count, "the server counts as the client does");
                assert!(counts.consumed <= counts.received, "{counts:?}");
                assert!(counts.received >= self.told.received, "{counts:?} after {:?}", self.told);
                assert!(counts.consumed >= self.told.consumed, "{counts:?} after {:?}", self.told);
                let has = life.map_or(0, |life| life.received);
                assert_eq!(counts.received, has, "what was taken is counted, and nothing else");
                self.told = *counts;
            }
            ServerFrame::Gap { from, to, snapshot, size, .. } => {
                assert_eq!(*from, self.count + 1, "a gap begins where the client is");
                assert!(from <= to && *to <= output.len() as u64, "{frame:?} of {}", output.len());
                let sizes = output[..*to as usize].iter().rev().filter_map(|entry| match entry {
                    Entry::Size(size) => Some(*size),
                    Entry::Message(_) | Entry::End { .. } => None,
                });
                assert_eq!(*size, sizes.fold(None, |last, size| last.or(Some(size))));
                if *snapshot {
                    self.picture = Some(*to);
                } else {
                    self.count = *to;
                }
            }
            ServerFrame::Size(size) => self.hears_entry(&Entry::Size(*size), output),
            ServerFrame::End { code } => {
                let reason = match output.last() {
                    Some(Entry::End { reason, .. }) => reason.clone(),
                    other => panic!("an end after {other:?}"),
                };
                self.hears_entry(&Entry::End { code: *code, reason }, output);
            }
            ServerFrame::Role { controller } => {
                assert!(!controller || self.access == Access::ReadWrite, "a reader controls nothing");
            }
            ServerFrame::Bye { code, .. } => self.bye = Some(*code),
        }
    }

    fn hears_entry(&mut self, entry: &Entry<Note>, output: &[Entry<Note>]) {
        assert!(self.welcome.is_some(), "{entry:?} before the welcome");
        assert_eq!(Some(entry), output.get(self.count as usize), "after {}", self.count);
        self.count += 1;
    }
}
