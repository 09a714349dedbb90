//! Chapters "Terms" and "Input": several attachments to a session, and which of them is the controller.

use crate::case::{At, Case, case};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(output_goes_to_all_and_input_is_numbered_for_each, with Attachments),
    case!(a_cut_disturbs_no_other_attachment, with Attachments),
    case!(a_violation_disturbs_no_other_attachment, with Attachments),
    case!(a_second_attachment_is_told_that_there_is_no_room, without Attachments),
    case!(who_was_used_last_is_the_controller, with Attachments Controller),
    case!(a_cut_changes_no_controller, with Attachments Controller),
    case!(who_follows_a_controller_that_left_was_used_last, with Attachments Controller),
];

async fn output_goes_to_all_and_input_is_numbered_for_each(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.attach().await;
    for round in 1..=5 {
        for (text, own) in [(format!("one {round}"), true), (format!("other {round}"), false)] {
            if own {
                one.send(&text).await
            } else {
                other.send(&text).await
            }
            one.expect(&[&text]).await;
            other.expect(&[&text]).await;
        }
    }
    one.send("!quiet").await;
    one.hear_counts(6, 6).await;
    other.hear_counts(5, 5).await;
    assert_eq!((one.received, other.received), (10, 10));
}

async fn a_cut_disturbs_no_other_attachment(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.attach().await;
    one.cut();
    other.send("alone").await;
    other.expect(&["alone"]).await;
    one.attach().await;
    one.expect(&["alone"]).await;
    one.send("together").await;
    one.expect(&["together"]).await;
    other.expect(&["together"]).await;
}

async fn a_violation_disturbs_no_other_attachment(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.attach().await;
    one.put("\0{".into()).await;
    one.closed_with(4400).await;
    other.send("unharmed").await;
    other.expect(&["unharmed"]).await;
}

async fn a_second_attachment_is_told_that_there_is_no_room(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.open().await;
    let hello = other.hello();
    other.say(&hello).await;
    other.closed_with(4429).await;
    one.round_trip().await;
}

async fn is_told(tab: &mut Tab, controller: bool) {
    assert_eq!(tab.hear_frame("role").await["controller"], controller);
}

async fn who_was_used_last_is_the_controller(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.attach().await;
    assert_eq!((&one.welcome["controller"], &other.welcome["controller"]), (&true.into(), &false.into()));
    other.send("!quiet").await;
    is_told(&mut one, false).await;
    is_told(&mut other, true).await;
    one.resize(90, 20).await;
    one.round_trip().await;
    let mut third = one.sibling();
    third.attach().await;
    assert_eq!(third.welcome["controller"], false);
    one.send("!quiet").await;
    is_told(&mut one, true).await;
    is_told(&mut other, false).await;
}

async fn a_cut_changes_no_controller(at: At) {
    let mut one = at.attached("/told").await;
    let mut other = one.sibling();
    other.attach().await;
    one.cut();
    other.round_trip().await;
    one.attach().await;
    assert_eq!(one.welcome["controller"], true, "it is still the controller when it comes back");
    one.cut();
    other.send("!quiet").await;
    is_told(&mut other, true).await;
    one.attach().await;
    assert_eq!(one.welcome["controller"], false, "another was used meanwhile");
}

async fn who_follows_a_controller_that_left_was_used_last(at: At) {
    let mut one = at.attached("/told").await;
    let (mut second, mut third) = (one.sibling(), one.sibling());
    second.attach().await;
    third.attach().await;
    for tab in [&mut third, &mut second, &mut one] {
        tab.send("!quiet").await;
        tab.hear_counts(1, 1).await;
    }
    for tab in [&mut third, &mut second] {
        tab.round_trip().await;
        assert!(!tab.is_controller);
    }
    one.close(Some(1000)).await;
    is_told(&mut second, true).await;
    third.round_trip().await;
    assert!(!third.is_controller);
    second.close(Some(3001)).await;
    is_told(&mut third, true).await;
}
