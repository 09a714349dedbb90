//! What the browser tests share: a sink that records, and the server's HTTP side. It asserts nothing.

use envsocket::browser::{Engine, Sink};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = r"
export class Recorder {
  events = [];
  waiting = [];
  onMessage = null;
  #note(event) {
    const next = this.waiting.shift();
    if (next) next(event); else this.events.push(event);
  }
  next() {
    if (this.events.length) return Promise.resolve(this.events.shift());
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  begun(id) { this.id = id; }
  opened() { this.#note(['open']); }
  message(data) { this.#note(['message', data]); this.onMessage?.(data); }
  failed() { this.#note(['error']); }
  closed(code, reason, clean) { this.#note(['close', code, reason, clean]); }
  statusChanged(status, previous, reason) { this.#note(['status', status, previous, reason]); }
}
export function listener() {
  let wake;
  const calls = { count: 0 };
  const callback = () => { calls.count += 1; wake?.(); };
  const called = (times) => new Promise((resolve) => {
    wake = () => { if (calls.count >= times) resolve(calls.count); };
    wake();
  });
  return [callback, called, () => calls.count];
}
export const transfer = (buffer) => void structuredClone(buffer, { transfer: [buffer] });
export function foreign_buffer(length) {
  const frame = document.body.appendChild(document.createElement('iframe'));
  const buffer = new frame.contentWindow.ArrayBuffer(length);
  frame.remove();
  return buffer;
}
export const object_without_text = () => Object.create(null);
export async function http(method, url, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}
")]
extern "C" {
    #[wasm_bindgen(extends = Sink)]
    pub(crate) type Recorder;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> Recorder;

    #[wasm_bindgen(method)]
    fn next(this: &Recorder) -> Promise;

    /// The connection's number.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn id(this: &Recorder) -> u32;

    #[wasm_bindgen(method, setter, js_name = onMessage)]
    pub(crate) fn set_on_message(this: &Recorder, callback: &JsValue);

    fn listener() -> Array;

    /// Detaches a buffer, as `postMessage` does with what it transfers.
    pub(crate) fn transfer(buffer: &js_sys::ArrayBuffer);

    /// A buffer made by the classes of an iframe.
    pub(crate) fn foreign_buffer(length: u32) -> JsValue;

    /// An object that cannot be made into text.
    pub(crate) fn object_without_text() -> JsValue;

    #[wasm_bindgen(catch)]
    async fn http(method: &str, url: &str, body: JsValue) -> Result<JsValue, JsValue>;
}

impl Recorder {
    /// A sink that notes down what it is told, as the engine takes it.
    pub(crate) fn sink(&self) -> Sink {
        let value: &JsValue = self.as_ref();
        value.clone().unchecked_into()
    }

    /// The next thing that it is told: its kind, and then its values.
    pub(crate) async fn event(&self) -> (String, Array) {
        let event: Array = JsFuture::from(self.next()).await.expect("it never rejects").unchecked_into();
        let kind = event.shift().as_string().expect("a kind comes first");
        (kind, event)
    }

    /// Waits for the next event of a kind; whatever comes before it is passed over.
    pub(crate) async fn until(&self, kind: &str) -> Array {
        loop {
            let (told, values) = self.event().await;
            if told == kind {
                return values;
            }
        }
    }

    /// Waits until messages that were received add up to a text with `part` in it.
    pub(crate) async fn until_output(&self, part: &str) -> String {
        let mut text = String::new();
        while !text.contains(part) {
            let data = self.until("message").await.get(0);
            text.push_str(&String::from_utf8_lossy(&js_sys::Uint8Array::new(&data).to_vec()));
        }
        text
    }

    /// Waits for a status, by its number.
    pub(crate) async fn until_status(&self, status: f64) -> Array {
        loop {
            let values = self.until("status").await;
            if values.get(0) == status {
                return values;
            }
        }
    }
}

/// An engine whose snapshots nobody caches.
pub(crate) fn engine() -> Engine {
    Engine::new(Function::new_no_args(""))
}

/// An object with these properties.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value).expect("a plain object takes any property");
    }
    object.into()
}

/// A property of an object that is there.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("it is an object")
}

/// The name and the message of what was thrown.
pub(crate) fn thrown<T>(result: Result<T, JsValue>) -> (String, String) {
    let Err(error) = result else { panic!("nothing was thrown") };
    let text = |name| property(&error, name).as_string().expect("errors have texts");
    (text("name"), text("message"))
}

/// A callback that counts its calls.
pub(crate) struct Calls {
    pub(crate) callback: Function,
    called: Function,
    count: Function,
}

impl Calls {
    pub(crate) fn new() -> Self {
        let parts = listener();
        let part = |at| parts.get(at).unchecked_into();
        Self { callback: part(0), called: part(1), count: part(2) }
    }

    /// Waits until it was called that often.
    pub(crate) async fn reach(&self, times: u32) {
        let reached: Promise =
            self.called.call1(&JsValue::NULL, &times.into()).expect("it never throws").unchecked_into();
        JsFuture::from(reached).await.expect("it never rejects");
    }

    pub(crate) fn count(&self) -> f64 {
        self.count.call0(&JsValue::NULL).expect("it never throws").as_f64().expect("a number")
    }
}

/// Asks the server something over HTTP; panics with its words when it refuses.
pub(crate) async fn request(method: &str, url: &str, body: Option<&str>) {
    let body = body.map_or(JsValue::UNDEFINED, JsValue::from);
    if let Err(error) = http(method, url, body).await {
        panic!("{}", property(&error, "message").as_string().unwrap_or_default());
    }
}
