//! Who may connect: with a token that is good, as long as it is.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::{Client, Ending, Signed, Tab, TestServer, asking, bearer, dial, offer, within};

const WRITE: &[&str] = &["read", "write"];

fn good() -> Signed {
    Signed::of("ada").everywhere(WRITE)
}

/// A tab that waits at a quiet shell, as [`TestServer::tab`] gives one.
async fn quiet_tab(server: &TestServer, token: String) -> Tab {
    let mut tab = Tab::new(server.addr, "/ws/p/e").with(token);
    tab.attach().await;
    tab.send("PS1= PS2=; stty -echo; echo qui''et\n").await;
    tab.expect("quiet\r\n").await;
    tab
}

async fn plain(server: &TestServer, headers: &[(&'static str, String)]) -> Client {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Client::try_connect(server.addr, "/ws/p/e", &headers, None).await.expect("the upgrade is accepted")
}

#[tokio::test]
async fn without_a_good_token_nobody_gets_in() {
    let server = TestServer::with(asking()).await;
    let token = good().sign();
    let (head, signature) = token.rsplit_once('.').expect("a JWT has three parts");
    let bad = [
        (None, "a token is needed"),
        (Some("garbage".to_owned()), "the token is not good here"),
        (Some(token[..token.len() - 1].to_owned()), "the token is not good here"),
        (Some(format!("{head}.")), "the token is not good here"),
        (Some(format!("{head}.{}", signature.to_lowercase())), "the token is not good here"),
        (Some(good().sign_with("another secret, which is long enough")), "the token is not good here"),
        (Some("x".repeat(8_192)), "the token is not good here"),
        (Some(good().expiring(-5).sign()), "the token has expired"),
    ];
    for (token, reason) in bad {
        let mut tab = Tab::new(server.addr, "/ws/p/e");
        tab.token = token.clone();
        assert_eq!(tab.refusal().await, (4401, reason.to_owned()), "{token:?}");
        let headers = token.iter().flat_map(|token| bearer(token)).collect::<Vec<_>>();
        let ending = plain(&server, &headers).await.ending().await;
        assert_eq!(ending, Ending::Closed(4401, reason.to_owned()), "{token:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_good_token_lets_in_whichever_way_it_comes() {
    let server = TestServer::with(asking()).await;
    let token = good().sign();
    quiet_tab(&server, token.clone()).await;
    let mut program = plain(&server, &bearer(&token)).await;
    program.send("echo program''s\n").await;
    program.expect("programs").await;
    for (offers, chosen) in [
        (offer(&token), offer(&token)),
        (format!("envsocket.plain, {}", offer(&token)), "envsocket.plain".to_owned()),
        (format!("{},envsocket.plain", offer(&token)), "envsocket.plain".to_owned()),
    ] {
        let (socket, said) = dial(server.addr, "/ws/p/e", &[&offers], None).await.expect("accepted");
        assert_eq!(said, Some(chosen));
        let mut page = Client::over(socket);
        page.send("echo page''s\n").await;
        page.expect("pages").await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_token_in_the_url_or_in_two_places_of_a_kind_is_none() {
    let server = TestServer::with(asking()).await;
    let token = good().sign();
    let path = format!("/ws/p/e?token={token}&access_token={token}");
    let mut client = Client::try_connect(server.addr, &path, &[], None).await.expect("accepted");
    assert_eq!(client.ending().await, Ending::Closed(4401, "a token is needed".to_owned()));
    let twice = format!("{}, {}", offer(&token), offer(&token));
    let (socket, _) = dial(server.addr, "/ws/p/e", &[&twice], None).await.expect("accepted");
    assert_eq!(Client::over(socket).ending().await, Ending::Closed(4401, "a token is needed".to_owned()));
    // With the protocol only the hello's counts.
    let offers = format!("envsocket.v1, {}", offer(&token));
    let (socket, chosen) = dial(server.addr, "/ws/p/e", &[&offers], None).await.expect("accepted");
    assert_eq!(chosen.as_deref(), Some("envsocket.v1"));
    let mut client = Client::over(socket);
    let hello = Tab::new(server.addr, "").hello();
    client.send(&format!("\0{hello}")).await;
    assert_eq!(client.ending().await, Ending::Closed(4401, "a token is needed".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_asks_nobody_looks_at_no_token() {
    let server = TestServer::start().await;
    quiet_tab(&server, "garbage".to_owned()).await;
    let mut client = plain(&server, &bearer("garbage")).await;
    client.send("echo he''re\n").await;
    client.expect("here").await;
    let (_, chosen) = dial(server.addr, "/ws/p/e", &[&offer("garbage")], None).await.expect("accepted");
    assert_eq!(chosen, Some(offer("garbage")), "or Chromium fails the connection");
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_back_with_an_expired_token_loses_nothing_by_getting_another() {
    let server = TestServer::with(asking()).await;
    let mut tab = quiet_tab(&server, good().sign()).await;
    tab.send("read x; echo got:$x\n").await;
    tab.cut();
    tab.token = Some(good().expiring(-1).sign());
    assert_eq!(tab.refusal().await, (4401, "the token has expired".to_owned()));
    tab.token = Some(good().sign());
    let epoch = tab.epoch.clone();
    tab.attach().await;
    assert_eq!(tab.epoch, epoch, "it is the same session");
    tab.send("it\n").await;
    tab.expect("got:it\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_renewed_while_its_owner_types_and_no_key_is_lost() {
    let server = TestServer::with(asking()).await;
    let first = Signed::of("ada").everywhere(WRITE).expiring(2);
    let end = SystemTime::now() + Duration::from_secs(3);
    let mut tab = quiet_tab(&server, first.sign()).await;
    tab.send("stty -icanon; cat\n").await;
    let mut typed = String::new();
    // Until the first token is no good any more: with it alone the link would be over.
    for key in 0.. {
        let text = format!("{key},");
        tab.send(&text).await;
        typed.push_str(&text);
        tab.expect(&text).await;
        if key % 50 == 10 {
            tab.renew(good().sign()).await;
        }
        if SystemTime::now() > end {
            break;
        }
    }
    let seen = String::from_utf8_lossy(&tab.seen).into_owned();
    assert!(seen.ends_with(&typed), "all keys, once, in order");
    assert!(tab.told.iter().all(|frame| frame["type"] != "bye"), "{:?}", tab.told);
    server.stop().await;
}

#[tokio::test]
async fn a_link_ends_with_its_token() {
    let server = TestServer::with(asking()).await;
    let short = good().expiring(1).sign();
    let mut tab = quiet_tab(&server, short.clone()).await;
    let expired = || Ending::Closed(4401, "the token has expired".to_owned());
    assert_eq!(tab.ending().await, expired());
    assert_eq!(tab.told.last(), Some(&json!({ "type": "bye", "code": 4401, "retryAfterMs": null })));
    let mut client = plain(&server, &bearer(&good().expiring(1).sign())).await;
    assert_eq!(client.ending().await, expired());
    // It is the link that has ended, and nothing else.
    tab.token = Some(good().sign());
    let epoch = tab.epoch.clone();
    tab.attach().await;
    assert_eq!(tab.epoch, epoch);
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_is_shown_later_is_looked_at_like_the_first() {
    let server = TestServer::with(asking()).await;
    let cases = [
        ("garbage".to_owned(), 4401, "the token is not good here"),
        (good().expiring(-5).sign(), 4401, "the token has expired"),
        (good().sign_with("another secret, which is long enough"), 4401, "the token is not good here"),
        (Signed::of("eve").everywhere(WRITE).sign(), 4403, "the token is another's"),
        (Signed::of("ada").on("p", "f", WRITE).sign(), 4403, "the token gives no right to read here"),
        (Signed::of("ada").everywhere(&["write"]).sign(), 4403, "the token gives no right to read here"),
        (Signed::of("ada").everywhere(&["read"]).sign(), 4408, "the token's rights have changed"),
    ];
    for (token, code, reason) in cases {
        let mut tab = quiet_tab(&server, good().sign()).await;
        tab.renew(token.clone()).await;
        assert_eq!(tab.ending().await, Ending::Closed(code, reason.to_owned()), "{token}");
        // Who comes back with a good one finds everything as it was. After 4403 nobody is expected to.
        let epoch = tab.epoch.clone();
        tab.token = Some(good().sign());
        tab.attach().await;
        assert!(code == 4403 || tab.epoch == epoch, "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_token_before_the_hello_is_a_violation() {
    let server = TestServer::with(asking()).await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    tab.open().await;
    tab.renew(good().sign()).await;
    assert_eq!(tab.ending().await, Ending::Closed(4400, "the first frame must be a hello".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_page_gets_in_with_no_token() {
    let server = TestServer::with(asking()).await;
    let token = good().sign();
    let [(name, value)] = bearer(&token);
    let headers = [(name, value.as_str()), ("origin", "http://evil.example")];
    let refused = Client::try_connect(server.addr, "/ws/p/e", &headers, None).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = refused.map(drop) else {
        panic!("a foreign page must not get a WebSocket")
    };
    assert_eq!(response.status(), 403);
    within("the server's end", server.stop()).await;
}
