//! Chapter "Handshake": the six rules by which a hello is taken, and what a resume is checked for.

use serde_json::{Value, json};

use crate::case::{At, Case, case, numbered};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(rule_1_a_foreign_secret_is_refused_before_anything_else_is_looked_at),
    case!(rule_2_a_late_hello_is_superseded_and_disturbs_nobody),
    case!(rule_3_a_later_hello_fences_the_older_link),
    case!(rule_3_what_an_older_link_has_sent_is_taken_once_or_sent_again),
    case!(rule_3_a_link_that_reads_nothing_is_fenced_too),
    case!(rule_4_a_lost_first_welcome_is_made_good_by_a_null_epoch),
    case!(rule_4_output_after_a_lost_first_welcome_is_not_lost, with Attachments),
    case!(rule_4_a_null_epoch_begins_where_the_lost_welcome_did, with Attachments),
    case!(rule_5_a_lost_welcome_of_another_epoch_is_said_again),
    case!(rule_6_another_epoch_after_something_was_said_begins_anew),
    case!(rule_6_what_was_said_is_input_that_was_sent, with Attachments),
    case!(rule_6_what_was_said_is_output_that_was_acknowledged, with Attachments),
    case!(rule_6_whom_nobody_knows_begins_anew),
    case!(a_resume_that_cannot_be_is_refused_and_the_attachment_stays),
    case!(what_was_received_is_never_sent_again_whether_it_was_consumed_or_not),
];

/// An epoch that no server has given.
fn strange() -> Option<String> {
    Some("0123456789abcdef".repeat(2))
}

async fn rule_1_a_foreign_secret_is_refused_before_anything_else_is_looked_at(at: At) {
    let mut own = at.attached("/told").await;
    own.send("one").await;
    own.expect(&["one"]).await;
    for (epoch, received, attempt) in
        [(None, 0, 100), (own.epoch.clone(), 999, 100), (strange(), 0, 100), (own.epoch.clone(), 1, 1)]
    {
        let mut foreign = own.double();
        foreign.secret = at.tab("").secret;
        let mut hello = foreign.hello();
        hello["attempt"] = attempt.into();
        hello["epoch"] = json!(epoch);
        hello["received"] = received.into();
        if epoch.is_none() {
            (hello["sent"], hello["acked"]) = (0.into(), 0.into());
        }
        foreign.open().await;
        foreign.say(&hello).await;
        foreign.closed_with(4403).await;
    }
    own.round_trip().await;
    own.cut();
    let epoch = own.epoch.clone();
    own.attach().await;
    assert_eq!(own.epoch, epoch, "the foreign attempts do not count");
}

async fn rule_2_a_late_hello_is_superseded_and_disturbs_nobody(at: At) {
    let mut tab = at.tab("/told");
    tab.attempt = 6;
    tab.attach().await;
    for attempt in [1, 6, 7] {
        let mut late = tab.double();
        let mut hello = late.hello();
        hello["attempt"] = attempt.into();
        late.open().await;
        late.say(&hello).await;
        late.closed_with(4409).await;
    }
    tab.round_trip().await;
    tab.cut();
    let mut late = tab.double();
    late.attempt = 6;
    late.open().await;
    let hello = late.hello();
    late.say(&hello).await;
    late.closed_with(4409).await;
    let epoch = tab.epoch.clone();
    tab.attach().await;
    assert_eq!(tab.epoch, epoch);
}

async fn rule_3_a_later_hello_fences_the_older_link(at: At) {
    let mut old = at.attached("/told").await;
    let mut new = old.double();
    // Attempts may leave some out: each hello that got no welcome had one.
    new.attempt += 5;
    new.attach().await;
    old.send("ghost").await;
    new.send("real").await;
    new.expect(&["real"]).await;
    old.closed_with(4409).await;
    new.send("still").await;
    new.expect(&["still"]).await;
    // Two, and nothing of the older link: more than was sent to it could not be received.
    new.hear_counts(2, 2).await;
}

