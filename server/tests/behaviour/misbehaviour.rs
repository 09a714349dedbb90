//! Clients that do not keep to the protocol: each is closed with 4400 and a reason that says what was wrong,
//! and nobody else notices.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Ending, Tab, TestServer, within};

async fn is_violation(tab: &mut Tab, reason: &str, case: &str) {
    match tab.ending().await {
        Ending::Closed(4400, told) => assert_eq!(told, reason, "{case}"),
        other => panic!("{other:?} instead of {reason:?} for {case}"),
    }
}

fn without(mut frame: Value, field: &str) -> Value {
    frame.as_object_mut().expect("a frame is an object").remove(field);
    frame
}

fn with(mut frame: Value, field: &str, value: impl Into<Value>) -> Value {
    frame[field] = value.into();
    frame
}

#[tokio::test]
async fn a_first_frame_must_be_a_hello_that_makes_sense() {
    let server = TestServer::start().await;
    let mut bystander = server.tab().await;
    let hello = Tab::new(server.addr, "").hello();
    let digits = "must be 32 hexadecimal digits in lower case";
    let control = |frame: Value| Message::text(format!("\0{frame}"));
    let no_object = "a control frame that is not a JSON object";
    let no_hello = "the first frame must be a hello";
    let cases = [
        (Message::text("data"), no_hello.to_owned()),
        (Message::text(""), no_hello.to_owned()),
        (Message::binary(&b"\0{}"[..]), no_hello.to_owned()),
        (Message::text("\0\0escaped"), no_hello.to_owned()),
        (control(json!({ "type": "ack", "sent": 0, "received": 0, "consumed": 0 })), no_hello.to_owned()),
        (Message::text("\0"), no_object.to_owned()),
        (Message::text("\0hello"), no_object.to_owned()),
        (Message::text("\0{\"type\":\"hello\""), no_object.to_owned()),
        (Message::text("\0[]"), no_object.to_owned()),
        (Message::text(format!("\0{{\"a\":{}", "[".repeat(4000))), no_object.to_owned()),
        (control(json!({})), "a control frame without a `type`".to_owned()),
        (control(json!({ "type": 1 })), "a control frame without a `type`".to_owned()),
        (control(json!({ "type": "help" })), "unknown control frame `help`".to_owned()),
        (control(json!({ "type": "welcome" })), "unknown control frame `welcome`".to_owned()),
        (
            control(with(hello.clone(), "more", "x".repeat(16_384))),
            "a first frame of more than 16384 bytes".to_owned(),
        ),
        (control(without(hello.clone(), "session")), format!("hello: `session` {digits}")),
        (control(with(hello.clone(), "session", "ABC")), format!("hello: `session` {digits}")),
        (control(with(hello.clone(), "secret", 7)), format!("hello: `secret` {digits}")),
        (control(with(hello.clone(), "epoch", "0")), format!("hello: `epoch` {digits}")),
        (
            control(with(hello.clone(), "attempt", 0)),
            "hello: `attempt` must be a whole number within its bounds".to_owned(),
        ),
        (
            control(with(hello.clone(), "attempt", 1.5)),
            "hello: `attempt` must be a whole number within its bounds".to_owned(),
        ),
        (
            control(with(hello.clone(), "sent", -1)),
            "hello: `sent` must be a whole number within its bounds".to_owned(),
        ),
        (
            control(with(hello.clone(), "received", 1_u64 << 53)),
            "hello: `received` must be a whole number within its bounds".to_owned(),
        ),
        (control(with(hello.clone(), "acked", 1)), "hello: `acked` is more than `sent`".to_owned()),
        (
            control(with(hello.clone(), "sent", 1)),
            "hello: `epoch` is null, but the counts are not 0".to_owned(),
        ),
        (
            control(with(hello.clone(), "cols", 80)),
            "hello: `rows` must be a whole number within its bounds".to_owned(),
        ),
    ];
    for (message, reason) in cases {
        let mut tab = Tab::new(server.addr, "/ws/p/e");
        tab.open().await;
        let case = format!("{message:.80?}");
        tab.put(message).await;
        is_violation(&mut tab, &reason, &case).await;
    }
    bystander.send("echo unhar''med\n").await;
    assert_eq!(bystander.expect("unharmed\r\n").await, "");
    server.stop().await;
}

/// A frame that is wrong after so many entries of output.
type Wrong = fn(u64) -> Value;

