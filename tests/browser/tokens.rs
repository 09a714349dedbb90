//! Tokens in a browser, where no server is needed: who is asked, what is answered, and what must not be seen.

use std::rc::Rc;

use super::support::{Calls, Client, array, engine, numbers, property, thrown};
use envsocket::browser::Engine;
use envsocket::core::options::Knob;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Port 9 is discard's: nobody listens there, and browsers refuse it without asking.
const NOWHERE: &str = "ws://127.0.0.1:9/";

const CONNECTING: u8 = 0;
const FAILED: u8 = 5;

/// Options with a token for `envsocket.v1`, and a backoff that outlasts the test.
fn with_token() -> Vec<f64> {
    numbers(&[
        (Knob::TokenUse, 1.0),
        (Knob::Protocol, 1.0),
        (Knob::BackoffBaseMs, 1e6),
        (Knob::BackoffCapMs, 1e6),
    ])
}

/// A connection that has asked for its first token.
async fn asking() -> Client {
    let client = Client::new(NOWHERE).connect("p", "e", &with_token());
    assert_eq!(client.sink.question().await, (1.0, 0.0, false), "the first attempt, and its first token");
    client
}

/// Why it is not connected.
fn reason(engine: &Engine, id: u32) -> JsValue {
    array(engine.row(id)).get(3)
}

fn states(engine: &Engine) -> Vec<String> {
    let log = array(engine.log("p", "e").unwrap_throw());
    log.iter().map(|entry| Array::from(&entry).get(2).as_string().unwrap_throw()).collect()
}

#[test]
async fn the_attempt_goes_on_once_there_is_a_token() {
    let client = asking().await;
    assert_eq!(states(&client.engine), ["locating", "authorizing"]);
    client.engine.authorized(client.id(), 1, "good".into(), f64::NAN);
    assert_eq!(states(&client.engine), ["locating", "authorizing", "queued", "opening"]);
}

#[test]
async fn the_answer_to_an_older_question_changes_nothing() {
    let client = asking().await;
    client.engine.reconnect(client.id());
    client.engine.authorized(client.id(), 1, "old".into(), f64::NAN);
    assert_eq!(states(&client.engine), ["locating", "authorizing", "locating", "authorizing"]);
    assert_eq!(client.sink.question().await, (2.0, 0.0, false));
    client.engine.authorized(client.id(), 2, "new".into(), f64::NAN);
    assert_eq!(states(&client.engine).last().map(String::as_str), Some("opening"));
}

#[test]
async fn without_a_token_it_backs_off_or_fails_for_good_in_the_next_turn() {
    for (is_final, status) in [(false, CONNECTING), (true, FAILED)] {
        let (client, changes) = (asking().await, Calls::new());
        client.engine.subscribe(changes.callback.clone());
        client.engine.unauthorized(client.id(), 1, "the vault is shut".into(), is_final);
        assert_eq!(reason(&client.engine, client.id()), "connecting", "not before the caller can listen");
        changes.reach(1).await;
        assert_eq!(client.engine.status(client.id()), Some(status));
        assert_eq!(reason(&client.engine, client.id()), "the vault is shut");
    }
}

#[test]
async fn what_can_be_no_token_is_named_and_not_shown() {
    let long = "x".repeat(8_193);
    for text in ["", &*long] {
        let client = asking().await;
        let refused = thrown(client.engine.replace_token(client.id(), text.into(), f64::NAN));
        assert_eq!(refused, ("TypeError".into(), "token must be a text of 1 to 8192 bytes".into()));
        assert_eq!(states(&client.engine).last().map(String::as_str), Some("authorizing"), "it still waits");
        client.engine.authorized(client.id(), 1, text.into(), f64::NAN);
        assert_eq!(reason(&client.engine, client.id()), "token must be a text of 1 to 8192 bytes");
        assert_eq!(client.engine.status(client.id()), Some(CONNECTING), "the next one may be better");
    }
}

#[test]
async fn another_token_takes_the_place_of_the_one_that_is_waited_for() {
    let client = asking().await;
    client.engine.replace_token(client.id(), "x".repeat(8_192), 60_000.0).unwrap_throw();
    assert_eq!(states(&client.engine).last().map(String::as_str), Some("opening"));
    client.engine.close(client.id(), None, "");
    client.sink.until("close").await;
    client.engine.replace_token(client.id(), "late".into(), f64::NAN).unwrap_throw();
}

#[test]
async fn signing_out_closes_all_and_asks_for_nothing() {
    let engine = Rc::new(engine());
    let clients = ["a", "b"].map(|env| Client::of(&engine, NOWHERE).connect("p", env, &with_token()));
    for client in &clients {
        client.sink.until("authorize").await;
    }
    engine.authorized(clients[0].id(), 1, "good".into(), 60_000.0);
    engine.close_all();
    for client in &clients {
        client.sink.until("close").await;
        engine.authorized(client.id(), 1, "late".into(), f64::NAN);
    }
    let resources = array(engine.resources());
    assert!(resources.iter().all(|held| held == 0), "{resources:?}");
    assert_eq!(engine.listing().len(), 2, "nobody is left");
}

#[test]
async fn nobody_is_asked_for_a_token_of_what_was_closed_meanwhile() {
    let client = Client::new(NOWHERE);
    let (inner, sink) = (Rc::clone(&client.engine), JsValue::clone(client.sink.as_ref()));
    // The question follows from the answer, and is put when this has returned.
    let locate = Closure::<dyn FnMut(u32)>::new(move |generation| {
        let id = property(&sink, "id").as_f64().unwrap_throw() as u32;
        inner.located(id, generation, "origin".into(), "destination".into());
        inner.close_all();
    });
    Reflect::set(client.sink.as_ref(), &"onLocate".into(), &locate.into_js_value()).unwrap_throw();
    let client = client.connect("p", "e", &with_token());
    let mut told = Vec::new();
    while told.last().is_none_or(|kind| kind != "close") {
        told.push(client.sink.event().await.0);
    }
    assert_eq!(states(&client.engine), ["locating", "authorizing", "closing", "ended"]);
    assert!(!told.contains(&"authorize".to_owned()), "{told:?}");
}

#[test]
async fn a_judge_that_answers_with_a_promise_leaves_it_to_the_code() {
    let client = Client::new(NOWHERE);
    // It may become whatever it likes: nobody waits for it.
    client.sink.set_verdict(&Promise::resolve(&JsValue::FALSE));
    let quick = numbers(&[(Knob::Asks, 1.0), (Knob::BackoffBaseMs, 1.0), (Knob::BackoffCapMs, 1.0)]);
    let client = client.connect("p", "e", &quick);
    for _ in 0..3 {
        assert_eq!(client.sink.until("judge").await.get(0), 1006);
    }
    client.sink.set_verdict(&JsValue::FALSE);
    client.sink.until("close").await;
    assert_eq!(client.engine.status(client.id()), Some(FAILED));
}