async fn rule_3_what_an_older_link_has_sent_is_taken_once_or_sent_again(at: At) {
    for round in 0..10 {
        let mut old = at.attached("/told").await;
        let texts: Vec<String> = (1..=200).map(|number| format!("{round}: {number}")).collect();
        let mut new = old.double();
        new.open().await;
        for text in &texts {
            old.send(text).await;
        }
        // The new link knows what the old one has handed over, and nothing of what became of it.
        new.recall(&old);
        let hello = new.hello();
        new.attach_by(&hello).await;
        for text in &texts {
            new.expect(&[text]).await;
        }
        new.round_trip().await;
        assert_eq!(new.received, 200);
        new.hear_counts(200, 200).await;
    }
}

async fn rule_3_a_link_that_reads_nothing_is_fenced_too(at: At) {
    const LENGTH: usize = 12 << 20;
    let mut old = at.tab("/told");
    old.open_with(Some(4096)).await;
    let hello = old.hello();
    old.attach_by(&hello).await;
    let mut new = old.double();
    let gate = at.gate();
    old.send(format!("!say 1 {LENGTH}")).await;
    old.send(format!("!go {gate}")).await;
    // It was said: the server has begun to write what nobody reads.
    at.pass_gate(&gate).await;
    new.recall(&old);
    new.attach().await;
    assert_eq!(new.hear_text().await.len(), LENGTH);
    new.send("after").await;
    new.expect(&["after"]).await;
}

async fn rule_4_a_lost_first_welcome_is_made_good_by_a_null_epoch(at: At) {
    let mut tab = at.attached("/told").await;
    let (epoch, next) = (tab.epoch.take(), tab.told("next"));
    for _ in 0..3 {
        tab.cut();
        (tab.received, tab.consumed) = (0, 0);
        tab.attach().await;
        assert_eq!((&tab.epoch, tab.told("next"), tab.told("received")), (&epoch, next, 0));
        tab.epoch = None;
    }
    tab.send("one").await;
    tab.expect(&["one"]).await;
}

async fn rule_4_output_after_a_lost_first_welcome_is_not_lost(at: At) {
    let mut first = at.attached("/told").await;
    first.send("!say 3 10").await;
    while first.received < 3 {
        first.hear_text().await;
    }
    let mut tab = first.sibling();
    tab.attach().await;
    let (epoch, next) = (tab.epoch.take(), tab.told("next"));
    tab.cut();
    first.send("four").await;
    first.expect(&["four"]).await;
    (tab.received, tab.consumed) = (0, 0);
    tab.attach().await;
    assert_eq!((&tab.epoch, tab.told("next"), tab.told("live")), (&epoch, next, 4));
    while tab.received < 3 {
        tab.hear_text().await;
    }
    tab.expect(&["four"]).await;
}

async fn rule_5_a_lost_welcome_of_another_epoch_is_said_again(at: At) {
    let mut tab = at.tab("/told");
    tab.epoch = strange();
    (tab.received, tab.sent) = (40, 7);
    let mut welcomes = Vec::new();
    for _ in 0..3 {
        let mut lost = tab.double();
        lost.attach().await;
        welcomes.push((lost.epoch.clone(), lost.told("received"), lost.told("next")));
        lost.cut();
        tab.attempt = lost.attempt;
    }
    assert_ne!(welcomes[0].0, tab.epoch, "nobody has given that epoch");
    assert_eq!(welcomes[0].1, 0);
    assert_eq!(welcomes, vec![welcomes[0].clone(); 3]);
}

async fn rule_6_another_epoch_after_something_was_said_begins_anew(at: At) {
    let mut old = at.attached("/told").await;
    old.send("one").await;
    old.expect(&["one"]).await;
    old.hear_counts(1, 1).await;
    let mut new = old.double();
    new.epoch = strange();
    new.attach().await;
    assert_ne!(new.epoch, old.epoch, "a fresh epoch");
    assert_eq!((new.told("received"), new.told("live")), (0, 1));
    assert!((1..=2).contains(&new.told("next")), "{}", new.welcome);
    old.closed_with(4409).await;
    while new.received < 1 {
        new.expect(&["one"]).await;
    }
    new.send("two").await;
    new.expect(&["two"]).await;
}

/// A tab that is attached to a session in which another has had something said, of which it has heard nothing.
async fn newcomer(at: &At) -> Tab {
    let mut first = at.attached("/narrow").await;
    first.send("!say 50 100").await;
    while first.received < 50 {
        first.hear_text().await;
    }
    let mut tab = first.sibling();
    tab.consumes = false;
    tab.attach().await;
    // The first stays as it is, by what it has left to be remembered.
    first.cut();
    tab
}

