//! Ways to break the resume protocol, each of which the simulation must notice.
//!
//! Whoever changes a place that is named here brings it up to date; a test of `mutate` says so.

/// One change of one place.
#[derive(Debug)]
pub(crate) struct Mutation {
    /// What is broken by it.
    pub(crate) what: &'static str,
    /// Where, from the repository's root.
    pub(crate) file: &'static str,
    /// What is there once, and only once.
    pub(crate) old: &'static str,
    /// What takes its place.
    pub(crate) new: &'static str,
}

const SERVER: &str = "src/core/resume/session/mod.rs";
const COMINGS: &str = "src/core/resume/session/comings.rs";
const SAYING: &str = "src/core/resume/session/saying.rs";
const KNOWN: &str = "src/core/resume/session/attachment.rs";
const LINK: &str = "src/core/resume/session/link.rs";
const CLIENT: &str = "src/core/connection/resuming.rs";
const FLOW: &str = "src/core/connection/flow.rs";
const CONNECTION: &str = "src/core/connection/mod.rs";
const CREDENTIALS: &str = "src/core/connection/credentials.rs";
const RENEWING: &str = "src/core/connection/renewing.rs";
const LOSS: &str = "src/core/connection/loss.rs";
const LIVENESS: &str = "src/core/connection/liveness.rs";
const NEGOTIATION: &str = "src/core/connection/negotiation.rs";
const ATTACHMENT: &str = "src/core/resume/attachment/mod.rs";
const OUTGOING: &str = "src/core/resume/attachment/outgoing.rs";
const INCOMING: &str = "src/core/resume/attachment/incoming.rs";