#[tokio::test]
async fn what_contradicts_the_counts_ends_the_link_and_nothing_else() {
    let server = TestServer::start().await;
    let mut bystander = server.tab().await;
    let counts = |kind: &str, sent: u64, received: u64, consumed: u64| json!({ "type": kind, "sent": sent, "received": received, "consumed": consumed });
    // Each follows a shell's first words, whatever their number; one input was sent.
    let cases: [(Wrong, &str); 9] = [
        (|_| Tab::new(([127, 0, 0, 1], 1).into(), "").hello(), "hello was said before"),
        (|_| json!({ "type": "skip", "to": 1 }), "skip: `to` is not beyond what was received"),
        (|_| json!({ "type": "skip", "to": 2 }), "skip: `to` is beyond what was ever sent"),
        (|_| json!({ "type": "skip", "to": 0 }), "skip: `to` must be a whole number within its bounds"),
        (
            |_| json!({ "type": "resize", "cols": 0, "rows": 1 }),
            "resize: `cols` must be a whole number within",
        ),
        (|at| json!({ "type": "ack", "sent": 0, "received": at, "consumed": at }), "miscount: "),
        (|at| json!({ "type": "ack", "sent": 2, "received": at, "consumed": at }), "miscount: "),
        (
            |at| json!({ "type": "ping", "sent": 1, "received": at + 999, "consumed": at }),
            "`received` is more than",
        ),
        (
            |at| json!({ "type": "pong", "sent": 1, "received": at - 1, "consumed": at - 1 }),
            "`received` went backwards",
        ),
    ];
    for (frame, reason) in cases {
        let mut tab = Tab::new(server.addr, "/ws/p/f");
        tab.attach().await;
        tab.send("stty -echo; echo rea''dy\n").await;
        tab.expect("ready\r\n").await;
        let frame = frame(tab.received);
        tab.control(&frame).await;
        match tab.ending().await {
            Ending::Closed(4400, told) => assert!(told.starts_with(reason), "{told} for {frame}"),
            other => panic!("{other:?} for {frame}"),
        }
    }
    let mut tab = Tab::new(server.addr, "/ws/p/f");
    tab.attach().await;
    tab.control(&counts("ack", 0, 0, 1)).await;
    is_violation(&mut tab, "ack: `consumed` is more than `received`", "a wrong ack").await;
    bystander.send("echo unhar''med\n").await;
    assert_eq!(bystander.expect("unharmed\r\n").await, "");
    server.stop().await;
}

#[tokio::test]
async fn input_beyond_the_credit_ends_the_link() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    let mut bystander = Tab::new(server.addr, "/ws/p/f");
    bystander.attach().await;
    // A program that reads nothing; what the queues before it hold is consumed, the rest is not.
    tab.send("stty raw; echo stu''ck; sleep 1000\n").await;
    tab.expect("stuck").await;
    let flood = async {
        for _ in 0..400 {
            tab.put(Message::text("x".repeat(16 * 1024))).await;
        }
        tab.ending().await
    };
    match within("the close", flood).await {
        Ending::Closed(4400, told) => {
            assert!(told.starts_with("more input than the credit allows"), "{told}")
        }
        other => panic!("{other:?}"),
    }
    bystander.send("echo unhar''med\n").await;
    bystander.expect("unharmed\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn the_largest_message_passes_and_a_larger_one_is_told_with_1009() {
    const MAX: usize = 1024 * 1024;
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    // Only once the terminal is raw does it take lines of any length.
    tab.send("stty raw; echo rea''dy; head -c 1048576 | tr -d 'x\\000' | wc -c; stty cooked; echo do''ne\n")
        .await;
    tab.expect("ready").await;
    // The first character is escaped on the wire, and makes it one longer.
    tab.send_message(Message::text(format!("\0\0{}", "x".repeat(MAX - 1)))).await;
    tab.expect("done").await;
    tab.put(Message::binary(vec![0; MAX + 1])).await;
    let told = Ending::Closed(1009, "a message is longer than 1048576 bytes".to_owned());
    assert_eq!(tab.ending().await, told);
    let mut tab = server.tab().await;
    tab.put(Message::binary(vec![0; MAX + 2])).await;
    assert_eq!(tab.ending().await, told, "longer than anything that is read");
    server.stop().await;
}

#[tokio::test]
async fn who_says_nothing_is_told_so() {
    let server = TestServer::start().await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    tab.open().await;
    is_violation(&mut tab, "no hello in time", "silence").await;
    server.stop().await;
}