async fn rule_4_a_null_epoch_begins_where_the_lost_welcome_did(at: At) {
    let mut tab = newcomer(&at).await;
    let (epoch, next) = (tab.epoch.take(), tab.told("next"));
    assert!(next > 1, "or this shows nothing");
    tab.cut();
    // As the hello will say it, and as the server is to read it.
    let mut hello = tab.hello();
    for count in ["received", "sent", "acked"] {
        hello[count] = 0.into();
    }
    tab.open().await;
    tab.say(&hello).await;
    tab.hear_welcome().await;
    assert_eq!((&tab.epoch, tab.told("next")), (&epoch, next));
    tab.expect(&[&numbered(next, 100)]).await;
}

async fn rule_6_what_was_said_is_input_that_was_sent(at: At) {
    let mut tab = newcomer(&at).await;
    let epoch = tab.epoch.clone();
    tab.send("!quiet").await;
    tab.hear_counts(1, 1).await;
    tab.cut();
    tab.epoch = strange();
    tab.attach().await;
    assert_ne!(tab.epoch, epoch, "a fresh epoch");
}

async fn rule_6_what_was_said_is_output_that_was_acknowledged(at: At) {
    let mut tab = newcomer(&at).await;
    let epoch = tab.epoch.clone();
    tab.hear_text().await;
    tab.round_trip().await;
    tab.cut();
    tab.epoch = strange();
    tab.attach().await;
    assert_ne!(tab.epoch, epoch, "a fresh epoch");
}

async fn rule_6_whom_nobody_knows_begins_anew(at: At) {
    let mut tab = at.tab("/told");
    tab.epoch = strange();
    (tab.received, tab.sent, tab.attempt) = (90, 12, 41);
    tab.attach().await;
    assert_eq!((tab.told("received"), tab.told("next"), tab.told("live")), (0, 1, 0));
    assert_ne!(tab.epoch, strange());
}

/// Makes a hello that cannot be.
type Spoil = fn(&mut Value);

async fn a_resume_that_cannot_be_is_refused_and_the_attachment_stays(at: At) {
    let wrong: [(&str, Spoil); 5] = [
        ("`acked` is more than the server has", |hello| {
            (hello["sent"], hello["acked"]) = (9.into(), 9.into());
        }),
        ("`sent` is less than the server has", |hello| {
            (hello["sent"], hello["acked"]) = (0.into(), 0.into());
        }),
        ("`received` is less than was said", |hello| hello["received"] = 0.into()),
        ("`received` is more than was ever sent", |hello| hello["received"] = 4.into()),
        ("a null epoch, but output was acknowledged", |hello| {
            hello["epoch"] = Value::Null;
            for count in ["received", "sent", "acked"] {
                hello[count] = 0.into();
            }
        }),
    ];
    for (what, spoil) in wrong {
        let mut tab = at.attached("/told").await;
        tab.send("!say 2 10").await;
        tab.send("three").await;
        while tab.received < 3 {
            tab.hear_text().await;
        }
        // What was acknowledged is heard by the time of the pong.
        tab.round_trip().await;
        let mut again = tab.double();
        let mut hello = again.hello();
        spoil(&mut hello);
        again.open().await;
        again.say(&hello).await;
        let reason = again.closed_with(4400).await;
        assert!(!reason.is_empty(), "{what}");
        tab.closed_with(4409).await;
        let epoch = again.epoch.clone();
        again.attach().await;
        assert_eq!(again.epoch, epoch, "{what}: it was kept");
        again.send("on").await;
        again.expect(&["on"]).await;
    }
}

async fn what_was_received_is_never_sent_again_whether_it_was_consumed_or_not(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    tab.send("!say 3 10").await;
    while tab.received < 3 {
        tab.hear_text().await;
    }
    tab.consumed = 1;
    tab.round_trip().await;
    let mut again = tab.double();
    let mut hello = again.hello();
    hello["received"] = 2.into();
    again.open().await;
    again.say(&hello).await;
    again.closed_with(4400).await;
    again.attach().await;
    assert_eq!(again.told("next"), 4);
}