pub(crate) const MUTATIONS: [Mutation; 50] = [
    // The server's end: who is attached.
    Mutation {
        what: "the older link is not fenced",
        file: COMINGS,
        old: "self.end(older, superseded(), None);",
        new: "let _ = older;",
    },
    Mutation {
        what: "a late hello takes the attachment over",
        file: COMINGS,
        old: "if hello.attempt <= known.attempt {",
        new: "if hello.attempt == 0 {",
    },
    Mutation {
        what: "a lost welcome begins a second life of the attachment",
        file: COMINGS,
        old: "resumes = hello.epoch.is_none_or(|epoch| epoch == known.epoch);",
        new: "resumes = hello.epoch == Some(known.epoch);",
    },
    Mutation {
        what: "a forgotten attachment comes back in the epoch of before",
        file: COMINGS,
        old: "Attachment::new(self.lives, now, &hello, fresh, base, link)",
        new: "Attachment::new(self.lives, now, &hello, hello.epoch.unwrap_or(fresh), base, link)",
    },
    Mutation {
        what: "an attachment that has left is not forgotten",
        file: COMINGS,
        old: "                self.detach(id);\n                self.forget(id);",
        new: "                self.detach(id);",
    },
    // The server's end: output.
    Mutation {
        what: "what was handed over counts as received after a cut",
        file: COMINGS,
        old: "Some(Link::new(link, now, attachment.received, skip_to));",
        new: "Some(Link::new(link, now, attachment.handed, skip_to));",
    },
    Mutation {
        what: "output is sent again from one too early",
        file: COMINGS,
        old: "Some(Link::new(link, now, attachment.received, skip_to));",
        new: "Some(Link::new(link, now, attachment.received.saturating_sub(1), skip_to));",
    },
    Mutation {
        what: "output is forgotten once it was handed over, acknowledged or not",
        file: SERVER,
        old: "let had = self.attachments.values().map(|attachment| attachment.received).min();",
        new: "let had = self.attachments.values().map(|attachment| attachment.handed).min();",
    },
    Mutation {
        what: "output that was acknowledged is never forgotten",
        file: KNOWN,
        old: "self.received = self.received.max(counts.received);\n        Ok(news)",
        new: "Ok(news)",
    },
    Mutation {
        what: "evicted output is passed over in silence",
        file: SAYING,
        old: "        if from >= log.first() {\n            return None;",
        new: "        if from >= log.first() || log.first() > 1 {\n            link.sent = link.sent.max(log.first() - 1);\n            return None;",
    },
    Mutation {
        what: "a picture comes however little the client has consumed",
        file: SAYING,
        old: "if !link.flight.admits(terms.window() / 2, terms.window()) {",
        new: "if terms.window() == 0 {",
    },
    Mutation {
        what: "a session that is not in charge holds the source",
        file: SERVER,
        old: ".filter(|it| self.in_charge && it.welcomed)",
        new: ".filter(|it| it.welcomed)",
    },
    Mutation {
        what: "a gap is announced though nothing was evicted",
        file: SAYING,
        old: "if from >= log.first() {",
        new: "if from > log.last() {",
    },
    Mutation {
        what: "a picture shows more than the gap that it fills",
        file: SAYING,
        old: "let to = log.last() - u64::from(log.ended());",
        new: "let to = log.first() - 1;",
    },
    Mutation {
        what: "a link whose next output was evicted goes on",
        file: SERVER,
        old: "self.end(link, Farewell::new(TOO_SLOW, \"too slow\"), None);",
        new: "let _ = link;",
    },
    Mutation {
        what: "more output than the window is under way",
        file: LINK,
        old: "self.entries.is_empty() || self.cost.saturating_add(cost) <= window",
        new: "self.entries.is_empty() || self.cost <= window",
    },
    Mutation {
        what: "a controller without progress holds the source for ever",
        file: SERVER,
        old: "            && controller.patience.since().is_some()\n",
        new: "",
    },
    Mutation {
        what: "the ring is not bounded",
        file: SERVER,
        old: "if self.log.evict(self.ring()) {",
        new: "if self.log.evict(2 * self.ring()) {",
    },
    Mutation {
        what: "a session goes before its source has what the last one to leave has said",
        file: SERVER,
        old: "self.attachments.is_empty() && (self.log.ended() || self.queue.is_empty())",
        new: "self.attachments.is_empty()",
    },
    Mutation {
        what: "a silent client is never taken for dead",
        file: LINK,
        old: "        self.heard + dead_after_ms(terms) <= now",
        new: "        self.heard + dead_after_ms(terms) <= now && terms.heartbeat_ms == 0",
    },
    // The server's end: input.
    Mutation {
        what: "input counts as consumed when it was received",
        file: KNOWN,
        old: "        if self.queued == 0 {\n            self.consumed = self.received;",
        new: "        {\n            self.consumed = self.received;",
    },
    Mutation {
        what: "a skip does not move the count",
        file: KNOWN,
        old: "        self.input.received = to;\n        self.input.settle();",
        new: "        self.input.settle();",
    },
    Mutation {
        what: "input of a link is not counted",
        file: KNOWN,
        old: "        self.input.received = following(self.input.received)?;\n        self.input.queued += 1;",
        new: "        self.input.queued += 1;",
    },
    // The client's end: output.
    Mutation {
        what: "the client counts a picture before it has come",
        file: INCOMING,
        old: "            self.snapshot = Some(to);",
        new: "            self.snapshot = Some(to);\n            self.received = to;",
    },
    Mutation {
        what: "the client does not count a size",
        file: INCOMING,
        old: "        self.total = self.total.saturating_add(ENTRY_COST);\n        self.received += 1;",
        new: "        self.total = self.total.saturating_add(ENTRY_COST);",
    },
    Mutation {
        what: "the client acknowledges one more than it was told",
        file: ATTACHMENT,
        old: "received: self.incoming.received, consumed }",
        new: "received: self.incoming.received + 1, consumed }",
    },
    Mutation {
        what: "the client never acknowledges by itself",
        file: INCOMING,
        old: "self.untold() >= self.due_at",
        new: "self.untold() == u64::MAX",
    },
    Mutation {
        what: "`open` fires after a resume",
        file: CLIENT,
        old: "if !resumed {",
        new: "if resumed || !resumed {",
    },
    Mutation {
        what: "a lost session is not told",
        file: CLIENT,
        old: "Welcomed::Renewed(lost) => self.tell_lost(cx, lost, \"session_lost\"),",
        new: "Welcomed::Renewed(_) => {}",
    },
    Mutation {
        what: "what waits for a lost session is sent to the next one",
        file: CLIENT,
        old: "        self.queue.drain_to(&mut lost.messages);\n        self.discard(cx, lost.messages, reason, true);",
        new: "        self.discard(cx, std::mem::take(&mut lost.messages), reason, true);",
    },
    Mutation {
        what: "a hello that comes late costs the session",
        file: LOSS,
        old: "if info.code == VIOLATION && &*info.reason != NO_HELLO =>",
        new: "if info.code == VIOLATION =>",
    },
    Mutation {
        what: "a violation does not end the session",
        file: CLIENT,
        old: "        self.forsake(cx, \"protocol\");\n",
        new: "",
    },
    Mutation {
        what: "a server that has spoken the protocol is offered less",
        file: NEGOTIATION,
        old: "self.place.as_ref().is_some_and(|place| self.known.contains(&place.destination))",
        new: "self.place.as_ref().is_some_and(|place| self.known.is_empty() && place.destination.is_empty())",
    },
    Mutation {
        what: "a silent server is never taken for dead",
        file: LIVENESS,
        old: "        self.timers.set(Timer::Beat, cx.now.instant + patience_ms);\n",
        new: "        let _ = patience_ms;\n",
    },
    // The client's end: input.
    Mutation {
        what: "input is not sent again",
        file: OUTGOING,
        old: "if self.cursor >= received && !matches!(entry.content, Content::Gone) {",
        new: "if self.cursor >= self.consumed + u64::MAX / 2 {",
    },
    Mutation {
        what: "input is sent again from one too early",
        file: OUTGOING,
        old: "if self.cursor >= received && !matches!(entry.content, Content::Gone) {",
        new: "if self.cursor + 1 >= received && !matches!(entry.content, Content::Gone) {",
    },
    Mutation {
        what: "more input than the credit is under way",
        file: OUTGOING,
        old: "self.outstanding == 0 || self.outstanding.saturating_add(cost) <= credit",
        new: "self.outstanding == 0 || self.outstanding <= credit",
    },
    Mutation {
        what: "input that the server had, but the source had not, is lost without a word",
        file: OUTGOING,
        old: ".then(|| (self.consumed + 1, self.cursor))",
        new: ".then(|| (self.received + 1, self.cursor))",
    },
    Mutation {
        what: "input that is too old is sent",
        file: CLIENT,
        old: "cx.now.instant.since(oldest) > limit",
        new: "cx.now.instant.since(oldest) > limit * 2",
    },
    Mutation {
        what: "the server is not told that input is skipped",
        file: CLIENT,
        old: "            self.say(cx, ClientFrame::Skip { to });",
        new: "            let _ = to;",
    },
    Mutation {
        what: "what a plain link was handed is lost without a word",
        file: LOSS,
        old: "numbers = lost.input.map(|(from, to)| (Some(from), Some(to))).or(numbers);",
        new: "numbers = lost.input.map(|(from, to)| (Some(from), Some(to)));",
    },
    Mutation {
        what: "what is sent before a new age limit holds has no age",
        file: FLOW,
        old: "self.settings.max_input_age_ms.is_some() || self.overrides.ages_input(defaults)",
        new: "self.settings.max_input_age_ms.is_some() && self.overrides.ages_input(defaults)",
    },
    Mutation {
        what: "a link that is lost after the end finds another source",
        file: LOSS,
        old: "if has_ended && info.code != close::NORMAL {",
        new: "if has_ended && info.code == 0 {",
    },
    // Who may attach, and what they may.
    Mutation {
        what: "who may only read sends past the queue",
        file: FLOW,
        old: "self.wire() == Some(Wire::V1) && self.access == Access::ReadWrite;",
        new: "self.wire() == Some(Wire::V1);",
    },
    Mutation {
        what: "who may only read says its size",
        file: FLOW,
        old: "self.size.filter(|_| self.access == Access::ReadWrite)",
        new: "self.size",
    },
    Mutation {
        what: "who may only read sends what an earlier link was handed",
        file: CLIENT,
        old: "            self.discard_lacking(cx, \"read-only\");\n",
        new: "",
    },
    Mutation {
        what: "another life may only read, as the one before",
        file: CONNECTION,
        old: "            self.access = Access::ReadWrite;\n",
        new: "",
    },
    Mutation {
        what: "a token that was rejected is shown again",
        file: CREDENTIALS,
        old: "            self.token = None;\n            self.standing = Standing::Rejected;\n",
        new: "            self.standing = Standing::Welcome;\n",
    },
    Mutation {
        what: "a token that is renewed is not said over the open link",
        file: RENEWING,
        old: "            self.say(cx, ClientFrame::Token(token));\n",
        new: "            let _ = token;\n",
    },
    Mutation {
        what: "a second rejection is not the end",
        file: CREDENTIALS,
        old: "            Rejection::Standing if insists => Verdict::Retry,\n",
        new: "            Rejection::Standing if insists || is_rejected => Verdict::Retry,\n",
    },
];
