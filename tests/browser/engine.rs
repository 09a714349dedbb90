//! The engine in a browser, where no server is needed: arguments, errors, snapshots, refusals.

use super::support::{
    Calls, Recorder, engine, foreign_buffer, object, object_without_text, property, thrown, transfer,
};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

const NONE: JsValue = JsValue::UNDEFINED;

/// Port 9 is discard's: nobody listens there, and Chromium refuses it without asking.
fn nowhere(more: &[(&str, JsValue)]) -> JsValue {
    let url = ("url", JsValue::from("ws://127.0.0.1:9/{project}/{env}"));
    object(&[&[url], more].concat())
}

#[test]
fn bad_names_are_type_errors_that_name_the_argument() {
    let engine = engine();
    let find = |project: &JsValue, env: &JsValue| engine.find(project, env, &NONE, &NONE).map(|_| ());
    let long = "x".repeat(257);
    for (project, env, message) in [
        ("".into(), "e".into(), "projectName must not be empty"),
        ("p".into(), "".into(), "envId must not be empty"),
        ("p".into(), "a\u{0}".into(), "envId must not contain control characters"),
        (JsValue::from(&long), "e".into(), "projectName must not be longer than 256 bytes of UTF-8"),
        ("p".into(), JsValue::from(5), "envId must be a string"),
        (JsValue::NULL, "e".into(), "projectName must be a string"),
        ("..".into(), "e".into(), "projectName must not be \".\" or \"..\": URLs cannot carry them"),
    ] {
        assert_eq!(thrown(find(&project, &env)), ("TypeError".into(), message.into()));
    }
    assert_eq!(
        property(&engine.snapshot().unwrap_throw(), "connections").unchecked_into::<Array>().length(),
        0
    );
}

#[test]
fn half_a_surrogate_pair_is_no_name() {
    let half: JsValue = js_sys::JsString::from_char_code1(0xd800).into();
    let refused = thrown(engine().pair_status(&"p".into(), &half));
    assert_eq!(refused.1, "envId must not contain half a surrogate pair");
}

#[test]
fn bad_tokens_and_options_are_type_errors_that_name_them() {
    let engine = engine();
    let refused = |token: JsValue, options: JsValue| {
        let (name, message) = thrown(engine.find(&"p".into(), &"e".into(), &token, &options));
        assert_eq!(name, "TypeError");
        message
    };
    assert_eq!(refused(7.into(), NONE), "token must be a string");
    assert_eq!(refused(NONE, 7.into()), "options must be an object");
    for (option, value, message) in [
        ("connectTimeoutMs", 0.into(), "options.connectTimeoutMs must be a finite number, 1 or more"),
        (
            "reconnectTimeoutMs",
            f64::INFINITY.into(),
            "options.reconnectTimeoutMs must be a finite number, 1 or more",
        ),
        ("maxRetries", (-1).into(), "options.maxRetries must be a number, 0 or more"),
        ("maxQueuedBytes", "1".into(), "options.maxQueuedBytes must be a number, 0 or more"),
        ("backoff", 3.into(), "options.backoff must be an object"),
        ("backoff", object(&[("factor", 0.5.into())]), "options.backoff.factor must be a number, 1 or more"),
        ("binaryType", "text".into(), "options.binaryType must be 'blob' or 'arraybuffer'"),
        ("url", 5.into(), "options.url must be a string"),
        ("protocols", 5.into(), "protocols must be a string or an array of strings"),
    ] {
        assert_eq!(refused(NONE, object(&[(option, value)])), message);
    }
}

