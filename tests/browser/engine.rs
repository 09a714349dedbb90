//! The engine in a browser, where no server is needed: names, refusals, reports.

use std::rc::Rc;

use super::support::{
    Calls, Client, Recorder, Thrower, array, engine, engine_with_reports, numbers, property, thrown,
};
use envsocket::browser::Engine;
use envsocket::core::options::Knob;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Port 9 is discard's: nobody listens there, and browsers refuse it without asking.
const NOWHERE: &str = "ws://127.0.0.1:9/";

const CONNECTING: u8 = 0;
const DISCONNECTING: u8 = 3;
const FAILED: u8 = 5;

fn row(engine: &Engine, id: u32) -> Array {
    array(engine.row(id))
}

/// `[sockets, timers, closures, callbacks, retainedBytes]`
fn held(engine: &Engine) -> [f64; 5] {
    let resources = array(engine.resources());
    [0, 1, 2, 3, 4].map(|at| resources.get(at).as_f64().expect("a number"))
}

#[test]
fn bad_names_are_type_errors_that_name_the_argument() {
    let engine = engine();
    let long = "x".repeat(257);
    for (project, env, message) in [
        ("", "e", "projectName must not be empty"),
        ("p", "", "envId must not be empty"),
        ("p", "a\u{0}", "envId must not contain control characters"),
        (&*long, "e", "projectName must not be longer than 256 bytes of UTF-8"),
        ("..", "e", "projectName must not be \".\" or \"..\": URLs cannot carry them"),
    ] {
        let refused = thrown(engine.listed(project, env));
        assert_eq!(refused, ("TypeError".into(), message.into()));
        let refused = thrown(engine.connect(Recorder::new().sink(), project, env, &[]));
        assert_eq!(refused.1, message);
    }
    assert_eq!(thrown(engine.close_project("")).1, "projectName must not be empty");
    assert_eq!(engine.listing().len(), 2, "nothing was made");
}

#[test]
async fn a_refused_connection_without_retries_fails_as_the_platforms_does() {
    let client = Client::new(NOWHERE).connect("p", "e", &numbers(&[(Knob::MaxRetries, 0.0)]));
    let (engine, sink) = (&client.engine, &client.sink);
    assert_eq!(sink.event().await.0, "status", "disconnected to connecting");
    let (kind, status) = sink.event().await;
    assert_eq!((kind.as_str(), status.get(0)), ("status", FAILED.into()));
    assert_eq!(sink.event().await.0, "error");
    let (kind, close) = sink.event().await;
    assert_eq!((kind.as_str(), close.get(0), close.get(2)), ("close", 1006.into(), false.into()));
    assert_eq!((engine.status(client.id()), engine.ready_state(client.id())), (Some(FAILED), Some(3)));
    assert!(engine.find(client.id()).is_some(), "a failed connection is returned as it is");
}

#[test]
async fn a_refused_connection_is_retried_in_silence() {
    let (engine, changes) = (Rc::new(engine()), Calls::new());
    engine.subscribe(changes.callback.clone());
    let quick = numbers(&[(Knob::BackoffBaseMs, 1.0), (Knob::BackoffCapMs, 1.0)]);
    let client = Client::of(&engine, NOWHERE).connect("p", "e", &quick);
    changes.reach(9).await;
    assert_eq!(engine.status(client.id()), Some(CONNECTING));
    engine.close(client.id(), None, "");
    client.sink.until_status(f64::from(DISCONNECTING)).await;
    client.sink.until("close").await;
    assert_eq!(engine.status(client.id()), None, "released");
}

#[test]
async fn closing_before_the_open_ends_in_one_close_event() {
    let client = Client::new(NOWHERE).connect("p", "e", &[]);
    assert_eq!(client.engine.close(client.id(), Some(1000), "bye"), 0);
    assert_eq!(client.engine.ready_state(client.id()), Some(2));
    assert_eq!(client.sink.until("close").await.get(0), 1006);
    assert_eq!(client.engine.listed("p", "e").unwrap_throw(), u32::MAX);
}

