//! The engine in a browser against the real server: shells, cuts, refusals, ends.

use super::support::{Recorder, engine, object, property, request};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Where the server is, as `ws://host:port`.
const SERVER: &str = match option_env!("ENVSOCKET_TEST_SERVER") {
    Some(address) => address,
    None => "",
};

const NONE: JsValue = JsValue::UNDEFINED;
const CONNECTED: f64 = 1.0;
const RECONNECTING: f64 = 2.0;
const FAILED: f64 = 5.0;

fn http() -> String {
    SERVER.replace("ws://", "http://")
}

/// An environment of the test's own, and the options that lead there.
async fn environment(name: &str) -> (JsValue, JsValue, JsValue) {
    let environments = [&http(), "/api/projects/wasm-tests/environments"].concat();
    request("POST", &environments, Some(&["{\"id\":\"", name, "\"}"].concat())).await;
    let url = [SERVER, "/ws/{project}/{env}"].concat();
    let options = object(&[("url", url.into()), ("binaryType", "arraybuffer".into())]);
    ("wasm-tests".into(), name.into(), options)
}

async fn delete(name: &str) {
    request("DELETE", &[&http(), "/api/projects/wasm-tests/environments/", name].concat(), None).await;
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
        let (project, env, options) = environment("typed").await;
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        engine.send(id, "echo before-$((20+1))\n".into()).unwrap_throw();
        sink.until("open").await;
        sink.until_output("before-21").await;
        engine.send(id, js_sys::Uint8Array::from("echo bytes-$((20+2))\n".as_bytes()).into()).unwrap_throw();
        sink.until_output("bytes-22").await;
        assert_eq!((engine.status(id), engine.ready_state(id)), (Some(1), Some(1)));
        delete("typed").await;
    }

    async fn a_cut_link_comes_back_and_the_shell_is_the_same() {
        let (project, env, options) = environment("cut").await;
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        engine.send(id, "kept=$((40+2)); echo set-$kept\n".into()).unwrap_throw();
        sink.until_status(CONNECTED).await;
        sink.until_output("set-42").await;
        request("POST", &[&http(), "/faults/drop"].concat(), None).await;
        let lost = sink.until_status(RECONNECTING).await;
        assert_eq!(lost.get(2), "the connection was lost");
        assert_eq!(engine.ready_state(id), Some(1), "addons for WebSocket keep up with it");
        engine.send(id, "echo kept-$kept\n".into()).unwrap_throw();
        sink.until_status(CONNECTED).await;
        sink.until("open").await;
        sink.until_output("kept-42").await;
        delete("cut").await;
    }

    async fn an_unknown_environment_fails_with_the_servers_reason() {
        let url = [SERVER, "/ws/nobody/nothing"].concat();
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect_alone(sink.sink(), &url, &NONE, &NONE).unwrap_throw();
        let failed = sink.until_status(FAILED).await;
        assert_eq!(failed.get(2), "unknown environment");
        assert_eq!(sink.until("close").await.get(0), 4404);
    }

    async fn a_deleted_environment_leaves_the_pool() {
        let (project, env, options) = environment("deleted").await;
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        engine.set_active(&project, &env).unwrap_throw();
        sink.until("open").await;
        delete("deleted").await;
        let closed = sink.until("close").await;
        assert_eq!((closed.get(0), closed.get(2)), (4410.into(), true.into()));
        assert_eq!((engine.status(id), engine.pair_status(&project, &env).unwrap_throw()), (None, 4));
        assert!(property(&engine.snapshot().unwrap_throw(), "active").is_null());
    }

    async fn a_shell_that_exits_ends_the_connection_and_the_next_one_starts_another() {
        let (project, env, options) = environment("exit").await;
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        engine.send(id, "exit\n".into()).unwrap_throw();
        assert_eq!(sink.until("close").await.get(0), 1000);
        let found = engine.find(&project, &env, &NONE, &options).unwrap_throw();
        assert!(found.is_none(), "the pair is free");
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let again = sink.id();
        engine.send(again, "echo new-$((1+1))\n".into()).unwrap_throw();
        sink.until_output("new-2").await;
        delete("exit").await;
    }

    async fn closing_shakes_hands_and_the_shell_lives_on() {
        let (project, env, options) = environment("closed").await;
        let (engine, sink) = (engine(), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        engine.send(id, "echo first-$((1+1))\n".into()).unwrap_throw();
        sink.until_output("first-2").await;
        engine.close_pair(&project, &env, Some(3000), "seen enough").unwrap_throw();
        assert_eq!(engine.pair_status(&project, &env).unwrap_throw(), 3, "disconnecting");
        let closed = sink.until("close").await;
        assert_eq!((closed.get(0), closed.get(2)), (3000.into(), true.into()));
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
        sink.until_output("first-2").await;
        delete("closed").await;
    }

    async fn a_listener_may_close_from_within_and_nothing_is_delivered_afterwards() {
        let (project, env, options) = environment("within").await;
        let (engine, sink) = (std::rc::Rc::new(engine()), Recorder::new());
        engine.connect(sink.sink(), &project, &env, &options).unwrap_throw();
    let id = sink.id();
        let inner = std::rc::Rc::clone(&engine);
        let close = Closure::<dyn FnMut(JsValue)>::new(move |_| inner.close(id, None, "").unwrap_throw());
        sink.set_on_message(close.as_ref());
        engine.send(id, "for i in 1 2 3 4 5 6 7 8 9; do echo $i; done\n".into()).unwrap_throw();
        sink.until("message").await;
        let mut after = Vec::new();
        while after.last().is_none_or(|kind| kind != "close") {
            after.push(sink.event().await.0);
        }
        assert!(!after.contains(&"message".to_owned()), "{after:?}");
        delete("within").await;
    }
}
