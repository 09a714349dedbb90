//! Shells over links that are cut: nothing is lost, nothing comes twice.

use serde_json::json;

use crate::support::{Ending, Said, Tab, TestServer};

#[tokio::test]
async fn a_first_hello_is_welcomed_with_all_that_a_client_needs() {
    let server = TestServer::start().await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    let welcome = tab.attach().await;
    for (field, value) in [
        ("type", json!("welcome")),
        ("received", json!(0)),
        ("heartbeatMs", json!(15_000)),
        ("window", json!(256 << 10)),
        ("credit", json!(1 << 20)),
        ("maxMessage", json!(1 << 20)),
        ("controller", json!(true)),
    ] {
        assert_eq!(welcome[field], value, "{field}");
    }
    let epoch = welcome["epoch"].as_str().expect("a text");
    assert!(epoch.len() == 32 && epoch.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{epoch}");
    assert!(welcome["next"].as_u64() <= welcome["live"].as_u64().map(|live| live + 1));
    assert_eq!(tab.hear().await, Said::Control(json!({ "type": "size", "cols": 80, "rows": 24 })));
    tab.send("echo hel''lo\n").await;
    tab.expect("hello\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn what_a_shell_prints_survives_every_cut() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    tab.send("seq 1 40000; echo fin''ished\n").await;
    let mut cuts = 0;
    while !tab.seen.ends_with(b"finished\r\n") {
        if cuts < 10 && tab.seen.len() > cuts * 10_000 {
            cuts += 1;
            if cuts % 2 == 0 {
                tab.cut();
            } else {
                server.request("POST", "/faults/drop").await;
            }
            tab.attach().await;
        }
        if let Said::Ended(ending) = tab.hear().await {
            assert_eq!(ending, Ending::Broken);
            tab.attach().await;
        }
    }
    assert_eq!(cuts, 10);
    let expected: String = (1..=40_000).map(|number| format!("{number}\r\n")).collect();
    assert_eq!(tab.expect("finished\r\n").await, expected);
    assert!(tab.told.iter().all(|frame| frame["type"] != "gap"), "{:?}", tab.told);
    server.stop().await;
}

#[tokio::test]
async fn what_is_typed_arrives_exactly_once_over_every_cut() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    tab.send("while read line; do echo \"<$line>\"; done\n").await;
    for number in 1..=300 {
        tab.send(&format!("{number}\n")).await;
        if number % 30 == 7 {
            // The socket is closed with input on its way and output unread.
            tab.cut();
            tab.attach().await;
        }
        if number % 50 == 9 {
            server.request("POST", "/faults/drop").await;
            tab.send("lost on a dead link, and sent again\n").await;
            tab.attach().await;
        }
    }
    tab.expect("<300>\r\n").await;
    let seen = String::from_utf8(tab.seen.clone()).expect("it is text");
    let numbers: Vec<u32> =
        seen.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.parse().ok()).collect();
    assert_eq!(numbers, (1..=300).collect::<Vec<_>>());
    assert_eq!(seen.matches("sent again").count(), 6);
    server.stop().await;
}

#[tokio::test]
async fn a_hello_whose_welcome_was_lost_finds_its_session_and_its_shell() {
    let server = TestServer::start().await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    for _ in 0..5 {
        tab.open().await;
        let hello = tab.hello();
        tab.control(&hello).await;
        tab.cut();
    }
    tab.attach().await;
    tab.send("stty -echo; echo pid''=$$.\n").await;
    tab.expect("pid=").await;
    let pid = tab.expect(".").await;
    tab.open().await;
    let mut hello = tab.hello();
    for (field, value) in
        [("epoch", json!(null)), ("received", json!(0)), ("sent", json!(0)), ("acked", json!(0))]
    {
        hello[field] = value;
    }
    tab.control(&hello).await;
    // It has acknowledged output, so it has had a welcome.
    match tab.ending().await {
        Ending::Closed(4400, told) => assert!(told.starts_with("hello: `received` is less than"), "{told}"),
        other => panic!("{other:?}"),
    }
    tab.attach().await;
    tab.send("echo pid''=$$.\n").await;
    tab.expect("pid=").await;
    assert_eq!(tab.expect(".").await, pid);
    server.stop().await;
}

