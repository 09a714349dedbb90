//! A server that closes for a while, and says for how long.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, welcome};
use super::{CloseInfo, Input};
use crate::core::event::Page;
use crate::core::resume::frame::ServerFrame;

fn bye(ms: u64) -> ServerFrame {
    ServerFrame::Bye { code: 1012, retry_after_ms: Some(ms) }
}

#[test]
fn the_client_stays_away_for_so_long_and_resumes() {
    let mut tab = Tab::welcomed();
    tab.says(bye(60_000));
    tab.loses(1012);
    assert!((60_000..=90_000).contains(&tab.bench.delay("a")));
    tab.bench.tell(Input::Page(Page::Online));
    assert!(tab.bench.delay("a") >= 60_000, "a page that wakes up does not hurry");
    tab.next_socket();
    assert_eq!(tab.greet().epoch, Some(FIRST));
}

#[test]
fn it_goes_before_what_the_close_says_and_holds_when_the_close_is_lost() {
    let mut tab = Tab::welcomed();
    tab.says(bye(5_000));
    let info = CloseInfo { code: 1012, reason: "retry-after: 600".into(), clean: true };
    tab.bench.tell(Input::Closed(tab.socket, info));
    assert!((5_000..=7_500).contains(&tab.bench.delay("a")));
    let mut tab = Tab::welcomed();
    tab.says(bye(5_000));
    tab.loses(1006);
    assert!((5_000..=7_500).contains(&tab.bench.delay("a")));
}

#[test]
fn nobody_waits_longer_than_an_hour() {
    let mut tab = Tab::welcomed();
    tab.says(bye(1 << 53));
    tab.loses(1012);
    assert!(tab.bench.delay("a") <= 5_400_000);
}

#[test]
fn it_holds_for_one_close_only_whether_the_next_socket_opens_or_not() {
    let mut tab = Tab::welcomed();
    tab.says(bye(60_000));
    tab.loses(1012);
    tab.next_socket();
    tab.loses(1006);
    assert!(tab.bench.delay("a") <= 500);
    tab.next_socket();
    tab.greet();
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    tab.loses(1006);
    assert!(tab.bench.delay("a") <= 1_000);
}

#[test]
fn without_a_time_it_is_an_ordinary_close() {
    let mut tab = Tab::welcomed();
    tab.says(ServerFrame::Bye { code: 1012, retry_after_ms: None });
    tab.loses(1012);
    assert!(tab.bench.delay("a") <= 250);
}
