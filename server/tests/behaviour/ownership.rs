//! Sessions, attachments and secrets belong to a subject and an environment: to everybody else they are of no use.

use rustix::process::Signal;

use crate::support::{Program, SECRET, Signed, Tab, TestServer, asking, command};

const WRITE: &[&str] = &["read", "write"];
const ANOTHERS: &str = "the session is another's";

#[tokio::test]
async fn who_has_stolen_all_ids_and_the_secret_gets_nowhere_with_them() {
    let server = TestServer::with(asking()).await;
    let token = |subject: &str| Signed::of(subject).everywhere(WRITE).sign();
    let mut ada = Tab::new(server.addr, "/ws/p/e").with(token("ada"));
    ada.attach().await;
    ada.send("PS1= PS2=; stty -echo; echo qui''et\n").await;
    ada.expect("quiet\r\n").await;
    // All that there is to steal but the token.
    let mut eve = ada.double().with(token("eve"));
    assert_eq!(eve.refusal().await, (4403, ANOTHERS.to_owned()));
    // The session alone, as a new tab of it.
    let mut eve = ada.sibling().with(token("eve"));
    assert_eq!(eve.refusal().await, (4403, ANOTHERS.to_owned()));
    // The attachment alone, in a session of her own: that is nobody's but hers.
    let mut eve = ada.double().with(token("eve"));
    eve.session = Tab::new(server.addr, "").session;
    eve.attach().await;
    assert_ne!(eve.epoch, ada.epoch);
    eve.close(1000).await;
    // Ada's link was not fenced, her attempts are not used up, and nobody has left in her name.
    ada.send("echo sti''ll\n").await;
    ada.expect("still\r\n").await;
    ada.cut();
    let epoch = ada.epoch.clone();
    ada.attach().await;
    assert_eq!(ada.epoch, epoch);
    server.stop().await;
}

#[tokio::test]
async fn a_session_is_known_in_its_environment_alone() {
    let server = TestServer::with(asking()).await;
    let token = Signed::of("ada").everywhere(WRITE).sign();
    let mut here = Tab::new(server.addr, "/ws/p/e").with(token.clone());
    here.attach().await;
    let mut there = Tab::new(server.addr, "/ws/p/f").with(token);
    there.session = here.session.clone();
    assert_eq!(there.refusal().await, (4403, ANOTHERS.to_owned()));
    // Once it is over, its id is anybody's.
    here.close(1000).await;
    let forgotten = async {
        loop {
            there.open().await;
            let hello = there.hello();
            there.control(&hello).await;
            if let crate::support::Said::Control(_) = there.listen().await {
                return;
            }
        }
    };
    crate::support::within("the session to be forgotten", forgotten).await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_tries_is_in_the_log_with_whose_it_was_and_no_id_is() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n\
                [[project]]\nname = \"p\"\n[[project.environment]]\nid = \"e\"\n\
                [[project.environment]]\nid = \"f\"\n";
    std::fs::write(&path, text).expect("it can be written");
    let mut command = command(&["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")]);
    command.env("TEST_SECRET", SECRET);
    let program = Program::start(command).await;
    let token = |subject: &str| Signed::of(subject).everywhere(WRITE).sign();
    let mut ada = Tab::new(program.addr, "/ws/p/e").with(token("ada"));
    ada.attach().await;
    let mut eve = ada.double().with(token("eve\nfake line"));
    assert_eq!(eve.refusal().await, (4403, ANOTHERS.to_owned()));
    let mut guessed = ada.double();
    guessed.secret = Tab::new(program.addr, "").secret;
    assert_eq!(guessed.refusal().await.0, 4403);
    let mut elsewhere = Tab::new(program.addr, "/ws/p/f").with(token("ada"));
    elsewhere.session.clone_from(&ada.session);
    assert_eq!(elsewhere.refusal().await, (4403, ANOTHERS.to_owned()));
    program.signal(Signal::TERM);
    ada.ending().await;
    let (_, logs) = program.end().await;
    let lines: Vec<_> = logs.lines().filter(|line| line.contains("WARN")).collect();
    let [eves, guessed, elsewhere] = lines[..] else { panic!("three are refused: {lines:?}") };
    for (line, fields) in [
        (eves, r#"owner="ada" label="p/e" by="eve\nfake line" asked_in="p/e""#),
        (guessed, r#"wrong secret, and refused owner="ada" label="p/e""#),
        (elsewhere, r#"owner="ada" label="p/e" by="ada" asked_in="p/f""#),
    ] {
        assert!(line.contains(fields), "{line}");
    }
    for secret in [&ada.session, &ada.attachment, &ada.secret] {
        assert!(!logs.contains(secret.as_str()), "{logs}");
    }
}