#[tokio::test]
async fn a_newer_socket_fences_the_older_one_and_an_older_hello_changes_nothing() {
    let server = TestServer::start().await;
    let mut older = server.tab().await;
    let mut newer = older.double();
    newer.attach().await;
    older.send("echo fen''ced\n").await;
    let superseded = Ending::Closed(4409, "superseded".to_owned());
    assert_eq!(older.ending().await, superseded);
    // Its attempts are 2, 3, 4, 5 and 6: none of them is higher than 6.
    for _ in 0..5 {
        older.open().await;
        let hello = older.hello();
        older.control(&hello).await;
        assert_eq!(older.ending().await, superseded);
    }
    newer.send("echo on''ly\n").await;
    assert_eq!(newer.expect("only\r\n").await, "", "nothing of the older socket was typed");
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_secret_is_refused_and_disturbs_nobody() {
    let server = TestServer::start().await;
    let mut own = server.tab().await;
    let mut foreign = own.sibling();
    foreign.attachment = own.attachment.clone();
    foreign.attempt = 100;
    foreign.open().await;
    let hello = foreign.hello();
    foreign.control(&hello).await;
    let refused = Ending::Closed(4403, "the attachment has another secret".to_owned());
    assert_eq!(foreign.ending().await, refused);
    own.send("echo sti''ll\n").await;
    own.expect("still\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_back_after_the_shells_end_gets_the_rest_and_a_new_session_a_new_shell() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    let mut other = tab.sibling();
    other.attach().await;
    tab.send("old=1\n").await;
    other.cut();
    tab.send("echo last wor''ds; exit 3\n").await;
    let told = Ending::Closed(1000, "shell exited with code 3".to_owned());
    assert_eq!(tab.ending().await, told);
    assert_eq!(tab.told.last(), Some(&json!({ "type": "end", "code": 3 })));
    let mut next = server.tab().await;
    next.send("echo \"old:$old.\"\n").await;
    next.expect("old:.\r\n").await;
    other.attach().await;
    assert_eq!(other.ending().await, told);
    assert!(other.seen.ends_with(b"last words\r\n"));
    server.stop().await;
}

#[tokio::test]
async fn who_gives_its_link_up_just_as_the_shell_ends_comes_back_to_the_end_and_to_no_other_shell() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    let mut other = tab.sibling();
    other.attach().await;
    tab.send("exit 3\n").await;
    let told = Ending::Closed(1000, "shell exited with code 3".to_owned());
    assert_eq!(other.ending().await, told);
    // It has read nothing of that: its own close crosses the server's.
    tab.close(4408).await;
    tab.attach().await;
    assert_eq!(tab.ending().await, told);
    server.stop().await;
}

#[tokio::test]
async fn a_session_on_a_shell_that_runs_already_begins_with_its_past_as_the_past() {
    let server = TestServer::start().await;
    let mut first = server.tab().await;
    first.send("seq 1 20000; echo fin''ished\n").await;
    first.expect("finished\r\n").await;
    let mut late = Tab::new(server.addr, "/ws/p/e");
    let live = late.attach().await["live"].as_u64().expect("a number");
    while late.received < live {
        late.hear().await;
    }
    let shown = String::from_utf8_lossy(&late.seen);
    assert!(shown.contains("19999\r\n20000\r\nfinished"), "{shown}");
    assert!(shown.contains("19001\r\n") && !shown.contains("18970\r\n"), "so many lines are kept: {shown}");
    server.stop().await;
}

#[tokio::test]
async fn a_past_that_is_larger_than_what_is_kept_of_the_output_is_shown_whole() {
    let server = TestServer::start().await;
    let mut first = server.tab().await;
    let coloured = r#"i=0; while [ $i -lt 1000 ]; do i=$((i+1)); printf '\033[3%dmline %d\033[0m %070d\r\n' $((i%8)) $i 0; done; echo fin''ished"#;
    first.send(&format!("{coloured}\n")).await;
    first.expect("finished\r\n").await;
    let mut late = Tab::new(server.addr, "/ws/p/e");
    let live = late.attach().await["live"].as_u64().expect("a number");
    while late.received < live {
        late.hear().await;
    }
    assert!(late.seen.len() > 68 << 10, "or this shows nothing: {}", late.seen.len());
    assert!(String::from_utf8_lossy(&late.seen).contains("line 30"), "of the oldest lines");
    server.stop().await;
}

#[tokio::test]
async fn of_two_sessions_over_a_shell_the_one_that_is_used_has_the_controller_and_its_size() {
    let server = TestServer::start().await;
    let mut first = server.tab().await;
    first.send("echo ty''ped\n").await;
    first.expect("typed\r\n").await;
    let mut second = Tab::new(server.addr, "/ws/p/e").sized(120, 40);
    second.attach().await;
    assert_eq!(first.expect_frame("role").await["controller"], false);
    assert_eq!(first.expect_frame("size").await["cols"], 120);
    let mut third = Tab::new(server.addr, "/ws/p/e");
    assert_eq!(third.attach().await["controller"], false, "it has said nothing");
    first.resize(90, 30).await;
    assert_eq!(first.expect_frame("role").await["controller"], true);
    while third.expect_frame("size").await["cols"] != 90 {}
    first.close(1000).await;
    while third.expect_frame("size").await["cols"] != 120 {}
    // A session that was lost takes nothing away when it comes back by itself.
    let mut lost = Tab::new(server.addr, "/ws/p/e").sized(60, 20);
    lost.epoch = Some("0".repeat(32));
    assert_eq!(lost.attach().await["controller"], false);
    assert_eq!(lost.expect_frame("size").await["cols"], 120);
    lost.send(": used\n").await;
    while third.expect_frame("size").await["cols"] != 60 {}
    server.stop().await;
}

#[tokio::test]
async fn a_size_that_was_set_while_the_link_was_away_counts_and_coming_back_does_not() {
    let server = TestServer::start().await;
    let mut first = Tab::new(server.addr, "/ws/p/e").sized(80, 24);
    first.attach().await;
    first.send("echo ty''ped\n").await;
    first.expect("typed\r\n").await;
    let mut second = Tab::new(server.addr, "/ws/p/e").sized(120, 40);
    second.attach().await;
    while first.expect_frame("size").await["cols"] != 120 {}
    first.cut();
    assert_eq!(first.attach().await["controller"], false, "it brings nothing new");
    first.cut();
    let mut first = first.sized(70, 20);
    first.attach().await;
    while second.expect_frame("size").await["cols"] != 70 {}
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_environments_session_is_none_of_its_namesakes() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    tab.cut();
    assert_eq!(server.request("DELETE", "/api/projects/p/environments/e").await.status, 204);
    assert_eq!(server.post_json("/api/projects/p/environments", r#"{"id":"e"}"#).await.status, 201);
    let epoch = tab.epoch.clone();
    tab.attach().await;
    assert_ne!(tab.epoch, epoch);
    tab.send("echo a''new\n").await;
    tab.expect("anew\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_black_hole_loses_nothing() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    server.request("POST", "/faults/blackhole?ms=600000").await;
    tab.send("echo ty''ped\n").await;
    assert_eq!(server.request("GET", "/healthz").await.status, 200);
    server.request("POST", "/faults/blackhole?ms=0").await;
    assert_eq!(tab.expect("typed\r\n").await, "");
    server.stop().await;
}
