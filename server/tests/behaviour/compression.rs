//! `permessage-deflate`: what is agreed upon, what is compressed then, and what of a client's is refused.

use envsocket_server::Config;
use envsocket_server::resume::{Compression, Limits, Terms};
use serde_json::Value;

use crate::support::{
    BINARY, CONTINUATION, Ending, FIN, FeedServer, Heard, PACKED, PING, TEXT, Tab, TestServer, Wire, config,
    packed,
};

const MAX: usize = 1 << 20;
const PROTOCOLS: [&str; 2] = ["envsocket.plain", "envsocket.v1"];
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

async fn feed() -> FeedServer {
    FeedServer::start(Terms::default(), Limits::default()).await
}

/// A client of the feed that compresses; with the protocol, it was welcomed.
async fn client(server: &FeedServer, protocol: &str) -> Wire {
    let mut wire = Wire::packing(server.addr, "/prices", protocol).await;
    if protocol == "envsocket.v1" {
        let hello = Tab::new(server.addr, "").hello();
        wire.send(TEXT | PACKED, &packed(format!("\0{hello}").as_bytes())).await;
        assert_eq!(control(&wire.message().await)["type"], "welcome");
    }
    wire
}

/// First bytes and payloads.
type Frames<'a> = &'a [(u8, &'a [u8])];

fn control(message: &[u8]) -> Value {
    let object = message.strip_prefix(b"\0").expect("it is a control frame");
    serde_json::from_slice(object).expect("it is JSON")
}

#[tokio::test]
async fn it_is_agreed_upon_where_it_is_offered_with_every_subprotocol_and_with_none() {
    let server = TestServer::start().await;
    let taken = "permessage-deflate; client_no_context_takeover";
    let narrower = "permessage-deflate; client_no_context_takeover; server_max_window_bits=10";
    let cases: [(&[&str], Option<&str>); 7] = [
        (&[], None),
        (&["permessage-deflate"], Some(taken)),
        (&["permessage-deflate; client_max_window_bits"], Some(taken)),
        (&["permessage-deflate; server_max_window_bits=10, permessage-deflate"], Some(narrower)),
        (&["permessage-bzip2", "permessage-deflate; unknown, permessage-deflate"], Some(taken)),
        (&["permessage-deflate; unknown"], None),
        (&["permessage-deflate; server_max_window_bits=16"], None),
    ];
    for (offers, answer) in cases {
        for protocol in ["envsocket.v1", "envsocket.plain", "something"] {
            let mut headers = vec![("Sec-WebSocket-Protocol", protocol)];
            headers.extend(offers.iter().map(|offer| (EXTENSIONS, *offer)));
            let wire = Wire::open(server.addr, "/ws/p/e", &headers).await;
            assert_eq!(wire.answer("sec-websocket-extensions"), answer, "{offers:?} with {protocol}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_does_not_compress_agrees_to_nothing() {
    let server = TestServer::with(Config { compression: None, ..config(None) }).await;
    let wire = Wire::packing(server.addr, "/ws/p/e", "envsocket.v1").await;
    assert_eq!(wire.answer("sec-websocket-extensions"), None);
    server.stop().await;
}

#[tokio::test]
async fn what_a_shell_prints_arrives_as_it_is_in_a_fraction_of_the_bytes() {
    let server = TestServer::start().await;
    for (path, offer) in [
        ("/ws/p/e", "permessage-deflate"),
        ("/ws/p/f", "permessage-deflate; server_no_context_takeover; server_max_window_bits=9"),
    ] {
        let mut wire = Wire::open(server.addr, path, &[(EXTENSIONS, offer)]).await;
        wire.send(BINARY, b"stty -echo; PS1=; echo rea''dy\n").await;
        wire.send(TEXT | PACKED, &packed(b"seq 1 20000; echo do''ne\n")).await;
        let mut seen = Vec::new();
        while !seen.ends_with(b"done\r\n") {
            seen.extend(wire.message().await);
        }
        let expected: String = (1..=20_000).map(|number| format!("{number}\r\n")).collect();
        let seen = String::from_utf8(seen).expect("it is text");
        assert!(seen.ends_with(&format!("{expected}done\r\n")), "all of it, in its order");
        assert!(wire.came < seen.len() * 2 / 3, "{} of {} with {offer}", wire.came, seen.len());
    }
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_compressed_that_is_short_or_was_not_to_be() {
    let (all, none) = (Compression::default(), Compression { total_bytes: 0, ..Compression::default() });
    for (compression, offer, is_packed) in [
        (all, "permessage-deflate", true),
        (all, "permessage-deflate; unknown", false),
        // There is no memory for it.
        (none, "permessage-deflate", false),
    ] {
        let server = TestServer::with(Config { compression: Some(compression), ..config(None) }).await;
        let mut wire = Wire::open(server.addr, "/ws/p/e", &[(EXTENSIONS, offer)]).await;
        wire.send(TEXT, b"stty -echo; PS1=; echo rea''dy\n").await;
        let mut seen = Vec::new();
        while !seen.ends_with(b"ready\r\n") {
            seen.extend(wire.message().await);
        }
        for (count, is_long) in [(5, false), (5_000, true), (5, false)] {
            wire.send(TEXT, format!("head -c {count} /dev/zero | tr '\\0' x\n").as_bytes()).await;
            let (mut left, mut some_packed) = (count, false);
            while left > 0 {
                let Heard::Message { is_packed, message } = wire.hear().await else { panic!("it ended") };
                assert!(message.iter().all(|byte| *byte == b'x'));
                left -= message.len();
                some_packed |= is_packed;
            }
            assert_eq!(some_packed, is_packed && is_long, "{count} bytes with {offer}, {compression:?}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn what_a_client_compresses_is_read_however_it_is_cut() {
    for protocol in PROTOCOLS {
        let server = feed().await;
        let mut wire = client(&server, protocol).await;
        let long = "sell ".repeat(20_000);
        let (bytes, text) = (packed(b"buy"), packed(long.as_bytes()));
        wire.send(TEXT, b"plain").await;
        wire.send(TEXT | PACKED, &text).await;
        wire.send(BINARY | PACKED, &bytes).await;
        // In fragments: only the first is marked, and a ping may come in between.
        let (first, rest) = text.split_at(text.len() / 3);
        wire.send((TEXT | PACKED) & !FIN, first).await;
        wire.send(PING, b"still there?").await;
        wire.send(CONTINUATION & !FIN, &rest[..1]).await;
        wire.send(CONTINUATION & !FIN, b"").await;
        wire.send(CONTINUATION, &rest[1..]).await;
        // In a final block, with the empty one after it that the RFC asks for; and nothing at all.
        wire.send(TEXT | PACKED, &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]).await;
        wire.send(TEXT | PACKED, &packed(b"")).await;
        wire.send(BINARY, b"at last").await;
        server.until_taken(&["plain", &long, "buy", &long, "Hello", "", "at last"]).await;
    }
}

#[tokio::test]
async fn the_limit_is_that_of_the_inflated_message() {
    let bombs = [("one byte more", packed(&vec![0; MAX + 1])), ("64 MiB", packed(&vec![0; 64 << 20]))];
    for protocol in PROTOCOLS {
        let server = feed().await;
        let mut wire = client(&server, protocol).await;
        let largest = "x".repeat(MAX);
        wire.send(BINARY | PACKED, &packed(largest.as_bytes())).await;
        server.until_taken(&[&largest]).await;
        for (what, bomb) in &bombs {
            assert!(bomb.len() < MAX / 8, "{} bytes on the wire", bomb.len());
            let mut wire = client(&server, protocol).await;
            wire.send(BINARY | PACKED, bomb).await;
            let told = Ending::Closed(1009, format!("a message is longer than {MAX} bytes"));
            assert_eq!(wire.ending().await, told, "{what}, {protocol}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_it_is_told_with_1007_and_1002() {
    let no_deflate = (1007, "compressed data that deflate has not made");
    let no_text = (1007, "a text that is not UTF-8");
    let reserved = (1002, "Reserved bits are non-zero");
    let cases: [(&str, Frames, (u16, &str)); 7] = [
        ("no deflate", &[(TEXT | PACKED, b"not compressed")], no_deflate),
        ("no text", &[(TEXT | PACKED, &packed(b"\xff\xfe"))], no_text),
        ("no text, as it is", &[(TEXT, b"\xff\xfe")], no_text),
        ("another bit", &[(BINARY | 0x20, b"")], reserved),
        ("another bit as well", &[(BINARY | PACKED | 0x10, &packed(b""))], reserved),
        ("a ping", &[(PING | PACKED, b"")], reserved),
        ("a continuation", &[(TEXT & !FIN, b"a"), (CONTINUATION | PACKED, b"b")], reserved),
    ];
    for protocol in PROTOCOLS {
        let server = feed().await;
        for (what, frames, (code, reason)) in cases {
            let mut wire = client(&server, protocol).await;
            for (first, payload) in frames {
                wire.send(*first, payload).await;
            }
            assert_eq!(wire.ending().await, Ending::Closed(code, reason.to_owned()), "{what}, {protocol}");
        }
        let unasked = [("Sec-WebSocket-Protocol", protocol)];
        let mut wire = Wire::open(server.addr, "/prices", &unasked).await;
        wire.send(TEXT | PACKED, &packed(b"hello")).await;
        let told = Ending::Closed(reserved.0, reserved.1.to_owned());
        assert_eq!(wire.ending().await, told, "a mark that was not agreed upon, {protocol}");
        assert_eq!(server.feed.taken(), Vec::<String>::new());
    }
}