#[test]
async fn an_attempt_without_an_address_backs_off_or_fails_for_good() {
    for (is_final, status) in [(false, CONNECTING), (true, FAILED)] {
        let (engine, sink, changes) = (Rc::new(engine()), Recorder::new(), Calls::new());
        engine.subscribe(changes.callback.clone());
        let (to, recorder) = (Rc::clone(&engine), JsValue::clone(sink.as_ref()));
        let locate = Closure::<dyn FnMut(u32)>::new(move |generation| {
            let id = property(&recorder, "id").as_f64().unwrap_throw() as u32;
            to.unlocated(id, generation, "the vault is shut".into(), is_final);
        });
        js_sys::Reflect::set(sink.as_ref(), &"onLocate".into(), &locate.into_js_value()).unwrap_throw();
        engine
            .connect(
                sink.sink(),
                "p",
                "e",
                &numbers(&[(Knob::BackoffBaseMs, 1e6), (Knob::BackoffCapMs, 1e6)]),
            )
            .unwrap_throw();
        changes.reach(2).await;
        assert_eq!(engine.status(sink.id()), Some(status));
        assert_eq!(row(&engine, sink.id()).get(3), "the vault is shut");
    }
}

#[test]
fn a_row_says_what_a_snapshot_shows_and_the_listing_who_is_active() {
    let engine = Rc::new(engine());
    engine.set_active("p", "e").unwrap_throw();
    let client = Client::of(&engine, NOWHERE).connect("p", "e", &[]);
    let listing = engine.listing();
    assert_eq!(listing[..3], [1, client.id(), client.id()]);
    let values: Vec<JsValue> = row(&engine, client.id()).iter().collect();
    let null = JsValue::NULL;
    let expected = [
        "p".into(),
        "e".into(),
        CONNECTING.into(),
        "connecting".into(),
        1.into(),
        null.clone(),
        null.clone(),
        null,
    ];
    assert_eq!(values, expected);
    assert!(engine.row(77).is_undefined());
}

#[test]
async fn another_revision_is_another_row() {
    let client = Client::new(NOWHERE).connect("p", "e", &numbers(&[(Knob::MaxRetries, 0.0)]));
    let before = client.engine.listing()[3];
    client.sink.until("close").await;
    assert_ne!(client.engine.listing()[3], before);
    assert_eq!(client.engine.listing()[3], client.engine.listing()[3]);
}

#[test]
async fn a_poll_calls_back_regularly_and_at_once_on_a_change() {
    let (engine, quick, slow) = (Rc::new(engine()), Calls::new(), Calls::new());
    engine.poll(quick.callback.clone(), 5.0);
    engine.poll(slow.callback.clone(), 3_600_000.0);
    quick.reach(3).await;
    assert_eq!(slow.count(), 0.0, "an hour has not passed");
    Client::of(&engine, NOWHERE).connect("p", "e", &[]);
    assert_eq!(slow.count(), 1.0, "a change is told at once");
}

#[test]
fn who_has_unsubscribed_is_not_called_again() {
    let (engine, calls) = (Rc::new(engine()), Calls::new());
    let id = engine.subscribe(calls.callback.clone());
    engine.unsubscribe(id);
    Client::of(&engine, NOWHERE).connect("p", "e", &[]);
    assert_eq!(calls.count(), 0.0);
}

#[test]
fn what_waits_is_counted_in_bytes_and_can_be_taken_back() {
    let client = Client::new(NOWHERE).connect("p", "e", &[]);
    let (engine, id) = (&client.engine, client.id());
    client.send("\u{65e5}\u{672c}");
    assert_eq!(engine.buffered_amount(id), 6.0);
    let bytes = js_sys::Uint8Array::from(&[1, 2, 3][..]);
    assert_eq!(engine.send(id, bytes.into(), 3.0), 0);
    let too_large = engine.send(id, js_sys::Uint8Array::new_with_length(1 << 20).into(), f64::from(1 << 20));
    assert_eq!(too_large, 2, "the queue is full");
    assert_eq!(engine.buffered_amount(id), 9.0, "what was refused was not queued");
    assert_eq!(held(engine)[4], 9.0);
    let taken = engine.drain(id);
    assert_eq!(taken[0], "\u{65e5}\u{672c}");
    assert_eq!(js_sys::Uint8Array::new(&taken[1]).to_vec(), [1, 2, 3]);
    assert_eq!(engine.buffered_amount(id), 0.0);
}

#[test]
async fn what_was_never_sent_is_handed_back_at_the_end() {
    let client = Client::new(NOWHERE).connect("p", "e", &numbers(&[(Knob::MaxRetries, 0.0)]));
    client.send("kept");
    let discarded = client.sink.until("discarded").await;
    let payloads: Array = discarded.get(0).unchecked_into();
    assert_eq!((payloads.get(0), discarded.get(1), discarded.get(3)), ("kept".into(), 4.into(), true.into()));
    assert_eq!(client.sink.event().await.0, "error", "before the end is told");
}

