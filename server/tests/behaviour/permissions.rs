//! What a token lets its owner do: see one environment and not another, type or only look.

use crate::support::{Client, Ending, Signed, Tab, TestServer, asking, bearer};

const READ: &[&str] = &["read"];
const WRITE: &[&str] = &["read", "write"];

fn tab(server: &TestServer, path: &str, token: &Signed) -> Tab {
    Tab::new(server.addr, path).with(token.sign())
}

#[tokio::test]
async fn what_exists_is_told_to_those_who_may_know_and_to_nobody_else() {
    let server = TestServer::with(asking()).await;
    let (there, nowhere) = ("/ws/p/e", "/ws/p/nope");
    let forbidden = (4403, "the token gives no right to read here".to_owned());
    let unknown = (4404, "unknown environment".to_owned());
    for path in [there, nowhere, "/ws/q/e", "/ws", "/ws/%ff/e"] {
        assert_eq!(
            Tab::new(server.addr, path).refusal().await,
            (4401, "a token is needed".to_owned()),
            "{path}"
        );
        let garbage = Tab::new(server.addr, path).with("garbage".to_owned()).refusal().await;
        assert_eq!(garbage, (4401, "the token is not good here".to_owned()), "{path}");
        let expired = tab(&server, path, &Signed::of("ada").expiring(-5)).refusal().await;
        assert_eq!(expired, (4401, "the token has expired".to_owned()), "{path}");
        let elsewhere = Signed::of("ada").on("p", "f", WRITE);
        for token in [Signed::of("ada"), elsewhere, Signed::of("ada").everywhere(&["write"])] {
            assert_eq!(tab(&server, path, &token).refusal().await, forbidden, "{path}");
        }
    }
    let both = Signed::of("ada").on("p", "e", READ).on("p", "nope", READ);
    assert_eq!(tab(&server, nowhere, &both).refusal().await, unknown);
    assert_eq!(tab(&server, "/ws/q/e", &both).refusal().await, forbidden);
    for path in [nowhere, "/ws/q/e", "/ws", "/ws/%ff/e"] {
        let everywhere = Signed::of("ada").everywhere(READ);
        assert_eq!(tab(&server, path, &everywhere).refusal().await, unknown, "{path}");
    }
    tab(&server, there, &both).attach().await;
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_read_sees_everything_types_nothing_and_controls_nothing() {
    let server = TestServer::with(asking()).await;
    let reading = Signed::of("ada").on("p", "e", READ);
    let mut reader = tab(&server, "/ws/p/e", &reading).sized(33, 7);
    let welcome = reader.attach().await;
    assert_eq!((&welcome["readOnly"], &welcome["controller"]), (&true.into(), &false.into()));
    let mut writer = reader.sibling().with(Signed::of("ada").everywhere(WRITE).sign()).sized(90, 30);
    let welcome = writer.attach().await;
    assert_eq!((&welcome["readOnly"], &welcome["controller"]), (&false.into(), &true.into()));
    writer.send("PS1= PS2=; stty -echo; stty size; echo qui''et\n").await;
    reader.expect("30 90\r\n").await;
    reader.expect("quiet\r\n").await;
    // It comes back to where it was, and hears what it has missed.
    reader.cut();
    writer.send("echo mis''sed\n").await;
    writer.expect("missed\r\n").await;
    let epoch = reader.epoch.clone();
    assert_eq!(reader.attach().await["readOnly"], true);
    assert_eq!(reader.epoch, epoch);
    reader.expect("missed\r\n").await;
    let refused = Ending::Closed(4403, "input from an attachment that may only read".to_owned());
    reader.send("echo no''t typed\n").await;
    assert_eq!(reader.ending().await, refused);
    let mut sizer = tab(&server, "/ws/p/e", &reading);
    sizer.attach().await;
    sizer.resize(11, 11).await;
    assert_eq!(sizer.ending().await, refused);
    writer.send("stty size; echo do''ne\n").await;
    assert_eq!(
        writer.expect("done\r\n").await,
        "quiet\r\nmissed\r\n30 90\r\n".split_once("missed\r\n").map_or("", |it| it.1)
    );
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_read_does_so_without_the_protocol_too() {
    let server = TestServer::with(asking()).await;
    let mut writer = tab(&server, "/ws/p/e", &Signed::of("ada").everywhere(WRITE));
    writer.attach().await;
    writer.send("PS1= PS2=; stty -echo; echo qui''et\n").await;
    writer.expect("quiet\r\n").await;
    let token = Signed::of("bob").on("p", "e", READ).sign();
    let [(name, value)] = bearer(&token);
    let mut reader =
        Client::try_connect(server.addr, "/ws/p/e", &[(name, &value)], None).await.expect("accepted");
    writer.send("echo see''n\n").await;
    reader.expect("seen\r\n").await;
    reader.send("echo no''t typed\n").await;
    let refused = Ending::Closed(4403, "input from a client that may only read".to_owned());
    assert_eq!(reader.ending().await, refused);
    writer.send("echo do''ne\n").await;
    assert_eq!(writer.expect("done\r\n").await, "seen\r\n");
    server.stop().await;
}

#[tokio::test]
async fn rights_that_change_come_with_the_next_welcome() {
    let server = TestServer::with(asking()).await;
    let (reading, writing) = (Signed::of("ada").everywhere(READ), Signed::of("ada").everywhere(WRITE));
    let mut tab = tab(&server, "/ws/p/e", &reading);
    assert_eq!(tab.attach().await["readOnly"], true);
    let epoch = tab.epoch.clone();
    for (token, read_only) in [(&writing, false), (&reading, true), (&writing, false)] {
        tab.renew(token.sign()).await;
        assert_eq!(tab.ending().await, Ending::Closed(4408, "the token's rights have changed".to_owned()));
        assert_eq!(tab.attach().await["readOnly"], read_only);
        assert_eq!(tab.epoch, epoch, "it is the same attachment");
    }
    tab.send("echo no''w\n").await;
    tab.expect("now\r\n").await;
    // And by the next hello alone, too.
    tab.cut();
    tab.token = Some(reading.sign());
    let welcome = tab.attach().await;
    assert_eq!((&welcome["readOnly"], &welcome["controller"]), (&true.into(), &false.into()));
    server.stop().await;
}
