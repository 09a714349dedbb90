//! Questions in a browser, where no server is needed: who is let in, what ends them, and what is told of that.

use std::rc::Rc;

use super::support::{Calls, Client, array, engine, numbers};
use envsocket::browser::Engine;
use envsocket::core::options::Knob;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Port 9 is discard's: nobody listens there, and browsers refuse it without asking.
const NOWHERE: &str = "ws://127.0.0.1:9/";

const BUSY: i32 = 0;
const REFUSED: i32 = -1;

const TIMED_OUT: u32 = 0;
const OVER: u32 = 3;

/// A connection that waits for its second attempt for longer than the test takes.
fn waiting() -> Client {
    let patient = numbers(&[(Knob::BackoffBaseMs, 1e6), (Knob::BackoffCapMs, 1e6)]);
    Client::new(NOWHERE).connect("p", "e", &patient)
}

/// `[active, waiting, asked, answered, unanswered]`, and how long answers took.
fn questions(engine: &Engine, id: Option<u32>) -> ([f64; 5], JsValue) {
    let metrics = array(engine.metrics(id));
    let counts = array(metrics.get(3));
    ([0, 1, 2, 3, 4].map(|at| counts.get(at).as_f64().expect("a number")), metrics.get(4))
}

#[test]
fn one_at_a_time_is_let_in_and_any_number_one_after_another() {
    let client = waiting();
    let (engine, id) = (&client.engine, client.id());
    assert_eq!(engine.question(id), 0);
    assert_eq!(engine.ask(id, 60_000.0), 1);
    assert_eq!((engine.ask(id, 60_000.0), engine.question(id)), (BUSY, 1));
    engine.settle_question(id, 1, false);
    assert_eq!((engine.question(id), engine.ask(id, f64::INFINITY)), (0, 2));
    engine.settle_question(id, 1, true);
    assert_eq!(engine.question(id), 2, "an old number changes nothing");
    engine.settle_question(id, 2, true);
    assert_eq!((engine.ask(77, 1.0), engine.question(77)), (REFUSED, 0));
}

#[test]
async fn what_takes_too_long_is_told_and_the_next_one_may_be_asked_while_it_is() {
    let client = waiting();
    let (inner, sink, told) = (Rc::clone(&client.engine), client.id(), Calls::new());
    let (lost, note) = (js_sys::Array::new(), told.callback.clone());
    let noted = lost.clone();
    let hears = Closure::<dyn FnMut(u32, u32)>::new(move |number: u32, why: u32| {
        noted.push(&number.into());
        noted.push(&why.into());
        if number == 1 {
            noted.push(&inner.ask(sink, 1.0).into());
        }
        note.call0(&JsValue::NULL).unwrap_throw();
    });
    Reflect::set(client.sink.as_ref(), &"questionLost".into(), &hears.into_js_value()).unwrap_throw();
    assert_eq!(client.engine.ask(client.id(), 1.0), 1);
    told.reach(2).await;
    let lost: Vec<u32> = lost.iter().map(|value| value.as_f64().unwrap_throw() as u32).collect();
    assert_eq!(lost, [1, TIMED_OUT, 2, 2, TIMED_OUT]);
    assert_eq!(client.engine.question(client.id()), 0);
}

#[test]
async fn a_close_ends_it_before_the_end_is_told_and_nothing_is_held() {
    let client = waiting();
    let (engine, id) = (&client.engine, client.id());
    assert_eq!(engine.ask(id, f64::INFINITY), 1);
    client.send("question");
    engine.close_all();
    assert_eq!((engine.question(id), engine.ask(id, 1.0)), (0, REFUSED));
    let lost = client.sink.until("questionLost").await;
    assert_eq!((lost.get(0), lost.get(1)), (1.into(), OVER.into()));
    client.sink.until("close").await;
    let resources = array(engine.resources());
    assert!(resources.iter().all(|held| held == 0), "{resources:?}");
}

#[test]
async fn without_a_server_it_still_times_out() {
    let client = Client::new(NOWHERE).connect("p", "e", &numbers(&[(Knob::BackoffCapMs, 1.0)]));
    assert_eq!(client.engine.ask(client.id(), 20.0), 1);
    client.send("question");
    let lost = client.sink.until("questionLost").await;
    assert_eq!((lost.get(0), lost.get(1)), (1.into(), TIMED_OUT.into()));
}

#[test]
fn times_beyond_reason_are_none_at_all() {
    for ms in [f64::INFINITY, f64::NAN, f64::MAX, 9e15] {
        let client = waiting();
        assert_eq!(client.engine.ask(client.id(), ms), 1, "{ms}");
        assert_eq!(client.engine.question(client.id()), 1, "{ms}");
    }
}

#[test]
fn questions_are_counted_and_answers_timed() {
    let client = waiting();
    let (engine, id) = (&client.engine, client.id());
    assert_eq!(questions(engine, Some(id)), ([1.0, 0.0, 0.0, 0.0, 0.0], JsValue::NULL));
    engine.ask(id, 60_000.0);
    assert_eq!(questions(engine, Some(id)).0, [1.0, 1.0, 1.0, 0.0, 0.0]);
    engine.settle_question(id, 1, false);
    engine.ask(id, 60_000.0);
    engine.settle_question(id, 2, true);
    let (counts, took) = questions(engine, None);
    assert_eq!(counts, [1.0, 0.0, 2.0, 1.0, 1.0]);
    assert_eq!(array(took).length(), 4, "last, mean, median, 99th percentile");
    engine.close(id, None, "");
    assert_eq!(questions(engine, None).0, [0.0, 0.0, 2.0, 1.0, 1.0], "one that closes is not to be asked");
}

#[test]
fn what_is_asked_over_one_connection_is_nothing_to_another() {
    let engine = Rc::new(engine());
    let [one, other] = ["a", "b"].map(|env| Client::of(&engine, NOWHERE).connect("p", env, &[]));
    assert_eq!((engine.ask(one.id(), 60_000.0), engine.ask(other.id(), 60_000.0)), (1, 2));
    engine.settle_question(one.id(), 2, false);
    assert_eq!((engine.question(one.id()), engine.question(other.id())), (1, 2));
}
