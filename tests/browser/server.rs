//! The engine in a browser against the real server: shells, cuts, refusals, ends.

use super::support::{Client, numbers, property, request};
use envsocket::core::options::Knob;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Where the server is, as `ws://host:port`.
const SERVER: &str = match option_env!("ENVSOCKET_TEST_SERVER") {
    Some(address) => address,
    None => "",
};

const CONNECTED: f64 = 1.0;
const RECONNECTING: f64 = 2.0;
const FAILED: f64 = 5.0;

fn http() -> String {
    SERVER.replace("ws://", "http://")
}

/// A connection to an environment of the test's own.
async fn environment(name: &str) -> Client {
    let environments = [&http(), "/api/projects/wasm-tests/environments"].concat();
    request("POST", &environments, Some(&["{\"id\":\"", name, "\"}"].concat())).await;
    connect(name)
}

fn connect(name: &str) -> Client {
    Client::new(&[SERVER, "/ws/wasm-tests/", name].concat()).connect("wasm-tests", name, &[])
}

async fn delete(name: &str) {
    request("DELETE", &[&http(), "/api/projects/wasm-tests/environments/", name].concat(), None).await;
}

/// A tab of its own in an environment of its own, over `envsocket.v1`, with a token for it.
async fn with_token(name: &str, token: &str, expires_in_ms: f64) -> Client {
    environment(name).await.engine.close_all();
    let numbers = numbers(&[(Knob::Protocol, 2.0), (Knob::TokenUse, 1.0)]);
    let client =
        Client::new(&[SERVER, "/ws/wasm-tests/", name].concat()).connect("wasm-tests", name, &numbers);
    client.sink.until("authorize").await;
    client.engine.authorized(client.id(), 1, token.into(), expires_in_ms);
    client
}

macro_rules! with_server {
    ($(async fn $name:ident() $body:block)+) => {$(
        #[test]
        #[cfg_attr(
            not(test_server),
            ignore = "needs the server: `cargo xtask test wasm` starts it. By hand: `cargo run -p envsocket-server -- --listen 127.0.0.1:7421 --faults --allow-origin 'http://127.0.0.1:*'`, and ENVSOCKET_TEST_SERVER=ws://127.0.0.1:7421 for wasm-pack"
        )]
        async fn $name() $body
    )+};
}

