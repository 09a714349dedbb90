//! Deleting an environment ends all that was started in it.

use crate::support::{Client, Ending, TestServer, is_gone};

const PATH: &str = "/api/projects/p/environments/e";

/// Runs `command` in the background and returns its process id.
async fn background(client: &mut Client, command: &str) -> String {
    client.send(&format!("{command} & echo pid''=$!.\n")).await;
    client.expect("pid=").await;
    client.expect(".").await
}

#[tokio::test]
async fn deleting_closes_with_4410_and_ends_every_process() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    let mut other = Client::connect(server.addr, "p", "e").await;
    let mut pids = vec![background(&mut client, "sleep 1000").await];
    pids.push(background(&mut client, "nohup sleep 1000 >/dev/null 2>&1").await);
    pids.push(background(&mut client, "env -i sleep 1000").await);
    client.send("echo pid''=$$.\n").await;
    client.expect("pid=").await;
    pids.push(client.expect(".").await);
    assert!(pids.iter().all(|pid| !is_gone(pid)), "{pids:?}");
    let (reply, first, second) =
        tokio::join!(server.request("DELETE", PATH), client.ending(), other.ending());
    assert_eq!(reply.status, 204);
    let told = Ending::Closed(4410, "environment deleted".to_owned());
    assert_eq!((&first, &second), (&told, &told));
    assert!(pids.iter().all(|pid| is_gone(pid)), "{pids:?}");
    server.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn deleting_ends_what_left_the_session_and_what_an_earlier_shell_left_behind() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    let mut pids = vec![background(&mut client, "sleep 1000").await];
    // It tells its number itself, when it has left: until then the shell's exit would hang it up.
    client.send("setsid sh -c 'echo pid\"\"=$$.; exec sleep 1000' &\n").await;
    client.expect("pid=").await;
    pids.push(client.expect(".").await);
    client.send("exit\n").await;
    client.ending().await;
    assert!(pids.iter().all(|pid| !is_gone(pid)), "a shell's exit leaves its jobs alone: {pids:?}");
    assert_eq!(server.request("DELETE", PATH).await.status, 204);
    assert!(pids.iter().all(|pid| is_gone(pid)), "{pids:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_shell_that_ignores_the_hangup_is_killed() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("trap '' HUP; echo pid''=$$.\n").await;
    client.expect("pid=").await;
    let pid = client.expect(".").await;
    assert_eq!(server.request("DELETE", PATH).await.status, 204);
    assert!(is_gone(&pid));
    server.stop().await;
}

#[tokio::test]
async fn deleting_touches_no_other_environment() {
    let server = TestServer::start().await;
    let mut e = server.shell().await;
    let mut f = Client::connect(server.addr, "p", "f").await;
    f.send("echo rea''dy\n").await;
    f.expect("ready\r\n").await;
    assert_eq!(server.request("DELETE", PATH).await.status, 204);
    e.ending().await;
    f.send("echo sti''ll\n").await;
    f.expect("still\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_environment_is_unknown_until_it_is_created_again_with_a_new_shell() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("old=1; echo don''e\n").await;
    client.expect("done\r\n").await;
    assert_eq!(server.request("DELETE", PATH).await.status, 204);
    let ending = Client::connect(server.addr, "p", "e").await.ending().await;
    assert_eq!(ending, Ending::Closed(4404, "unknown environment".to_owned()));
    let gone = server.request("DELETE", PATH).await;
    assert_eq!((gone.status.as_u16(), gone.error().as_str()), (404, "unknown environment"));
    assert_eq!(server.post_json("/api/projects/p/environments", r#"{"id":"e"}"#).await.status, 201);
    let mut client = Client::connect(server.addr, "p", "e").await;
    client.send("echo \"old:$old.\"\n").await;
    client.expect("old:.").await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_during_a_deletion_is_told_and_leaves_no_shell() {
    let server = TestServer::start().await;
    for _ in 0..10 {
        let connect = async { Client::connect(server.addr, "p", "e").await.ending().await };
        let (ending, reply) = tokio::join!(connect, server.request("DELETE", PATH));
        assert_eq!(reply.status, 204);
        assert!(matches!(ending, Ending::Closed(4404 | 4410, _)), "{ending:?}");
        let list = server.request("GET", "/api/projects").await.json();
        let left: Vec<_> = list["projects"][0]["environments"].as_array().expect("a list").iter().collect();
        assert_eq!(left, [&serde_json::json!({ "id": "f", "running": false })]);
        assert_eq!(server.post_json("/api/projects/p/environments", r#"{"id":"e"}"#).await.status, 201);
        assert_eq!(server.request("DELETE", PATH).await.status, 204);
        assert_eq!(server.post_json("/api/projects/p/environments", r#"{"id":"e"}"#).await.status, 201);
    }
    server.stop().await;
}