#[test]
fn a_url_that_is_none_is_a_syntax_error_that_shows_it() {
    let engine = engine();
    engine.connect(Recorder::new().sink(), &"known".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    for (url, must) in [
        ("ftp://host/", "must be a ws, wss, http or https URL: ftp://host/"),
        ("ws://host/#part", "must not have a fragment: ws://host/#part"),
        ("ws://host:port/", "is no URL that a page could resolve: ws://host:port/"),
    ] {
        let options = object(&[("url", url.into())]);
        let refused = engine.connect(Recorder::new().sink(), &"p".into(), &"e".into(), &options);
        assert_eq!(thrown(refused), ("SyntaxError".into(), ["options.url ", must].concat()));
        let refused = engine.find(&"known".into(), &"e".into(), &NONE, &options);
        assert_eq!(thrown(refused), ("SyntaxError".into(), ["options.url ", must].concat()));
        let refused = thrown(engine.connect_alone(Recorder::new().sink(), url, &NONE, &NONE));
        assert_eq!(refused, ("SyntaxError".into(), ["url ", must].concat()));
    }
}

#[test]
fn subprotocols_are_checked_as_the_platform_checks_them() {
    let engine = engine();
    for (protocols, message) in [
        (JsValue::from("a b"), "protocols must be names without spaces and separators"),
        (Array::of2(&"a".into(), &"a".into()).into(), "protocols must not name one twice"),
    ] {
        let refused = engine.connect_alone(Recorder::new().sink(), "ws://127.0.0.1:9/", &protocols, &NONE);
        assert_eq!(thrown(refused), ("SyntaxError".into(), message.into()));
    }
}

#[test]
async fn urls_are_made_from_the_page_the_template_and_the_encoded_names() {
    let (engine, sink) = (engine(), Recorder::new());
    let origin = property(&property(&js_sys::global(), "location"), "host").as_string().unwrap_throw();
    engine.connect(sink.sink(), &"org/repo".into(), &"日".into(), &NONE).unwrap_throw();
    let id = sink.id();
    assert_eq!(engine.url(id), Some(["ws://", &origin, "/ws/org%2Frepo/%E6%97%A5"].concat()));
    engine.close(id, None, "").unwrap_throw();
    sink.until("close").await;
}

#[test]
async fn a_refused_connection_without_retries_fails_as_the_platforms_does() {
    let (engine, sink) = (engine(), Recorder::new());
    let options = nowhere(&[("maxRetries", 0.into())]);
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &options).unwrap_throw();
    let id = sink.id();
    assert_eq!(sink.event().await.0, "status", "disconnected to connecting");
    let (kind, status) = sink.event().await;
    assert_eq!((kind.as_str(), status.get(0)), ("status", 5.into()));
    assert_eq!(sink.event().await.0, "error");
    let (kind, close) = sink.event().await;
    assert_eq!((kind.as_str(), close.get(0), close.get(2)), ("close", 1006.into(), false.into()));
    assert_eq!((engine.status(id), engine.ready_state(id)), (Some(5), Some(3)));
    let found = engine.find(&"p".into(), &"e".into(), &NONE, &options).unwrap_throw();
    assert!(found.is_some(), "a failed connection is returned as it is");
}

#[test]
async fn a_refused_connection_is_retried_in_silence() {
    let (engine, changes, sink) = (engine(), Calls::new(), Recorder::new());
    engine.subscribe(changes.callback.clone());
    let quick = object(&[("baseMs", 1.into()), ("capMs", 1.into())]);
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[("backoff", quick)])).unwrap_throw();
    let id = sink.id();
    changes.reach(9).await;
    assert_eq!(engine.status(id), Some(0), "still connecting");
    engine.close(id, None, "").unwrap_throw();
    sink.until_status(3.0).await;
    sink.until("close").await;
    assert_eq!(engine.status(id), None, "released");
}

#[test]
async fn closing_before_the_open_ends_in_one_close_event() {
    let (engine, sink) = (engine(), Recorder::new());
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    let id = sink.id();
    engine.close(id, Some(1000), "bye").unwrap_throw();
    assert_eq!(engine.ready_state(id), Some(2));
    assert_eq!(sink.until("close").await.get(0), 1006);
    assert_eq!(engine.pair_status(&"p".into(), &"e".into()).unwrap_throw(), 4);
}

#[test]
fn a_snapshot_is_frozen_to_the_leaves_and_says_all_of_the_contract() {
    let engine = engine();
    let (project, env) = ("p".into(), "e".into());
    engine.set_active(&project, &env).unwrap_throw();
    engine.connect(Recorder::new().sink(), &project, &env, &nowhere(&[])).unwrap_throw();
    let snapshot = engine.snapshot().unwrap_throw();
    let connections: Array = property(&snapshot, "connections").unchecked_into();
    let first = connections.get(0);
    for frozen in [&snapshot, connections.as_ref(), &first, &property(&snapshot, "degraded")] {
        assert!(Object::is_frozen(frozen.unchecked_ref::<Object>()));
    }
    assert!(Object::is(&property(&snapshot, "active"), &first), "one object, not two");
    for (name, value) in [
        ("projectName", "p".into()),
        ("envId", "e".into()),
        ("label", "p-e".into()),
        ("status", "connecting".into()),
        ("isActive", true.into()),
        ("reason", "connecting".into()),
        ("attempt", 1.into()),
        ("nextAttemptAt", JsValue::NULL),
        ("connectedAt", JsValue::NULL),
        ("protocol", JsValue::NULL),
    ] {
        assert_eq!(property(&first, name), value, "{name}");
    }
    assert_eq!(property(&snapshot, "sharing"), "tab");
    assert_eq!(property(&snapshot, "online"), true);
}

