//! Chapters "Input" and "Frames": sizes, for sources that are terminals.

use crate::case::{At, Case, case};

pub(super) const CASES: &[Case] = &[
    case!(a_size_comes_at_its_place_in_the_output, with Sizes),
    case!(a_size_is_sent_again_after_a_cut, with Sizes),
    case!(the_controllers_size_is_applied_in_the_order_of_its_input, with Sizes),
    case!(another_size_counts_once_its_attachment_is_the_controller, with Sizes Attachments Controller),
];

async fn a_size_comes_at_its_place_in_the_output(at: At) {
    let mut tab = at.attached("/told").await;
    tab.send("before").await;
    tab.send("!size 120 40").await;
    tab.send("after").await;
    tab.expect(&["before"]).await;
    let size = tab.hear_frame("size").await;
    assert_eq!((&size["cols"], &size["rows"]), (&120.into(), &40.into()));
    tab.expect(&["after"]).await;
    assert_eq!(tab.received, 3, "a size is numbered");
}

async fn a_size_is_sent_again_after_a_cut(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    tab.send("!size 120 40").await;
    let mut again = tab.double();
    tab.hear_frame("size").await;
    tab.cut();
    again.sent = 1;
    again.lose("on");
    again.attach().await;
    assert_eq!(again.hear_frame("size").await["cols"], 120);
    again.expect(&["on"]).await;
}

async fn the_controllers_size_is_applied_in_the_order_of_its_input(at: At) {
    let mut tab = at.tab("/told");
    tab.size = Some((100, 30));
    tab.attach().await;
    tab.send("one").await;
    tab.resize(120, 40).await;
    tab.send("two").await;
    tab.expect(&["resized 100 30", "one", "resized 120 40", "two"]).await;
    tab.cut();
    tab.size = Some((70, 20));
    tab.attach().await;
    tab.expect(&["resized 70 20"]).await;
}

async fn another_size_counts_once_its_attachment_is_the_controller(at: At) {
    let mut one = at.tab("/told");
    one.size = Some((80, 24));
    one.attach().await;
    one.expect(&["resized 80 24"]).await;
    let mut other = one.sibling();
    other.size = Some((120, 40));
    other.attach().await;
    other.expect(&["resized 80 24"]).await;
    other.resize(121, 41).await;
    one.send("not yet").await;
    one.expect(&["not yet"]).await;
    other.expect(&["not yet"]).await;
    other.send("now").await;
    one.expect(&["resized 121 41", "now"]).await;
}