#[test]
async fn after_the_close_nothing_is_taken_and_a_bad_code_is_still_refused() {
    let client = Client::new(NOWHERE).connect("p", "e", &[]);
    let (engine, id) = (&client.engine, client.id());
    engine.close(id, None, "");
    assert_eq!(engine.send(id, "late".into(), 4.0), 1);
    client.sink.until("close").await;
    assert_eq!(engine.send(id, "late".into(), 4.0), 1);
    assert_eq!(engine.close(id, Some(1001), ""), 1);
    assert_eq!(engine.close(id, Some(1000), &"x".repeat(124)), 2);
    assert_eq!(engine.reconnect(id), 1, "it has left the pool");
}

#[test]
async fn nothing_is_held_once_all_is_closed() {
    let engine = Rc::new(engine());
    let clients = ["a", "b", "c"].map(|env| Client::of(&engine, NOWHERE).connect("p", env, &[]));
    assert!(held(&engine)[..3].iter().all(|held| *held > 0.0), "{:?}", held(&engine));
    engine.close_all();
    for client in clients {
        client.sink.until("close").await;
    }
    assert_eq!(held(&engine), [0.0; 5]);
}

/// What the facade answers where it does not throw.
fn spared(engine: &Rc<Engine>, id: u32) -> JsValue {
    let (spared, to) = (js_sys::Object::new(), Rc::clone(engine));
    let locate = Closure::<dyn FnMut(u32)>::new(move |generation| {
        to.located(id, generation, "origin".into(), "destination".into());
    });
    let refused = Closure::<dyn FnMut(u32) -> JsValue>::new(|_| "no socket today".into());
    for (name, function) in [("locate", locate.into_js_value()), ("connect", refused.into_js_value())] {
        js_sys::Reflect::set(&spared, &name.into(), &function).unwrap_throw();
    }
    spared.into()
}

#[test]
async fn what_a_sink_throws_is_reported_and_wedges_nothing() {
    let (engine, reports) = engine_with_reports();
    let engine = Rc::new(engine);
    // Ids count from 0.
    for (at, spared) in [JsValue::UNDEFINED, spared(&engine, 1)].iter().enumerate() {
        let thrower = Thrower::new(spared);
        let sink = JsValue::clone(thrower.as_ref()).unchecked_into();
        engine.connect(sink, "thrower", &at.to_string(), &[]).unwrap_throw();
        engine.send(thrower.id(), "unsent".into(), 6.0);
    }
    let client = Client::of(&engine, NOWHERE).connect("p", "e", &numbers(&[(Knob::MaxRetries, 0.0)]));
    assert_eq!(client.sink.until("close").await.get(0), 1006, "others are told what happens to them");
    engine.close_all();
    let changes = Calls::new();
    let id = engine.subscribe(changes.callback.clone());
    while engine.listing().len() > 2 {
        changes.reach(changes.count() as u32 + 1).await;
    }
    engine.unsubscribe(id);
    assert_eq!(held(&engine), [0.0; 5]);
    let mut told: Vec<_> = reports.iter().filter_map(|name| name.as_string()).collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told, ["closed", "discarded", "failed", "locate", "statusChanged"]);
}

#[test]
async fn attempts_are_counted_and_logged_and_outlive_their_connection_in_the_totals() {
    let client = Client::new(NOWHERE).connect("p", "e", &numbers(&[(Knob::MaxRetries, 0.0)]));
    client.sink.until("close").await;
    let log = array(client.engine.log("p", "e").unwrap_throw());
    let states: Vec<_> =
        log.iter().map(|entry| Array::from(&entry).get(2).as_string().unwrap_throw()).collect();
    assert_eq!(states, ["locating", "queued", "opening", "failed"]);
    let failures = |metrics: JsValue| {
        let (counts, failures) = (Array::from(&Array::from(&metrics).get(0)), Array::from(&metrics).get(2));
        (counts.get(0), Array::from(&Array::from(&failures).get(0)).get(0))
    };
    let counted = (1.into(), "the server cannot be reached".into());
    assert_eq!(failures(client.engine.metrics(Some(client.id()))), counted);
    client.engine.close(client.id(), None, "");
    assert!(client.engine.metrics(Some(client.id())).is_undefined());
    assert_eq!(failures(client.engine.metrics(None)), counted);
}