with_server! {
    async fn what_is_typed_is_run_by_a_real_shell() {
        let client = environment("typed").await;
        client.send("echo before-$((20+1))\n");
        client.sink.until("open").await;
        client.sink.until_output("before-21").await;
        let bytes = js_sys::Uint8Array::from("echo bytes-$((20+2))\n".as_bytes());
        assert_eq!(client.engine.send(client.id(), bytes.into(), 21.0), 0);
        client.sink.until_output("bytes-22").await;
        assert_eq!((client.engine.status(client.id()), client.engine.ready_state(client.id())), (Some(1), Some(1)));
        delete("typed").await;
    }

    async fn a_cut_link_comes_back_and_the_shell_is_the_same() {
        let client = environment("cut").await;
        client.send("kept=$((40+2)); echo set-$kept\n");
        client.sink.until_status(CONNECTED).await;
        client.sink.until_output("set-42").await;
        request("POST", &[&http(), "/faults/drop"].concat(), None).await;
        let lost = client.sink.until_status(RECONNECTING).await;
        assert_eq!(lost.get(2), "the connection was lost");
        assert_eq!(client.engine.ready_state(client.id()), Some(1), "addons for WebSocket keep up with it");
        client.send("echo kept-$kept\n");
        client.sink.until_status(CONNECTED).await;
        assert_eq!(client.sink.until("gap").await.get(0), 0, "output may have been missed");
        assert_eq!(client.sink.until("gap").await.get(0), 1, "and input lost");
        client.sink.until("open").await;
        client.sink.until_output("kept-42").await;
        delete("cut").await;
    }

    async fn a_cut_link_is_resumed_in_silence_over_envsocket_v1() {
        environment("resumed").await.engine.close_all();
        let client = Client::new(&[SERVER, "/ws/wasm-tests/resumed"].concat());
        let client = client.connect("wasm-tests", "resumed", &numbers(&[(Knob::Protocol, 2.0)]));
        client.send("kept=$((40+2)); echo set-$kept\n");
        client.sink.until("open").await;
        client.sink.until_output("set-42").await;
        request("POST", &[&http(), "/faults/drop"].concat(), None).await;
        client.sink.until_status(RECONNECTING).await;
        client.send("echo kept-$kept\n");
        let (mut output, mut told) = (String::new(), Vec::new());
        while !output.contains("kept-42") {
            let (kind, values) = client.sink.event().await;
            if kind == "message" {
                output.push_str(&String::from_utf8_lossy(&js_sys::Uint8Array::new(&values.get(0)).to_vec()));
            } else {
                told.push(kind);
            }
        }
        assert_eq!(told, ["status"], "nothing was lost, and nothing else is told");
        assert!(!output.contains("set-42"), "nothing is told twice: {output}");
        delete("resumed").await;
    }

    async fn a_question_outlives_a_cut_link_over_envsocket_v1_and_none_of_a_plain_server() {
        for (name, mode, outlives) in [("asked-v1", 2.0, true), ("asked-plain", 0.0, false)] {
            environment(name).await.engine.close_all();
            let client = Client::new(&[SERVER, "/ws/wasm-tests/", name].concat());
            let client = client.connect("wasm-tests", name, &numbers(&[(Knob::Protocol, mode)]));
            client.sink.until("open").await;
            assert_eq!(client.engine.ask(client.id(), f64::INFINITY), 1);
            client.send("read go; echo answer-$((40+2))\n");
            request("POST", &[&http(), "/faults/drop"].concat(), None).await;
            if outlives {
                client.sink.until_status(RECONNECTING).await;
                client.send("go\n");
                client.sink.until_output("answer-42").await;
                assert_eq!(client.engine.question(client.id()), 1, "it still waits");
                client.engine.settle_question(client.id(), 1, false);
            } else {
                let lost = client.sink.until("questionLost").await;
                assert_eq!((lost.get(0), lost.get(1)), (1.into(), 1.into()));
            }
            assert_eq!(client.engine.ask(client.id(), f64::INFINITY), 2);
            delete(name).await;
        }
    }

    async fn an_unknown_environment_fails_with_the_servers_reason() {
        let client = Client::new(&[SERVER, "/ws/nobody/nothing"].concat());
        client.engine.connect_alone(client.sink.sink(), &[]);
        let failed = client.sink.until_status(FAILED).await;
        assert_eq!(failed.get(2), "unknown environment");
        assert_eq!(client.sink.until("close").await.get(0), 4404);
    }

    async fn a_deleted_environment_leaves_the_pool() {
        let client = environment("deleted").await;
        client.engine.set_active("wasm-tests", "deleted").unwrap_throw();
        client.sink.until("open").await;
        delete("deleted").await;
        let closed = client.sink.until("close").await;
        assert_eq!((closed.get(0), closed.get(2)), (4410.into(), true.into()));
        let listed = client.engine.listed("wasm-tests", "deleted").unwrap_throw();
        assert_eq!((client.engine.status(client.id()), listed), (None, u32::MAX));
        assert_eq!(client.engine.listing(), [1, u32::MAX], "none is active");
    }

    async fn a_shell_that_exits_ends_the_connection_and_the_next_one_starts_another() {
        let client = environment("exit").await;
        client.send("exit\n");
        assert_eq!(client.sink.until("close").await.get(0), 1000);
        assert!(client.engine.find(client.id()).is_none(), "the pair is free");
        let again = connect("exit");
        again.send("echo new-$((1+1))\n");
        again.sink.until_output("new-2").await;
        delete("exit").await;
    }

    async fn closing_shakes_hands_and_the_shell_lives_on() {
        let client = environment("closed").await;
        client.send("echo first-$((1+1))\n");
        client.sink.until_output("first-2").await;
        let listed = client.engine.listed("wasm-tests", "closed").unwrap_throw();
        assert_eq!(client.engine.close(listed, Some(3000), "seen enough"), 0);
        assert_eq!(client.engine.status(listed), Some(3), "disconnecting");
        let closed = client.sink.until("close").await;
        assert_eq!((closed.get(0), closed.get(2)), (3000.into(), true.into()));
        connect("closed").sink.until_output("first-2").await;
        delete("closed").await;
    }

    async fn a_listener_may_close_from_within_and_nothing_is_delivered_afterwards() {
        let client = environment("within").await;
        let (inner, id) = (std::rc::Rc::clone(&client.engine), client.id());
        let close = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            inner.close(id, None, "");
        });
        client.sink.set_on_message(close.as_ref());
        client.send("for i in 1 2 3 4 5 6 7 8 9; do echo $i; done\n");
        client.sink.until("message").await;
        let mut after = Vec::new();
        while after.last().is_none_or(|kind| kind != "close") {
            after.push(client.sink.event().await.0);
        }
        assert!(!after.contains(&"message".to_owned()), "{after:?}");
        delete("within").await;
    }

    async fn a_shell_that_echoes_answers_the_heartbeat() {
        let numbers = numbers(&[(Knob::HeartbeatIntervalMs, 20.0), (Knob::HeartbeatTimeoutMs, 2_000.0)]);
        environment("beat").await.engine.close_all();
        let client = Client::new(&[SERVER, "/ws/wasm-tests/beat"].concat()).connect("wasm-tests", "beat", &numbers);
        client.sink.until_output("beat").await;
        assert_eq!(client.engine.status(client.id()), Some(1));
        delete("beat").await;
    }

    async fn a_token_is_renewed_over_the_open_link_and_nothing_of_what_is_typed_is_lost() {
        // It is renewed between one second and a second and a third after it came.
        let client = with_token("renewed", "first", 1_500.0).await;
        client.sink.until("open").await;
        client.send("echo before-$((20+1))\n");
        client.sink.until_output("before-21").await;
        assert_eq!(client.sink.question().await, (1.0, 1.0, false), "for this socket, because it expires");
        client.send("echo between-$((20+2))\n");
        client.engine.authorized(client.id(), 1, "second".into(), f64::NAN);
        client.send("echo after-$((20+3))\n");
        let output = client.sink.until_output("after-23").await;
        assert!(output.contains("between-22"), "{output}");
        client.engine.replace_token(client.id(), "third".into(), f64::NAN).unwrap_throw();
        client.send("echo last-$((20+4))\n");
        client.sink.until_output("last-24").await;
        assert_eq!(client.engine.status(client.id()), Some(1));
        delete("renewed").await;
    }

    async fn a_plain_server_gets_the_token_as_its_first_message() {
        environment("first").await.engine.close_all();
        let client = Client::new(&[SERVER, "/ws/wasm-tests/first"].concat());
        // To a shell everything is typed, which shows it here.
        client.sink.set_token("echo token-$((20+1))\n");
        let client = client.connect("wasm-tests", "first", &numbers(&[(Knob::TokenUse, 3.0)]));
        client.send("echo queued-$((20+2))\n");
        client.sink.until("authorize").await;
        client.engine.authorized(client.id(), 1, "secret".into(), f64::NAN);
        let output = client.sink.until_output("queued-22").await;
        assert!(output.contains("token-21"), "before what was queued: {output}");
        let sent = property(&client.engine.metrics(Some(client.id())), "0");
        assert_eq!(property(&sent, "4"), 1, "it is no message of the application");
        delete("first").await;
    }

    async fn signing_out_says_goodbye_to_the_server_and_keeps_no_token() {
        let client = with_token("signed-out", "first", f64::NAN).await;
        client.sink.until("open").await;
        client.engine.close_all();
        let closed = client.sink.until("close").await;
        assert_eq!((closed.get(0), closed.get(2)), (1005.into(), true.into()));
        let again = connect("signed-out");
        again.sink.until("open").await;
        delete("signed-out").await;
    }
}