#[test]
async fn a_poll_calls_back_regularly_and_at_once_on_a_change() {
    let (engine, quick, slow) = (engine(), Calls::new(), Calls::new());
    engine.poll(quick.callback.clone(), &5.into()).unwrap_throw();
    engine.poll(slow.callback.clone(), &3_600_000.into()).unwrap_throw();
    quick.reach(3).await;
    assert_eq!(slow.count(), 0.0, "an hour has not passed");
    engine.connect(Recorder::new().sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    assert_eq!(slow.count(), 1.0, "a change is told at once");
}

#[test]
fn a_bad_interval_is_refused_by_name() {
    let refused = thrown(engine().poll(Calls::new().callback, &0.into()));
    assert_eq!(refused, ("TypeError".into(), "intervalMs must be a finite number, 1 or more".into()));
}

#[test]
fn who_has_unsubscribed_is_not_called_again() {
    let (engine, calls) = (engine(), Calls::new());
    let id = engine.subscribe(calls.callback.clone());
    engine.unsubscribe(id);
    engine.connect(Recorder::new().sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    assert_eq!(calls.count(), 0.0);
}

#[test]
fn what_waits_is_counted_in_bytes_and_copied_at_send() {
    let engine = engine();
    let sink = Recorder::new();
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    let id = sink.id();
    engine.send(id, "日本".into()).unwrap_throw();
    assert_eq!(engine.buffered_amount(id), 6.0);
    let bytes = js_sys::Uint8Array::new_with_length(10);
    engine.send(id, bytes.subarray(2, 6).into()).unwrap_throw();
    assert_eq!(engine.buffered_amount(id), 10.0);
    engine.send(id, 42.into()).unwrap_throw();
    assert_eq!(engine.buffered_amount(id), 12.0, "a number is sent as text");
    let (name, message) = thrown(engine.send(id, js_sys::ArrayBuffer::new(1 << 20).into()));
    assert_eq!(name, "QuotaExceededError");
    assert!(message.contains("maxQueuedBytes"), "{message}");
    assert_eq!(engine.buffered_amount(id), 12.0, "what was refused was not queued");
}

#[test]
async fn after_the_close_send_throws_and_a_bad_code_still_does() {
    let (engine, sink) = (engine(), Recorder::new());
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    let id = sink.id();
    engine.close(id, None, "").unwrap_throw();
    assert_eq!(thrown(engine.send(id, "late".into())).0, "InvalidStateError");
    sink.until("close").await;
    assert_eq!(thrown(engine.send(id, "late".into())).0, "InvalidStateError");
    assert_eq!(thrown(engine.close(id, Some(1001), "")).0, "InvalidAccessError");
    assert_eq!(thrown(engine.close(id, Some(1000), &"x".repeat(124))).0, "SyntaxError");
}

#[test]
async fn a_buffer_that_was_transferred_away_is_sent_as_nothing_and_harms_nobody() {
    let (engine, sink) = (engine(), Recorder::new());
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    let buffer = js_sys::ArrayBuffer::new(8);
    let view = js_sys::Uint8Array::new(&buffer);
    transfer(&buffer);
    engine.send(sink.id(), buffer.into()).unwrap_throw();
    engine.send(sink.id(), view.into()).unwrap_throw();
    assert_eq!(engine.buffered_amount(sink.id()), 0.0);
    engine.send(sink.id(), "still".into()).unwrap_throw();
    assert_eq!(engine.buffered_amount(sink.id()), 5.0);
}

#[test]
fn a_buffer_of_another_frame_is_a_buffer() {
    let (engine, sink) = (engine(), Recorder::new());
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    engine.send(sink.id(), foreign_buffer(8)).unwrap_throw();
    assert_eq!(engine.buffered_amount(sink.id()), 8.0);
}

#[test]
fn what_cannot_be_text_is_refused_with_the_platforms_error_and_harms_nobody() {
    let (engine, sink) = (engine(), Recorder::new());
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &nowhere(&[])).unwrap_throw();
    let refused = engine.send(sink.id(), object_without_text());
    assert_eq!(thrown(refused).0, "TypeError");
    assert_eq!(engine.status(sink.id()), Some(0));
}

#[test]
fn a_manager_is_not_configured_with_a_url_that_is_none() {
    let engine = engine();
    for url in ["ftp://host/", "ws://host:port/"] {
        let refused = thrown(engine.configure(&object(&[("url", url.into())])));
        assert_eq!(refused.0, "SyntaxError");
    }
    let url = object(&[("url", "ws://127.0.0.1:9/{env}?project={project}".into())]);
    engine.configure(&url).unwrap_throw();
    let sink = Recorder::new();
    engine.connect(sink.sink(), &"p".into(), &"e".into(), &NONE).unwrap_throw();
    assert_eq!(engine.url(sink.id()).as_deref(), Some("ws://127.0.0.1:9/e?project=p"));
}
