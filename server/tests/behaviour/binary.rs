//! The program: its one line, its signals, its exit codes.

use std::process::Stdio;

use rustix::process::Signal;
use tokio::process::Command;

use crate::support::{Client, Program, command, is_gone, request, within};

/// Exit code and standard error of a program that does not start.
async fn failure(arguments: &[&str]) -> (Option<i32>, String) {
    let output = within("a failure", command(arguments).output()).await.expect("the program was built");
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

async fn ends_in_order_on(signal: Signal) {
    let program = Program::start(command(&["--listen", "127.0.0.1:0"])).await;
    let mut client = Client::connect(program.addr, "alpha", "dev").await;
    client.send("sleep 1000 & echo pid''=$$.$!.\n").await;
    client.expect("pid=").await;
    let (shell, job) = (client.expect(".").await, client.expect(".").await);
    program.signal(signal);
    let ending = client.ending().await;
    assert!(ending.is_shutdown(), "{ending:?}");
    let (status, logs) = program.end().await;
    assert_eq!(status.code(), Some(0), "{logs}");
    assert!(is_gone(&shell) && is_gone(&job), "{shell} {job}");
    assert!(!logs.contains("sleep 1000"), "what is typed is not logged: {logs}");
}

#[tokio::test]
async fn sigterm_ends_it_in_order_and_leaves_no_process() {
    ends_in_order_on(Signal::TERM).await;
}

#[tokio::test]
async fn sigint_ends_it_in_order_and_leaves_no_process() {
    ends_in_order_on(Signal::INT).await;
}

#[tokio::test]
async fn the_end_of_standard_input_ends_it_when_asked_to() {
    let mut command = command(&["--listen", "127.0.0.1:0", "--exit-with-stdin"]);
    let mut program = Program::start({
        command.stdin(Stdio::piped());
        command
    })
    .await;
    assert_eq!(request(program.addr, "GET", "/healthz", &[], "").await.status, 200);
    drop(program.stdin());
    assert_eq!(program.end().await.0.code(), Some(0));
}

#[tokio::test]
async fn faults_are_there_only_when_asked_for() {
    for (arguments, status) in
        [(&["--listen", "127.0.0.1:0"][..], 404), (&["--listen", "127.0.0.1:0", "--faults"], 200)]
    {
        let program = Program::start(command(arguments)).await;
        assert_eq!(request(program.addr, "POST", "/faults/drop", &[], "").await.status, status);
        program.signal(Signal::TERM);
        program.end().await;
    }
}

#[tokio::test]
async fn logs_are_json_when_asked_for() {
    let program = Program::start(command(&["--listen", "127.0.0.1:0", "--log-format", "json"])).await;
    let mut client = Client::connect(program.addr, "alpha", "dev").await;
    client.send("exit\n").await;
    client.ending().await;
    program.signal(Signal::TERM);
    let (_, logs) = program.end().await;
    let lines: Vec<serde_json::Value> =
        logs.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    let told = lines.iter().find(|line| line["fields"]["message"] == "disconnected").expect("it is logged");
    assert_eq!((&told["fields"]["project"], &told["fields"]["code"]), (&"alpha".into(), &1000.into()));
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let program = Program::start(command(&["--listen", "127.0.0.1:0"])).await;
    let taken = program.addr.to_string();
    let (code, error) = failure(&["--listen", &taken]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains(&taken) && error.contains("--listen"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    program.signal(Signal::TERM);
    program.end().await;
}

#[tokio::test]
async fn wrong_arguments_are_named() {
    let (code, error) = failure(&["--allow-origin", "https://a/b"]).await;
    assert_eq!(code, Some(2));
    assert!(error.contains("--allow-origin") && error.contains("https://a/b"), "{error}");
    let (code, error) = failure(&["--config", "/nowhere.toml"]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains("/nowhere.toml"), "{error}");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "[[project]]\nname = \"\"\n").expect("writable");
    let path = file.path().display().to_string();
    let (code, error) = failure(&["--config", &path]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains(&format!("{path}, line 2: project.name must not be empty")), "{error}");
}

#[tokio::test]
async fn a_configuration_file_is_used() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "[[project]]\nname = \"mine\"\n").expect("writable");
    let path = file.path().display().to_string();
    let program = Program::start(command(&["--listen", "127.0.0.1:0", "--config", &path])).await;
    let reply = request(program.addr, "GET", "/api/projects", &[], "").await;
    assert_eq!(reply.json(), serde_json::json!({ "projects": [{ "name": "mine", "environments": [] }] }));
    program.signal(Signal::TERM);
    program.end().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn shells_that_ended_leave_neither_descriptors_nor_zombies() {
    let program = Program::start(command(&["--listen", "127.0.0.1:0"])).await;
    let pid = program.id();
    let descriptors = || std::fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs").count();
    let run_a_shell = async || {
        let mut client = Client::connect(program.addr, "alpha", "dev").await;
        client.send("exit\n").await;
        client.ending().await;
    };
    // The first one opens what stays open.
    run_a_shell().await;
    let before = descriptors();
    for _ in 0..20 {
        run_a_shell().await;
    }
    // The last shell is put away just after its connection was told of its end.
    let put_away = async {
        while descriptors() > before || !children(pid).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    within("the last shell to be put away", put_away).await;
    program.signal(Signal::TERM);
    program.end().await;
}

/// The process ids of its children, zombies included.
#[cfg(target_os = "linux")]
async fn children(pid: u32) -> String {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &pid.to_string()]).output().await;
    String::from_utf8(output.expect("ps is there").stdout).expect("numbers")
}
