//! What happens when a shell ends by itself, or never begins.

use crate::support::{Client, Ending, TestServer, config};

#[tokio::test]
async fn an_exit_is_told_and_the_next_connection_starts_a_new_shell() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    let mut other = Client::connect(server.addr, "p", "e").await;
    other.expect("quiet\r\n").await;
    client.send("old=1; echo last wor''ds; exit 3\n").await;
    let told = Ending::Closed(1000, "shell exited with code 3".to_owned());
    assert_eq!(client.ending().await, told);
    assert_eq!(other.ending().await, told);
    assert!(client.seen.ends_with(b"last words\r\n"));
    let mut client = Client::connect(server.addr, "p", "e").await;
    client.send("echo \"old:$old.\"\n").await;
    let before = client.expect("old:.\r\n").await;
    assert!(!before.contains("last words"), "a new shell has a new log: {before:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_shell_ended_by_a_signal_says_which() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("kill -9 $$\n").await;
    assert_eq!(client.ending().await, Ending::Closed(1000, "shell was ended by signal 9".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn a_background_job_that_keeps_the_terminal_does_not_delay_the_close() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("sleep 1000 & setsid sleep 1000 & echo las''t; exit\n").await;
    assert_eq!(client.ending().await, Ending::Closed(1000, "shell exited with code 0".to_owned()));
    assert!(client.seen.ends_with(b"last\r\n"), "{:?}", String::from_utf8_lossy(&client.seen));
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_while_a_shell_exits_gets_its_end_or_a_new_shell() {
    let server = TestServer::start().await;
    for _ in 0..20 {
        let mut client = server.shell().await;
        client.send("exit\n").await;
        let newcomer = async {
            let mut newcomer = Client::connect(server.addr, "p", "e").await;
            newcomer.send("echo ali''ve; exit\n").await;
            newcomer.ending().await
        };
        let (first, second) = tokio::join!(client.ending(), newcomer);
        let exited = Ending::Closed(1000, "shell exited with code 0".to_owned());
        assert_eq!((&first, &second), (&exited, &exited));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_command_that_cannot_be_started_closes_with_1011_and_a_reason() {
    let layout = r#"
        [[project]]
        name = "p"
        [[project.environment]]
        id = "no program"
        command = ["/nowhere/shell"]
        [[project.environment]]
        id = "no folder"
        cwd = "/nowhere"
    "#;
    let server = TestServer::with(config(Some(layout))).await;
    for (env, reason) in [("no%20program", "/nowhere/shell"), ("no%20folder", "no folder /nowhere")] {
        match Client::connect(server.addr, "p", env).await.ending().await {
            Ending::Closed(1011, told) => assert!(told.contains(reason), "{told}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(server.request("GET", "/healthz").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn command_folder_and_variables_come_from_the_configuration() {
    let layout = r#"
        [[project]]
        name = "p"
        [[project.environment]]
        id = "e"
        command = ["/bin/sh", "-c", "pwd; echo $FOO; echo $1", "sh", "two words"]
        cwd = "/"
        [project.environment.env]
        FOO = "bar"
    "#;
    let server = TestServer::with(config(Some(layout))).await;
    let mut client = Client::connect(server.addr, "p", "e").await;
    assert_eq!(client.ending().await, Ending::Closed(1000, "shell exited with code 0".to_owned()));
    assert_eq!(String::from_utf8_lossy(&client.seen), "/\r\nbar\r\ntwo words\r\n");
    server.stop().await;
}
