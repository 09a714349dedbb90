//! What the browser tests share: a sink that records, and the server's HTTP side. It asserts nothing.

use std::rc::Rc;

use envsocket::browser::{Engine, Sink};
use envsocket::core::options::{KNOBS, Knob};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = r"
export class Recorder {
  events = [];
  waiting = [];
  onMessage = null;
  verdict = false;
  heartbeat = 'beat';
  #note(event) {
    const next = this.waiting.shift();
    if (next) next(event); else this.events.push(event);
  }
  next() {
    if (this.events.length) return Promise.resolve(this.events.shift());
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  begun(id) { this.id = id; }
  locate(generation) { this.onLocate(generation); }
  connect(generation, offer) {
    const v1 = 'envsocket.v1';
    const native = new WebSocket(this.url, [[], [], ['envsocket.plain', v1], [v1]][offer]);
    native.binaryType = 'arraybuffer';
    const tell = (event) => this.onSocket(event, this.id, generation, native.protocol === v1);
    native.onmessage = (event) => {
      if (!tell(event)) return;
      this.#note(['message', event.data]);
      this.onMessage?.(event.data);
    };
    native.onopen = native.onerror = native.onclose = tell;
    return native;
  }
  judge(code) { this.#note(['judge', code]); return this.verdict; }
  opened() { this.#note(['open']); }
  resized(cols, rows) { this.#note(['size', cols, rows]); }
  authorize(generation, reason, late) { this.#note(['authorize', generation, reason, late]); }
  access(readOnly) { this.#note(['access', readOnly]); }
  credential() { return this.token; }
  role(controller) { this.#note(['role', controller]); }
  beat() { return this.heartbeat; }
  failed() { this.#note(['error']); }
  closed(code, reason, clean) { this.#note(['close', code, reason, clean]); }
  statusChanged(status, previous, reason) { this.#note(['status', status, previous, reason]); }
  gap(direction, from, to, reason, snapshot) { this.#note(['gap', direction, from, to, reason, snapshot]); }
  questionLost(number, why) { this.#note(['questionLost', number, why]); }
  discarded(payloads, bytes, reason, kept) { this.#note(['discarded', payloads, bytes, reason, kept]); }
}
export const host = {
  stale() {}, isOnline: () => true, watch() {}, report(error) { throw error; },
};
export class Thrower {
  constructor(spared) { this.spared = spared; }
  begun(id) { this.id = id; }
}
for (const name of [
  'locate', 'authorize', 'connect', 'judge', 'opened', 'resized', 'role', 'access', 'beat', 'credential', 'failed',
  'closed', 'statusChanged', 'gap', 'discarded', 'questionLost',
]) {
  Thrower.prototype[name] = function (...values) {
    if (this.spared?.[name]) return this.spared[name](...values);
    throw new Error(name);
  };
}
export function patientHost() {
  const reported = [];
  return { ...host, reported, report: ({ message }) => reported.push(message) };
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

    #[wasm_bindgen(method, setter, js_name = onLocate)]
    fn set_on_locate(this: &Recorder, callback: &JsValue);

    /// What it sends as a plain server's first message.
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_token(this: &Recorder, token: &str);

    /// What it answers when it is to judge.
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_verdict(this: &Recorder, verdict: &JsValue);

    #[wasm_bindgen(method, setter)]
    fn set_url(this: &Recorder, url: &str);

    #[wasm_bindgen(method, setter, js_name = onSocket)]
    fn set_on_socket(this: &Recorder, callback: &JsValue);

    /// A sink whose every method throws, but for those that `spared` answers.
    #[wasm_bindgen(extends = Sink)]
    pub(crate) type Thrower;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(spared: &JsValue) -> Thrower;

    /// The connection's number.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn id(this: &Thrower) -> u32;

    /// A host that notes in `reported` what it is told.
    #[wasm_bindgen(js_name = patientHost)]
    pub(crate) fn patient_host() -> JsValue;

    #[wasm_bindgen(thread_local_v2, js_name = host)]
    static HOST: JsValue;

    fn listener() -> Array;

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

    /// Waits until a token is asked for: the attempt, why, and whether the last question was in vain.
    pub(crate) async fn question(&self) -> (f64, f64, bool) {
        let asked = self.until("authorize").await;
        let number = |at| asked.get(at).as_f64().expect("a number");
        (number(0), number(1), asked.get(2).is_truthy())
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

/// A connection of an engine, and what it is told. Its attempts go where `url` leads.
pub(crate) struct Client {
    pub(crate) engine: Rc<Engine>,
    pub(crate) sink: Recorder,
}

impl Client {
    /// A client of an engine of its own that has not connected yet.
    pub(crate) fn new(url: &str) -> Self {
        Self::of(&Rc::new(engine()), url)
    }

    /// A client that has not connected yet.
    pub(crate) fn of(engine: &Rc<Engine>, url: &str) -> Self {
        let (sink, to) = (Recorder::new(), Rc::clone(engine));
        let recorder = JsValue::clone(sink.as_ref());
        let locate = Closure::<dyn FnMut(u32)>::new(move |generation| {
            let id = property(&recorder, "id").as_f64().expect("begun comes first") as u32;
            to.located(id, generation, "origin".into(), "destination".into());
        });
        sink.set_on_locate(&locate.into_js_value());
        let to = Rc::clone(engine);
        let socket = Closure::<dyn FnMut(JsValue, u32, u32, bool) -> bool>::new(
            move |event, id, generation, resumes| tell(&to, &event, id, generation, resumes),
        );
        sink.set_on_socket(&socket.into_js_value());
        sink.set_url(url);
        Self { engine: Rc::clone(engine), sink }
    }

    /// Connects the pair.
    pub(crate) fn connect(self, project: &str, env: &str, numbers: &[f64]) -> Self {
        self.engine.connect(self.sink.sink(), project, env, numbers).expect("good names");
        self
    }

    /// Its number in the engine.
    pub(crate) fn id(&self) -> u32 {
        self.sink.id()
    }

    /// Sends text; panics when it is not taken.
    pub(crate) fn send(&self, text: &str) {
        assert_eq!(self.engine.send(self.id(), text.into(), text.len() as f64), 0);
    }
}

/// Who wants a message: only the application, for it cannot be one of the protocol.
const APPLICATION: u8 = 1;

/// Nobody wants it.
const NOBODY: u8 = 0;

/// Tells the engine what a native socket says, as the facade does. Whether it is a message to be told.
fn tell(engine: &Engine, event: &JsValue, id: u32, generation: u32, resumes: bool) -> bool {
    let text = |name| property(event, name).as_string().expect("events have texts");
    match &*text("type") {
        "message" => return hear(engine, &property(event, "data"), id, generation),
        "open" => engine.socket_opened(id, generation, resumes),
        "error" => engine.socket_errored(id, generation),
        _ => {
            let code = property(event, "code").as_f64().expect("a number") as u16;
            let is_clean = property(event, "wasClean").is_truthy();
            engine.socket_closed(id, generation, code, text("reason"), is_clean);
        }
    }
    false
}

/// Whether a message is one to be told.
fn hear(engine: &Engine, data: &JsValue, id: u32, generation: u32) -> bool {
    let wanted = engine.hears(id, generation);
    if wanted == NOBODY {
        return false;
    }
    if wanted != APPLICATION
        && let Some(text) = data.as_string()
    {
        let frame = text.strip_prefix('\0').expect("the test's server sends data as bytes");
        engine.control(id, generation, frame.into());
        return false;
    }
    let bytes = property(data, "byteLength").as_f64().expect("messages are array buffers");
    if engine.received(id, bytes) & 1 != 0 {
        engine.acknowledge(id);
    }
    true
}

/// An engine on a page to which nothing happens.
pub(crate) fn engine() -> Engine {
    Engine::new(HOST.with(|host| host.clone().unchecked_into()))
}

/// An engine on a page to which nothing happens, and the messages of the errors that it has reported.
pub(crate) fn engine_with_reports() -> (Engine, Array) {
    let host = patient_host();
    let reports = property(&host, "reported").unchecked_into();
    (Engine::new(host.unchecked_into()), reports)
}

/// What the engine says in arrays.
pub(crate) fn array(of: JsValue) -> Array {
    of.unchecked_into()
}

/// Numbers for the engine, of which one or more are set.
pub(crate) fn numbers(set: &[(Knob, f64)]) -> Vec<f64> {
    let mut numbers = vec![f64::NAN; KNOBS];
    for (knob, number) in set {
        numbers[*knob as usize] = *number;
    }
    numbers
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
