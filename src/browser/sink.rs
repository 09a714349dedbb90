//! What a connection's events are delivered to: the facade's half of it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const SINK: &str = r"
/** What a connection's events are delivered to. What it throws is reported, and stops nothing. */
export interface Sink {
  /** Its number, before anything else of it is told. */
  begun(id: number): void;
  /** An attempt begins: say where it goes, at once or later, with `located` or `unlocated`. */
  locate(generation: number): void;
  /**
   * A token is needed, for an attempt or for the open socket of this generation: because there is none (0), it
   * expires (1), or the server wants another one (2). Give it, at once or later, with `authorized` or `unauthorized`.
   * `late`: the last question was not answered in its time; one that takes long may be asked anew.
   */
  authorize(generation: number, reason: number, late: boolean): void;
  /**
   * Makes the attempt's native WebSocket, whose events are told with `socketOpened` and so on, or returns the
   * words of what the platform threw. It offers the application's own subprotocols (0), none (1), those of
   * plain servers and of ours (2), or ours alone (3).
   */
  connect(generation: number, offer: number): WebSocket | string;
  /** Whether to try again after this close; anything but a boolean leaves it to the code. */
  judge(code: number, reason: string, wasClean: boolean): boolean | undefined;
  /** The latest native WebSocket is open, and the connection usable. */
  opened(): void;
  /** What comes next was made for a terminal of this size, in cells. */
  resized(cols: number, rows: number): void;
  /** Whether its terminal's answers and size count has changed; at first they do. */
  role(controller: boolean): void;
  /** Whether messages may not be sent has changed; at first they may. */
  access(readOnly: boolean): void;
  /** The token, as a plain server's first message. */
  credential(): unknown;
  /** A heartbeat is due: what to send. */
  beat(): unknown;
  failed(): void;
  closed(code: number, reason: string, wasClean: boolean): void;
  statusChanged(status: number, previous: number, reason: string | undefined): void;
  /**
   * Something was, or may have been, lost: 0 coming in, 1 going out; the first and the last number, 0 where
   * nobody can say; and whether a picture of what it led to is the next message.
   */
  gap(direction: number, from: number, to: number, reason: string, snapshot: boolean): void;
  /**
   * The question with this number will have no answer: it timed out (0); the link is gone, and this server cannot
   * resume (1); the session is lost (2); the connection is over (3). Another one may wait already.
   */
  questionLost(number: number, why: number): void;
  /** Queued messages that will not be sent; `kept` when they can still be taken back. */
  discarded(payloads: unknown[], bytes: number, reason: string, kept: boolean): void;
}
";

// All but `begun` may lead to the application's code. An exception that crossed the wasm would leave the
// driver in the middle of its loop for ever.
#[wasm_bindgen]
extern "C" {
    /// The facade's half of a connection.
    #[derive(Clone)]
    #[wasm_bindgen(typescript_type = "Sink")]
    pub type Sink;

    #[wasm_bindgen(method)]
    pub(super) fn begun(this: &Sink, id: u32);

    #[wasm_bindgen(method, catch)]
    pub(super) fn locate(this: &Sink, generation: u32) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn authorize(this: &Sink, generation: u32, reason: u8, late: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn connect(this: &Sink, generation: u32, offer: u8) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn judge(this: &Sink, code: u16, reason: &str, clean: bool) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn opened(this: &Sink) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn resized(this: &Sink, cols: u16, rows: u16) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn role(this: &Sink, controller: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn access(this: &Sink, read_only: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn credential(this: &Sink) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn beat(this: &Sink) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn failed(this: &Sink) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn closed(this: &Sink, code: u16, reason: &str, clean: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = statusChanged)]
    pub(super) fn status_changed(
        this: &Sink,
        status: u8,
        previous: u8,
        reason: Option<&str>,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn gap(
        this: &Sink,
        direction: u8,
        from: f64,
        to: f64,
        reason: &str,
        snapshot: bool,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = questionLost)]
    pub(super) fn question_lost(this: &Sink, number: u32, why: u8) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn discarded(
        this: &Sink,
        payloads: Vec<JsValue>,
        bytes: f64,
        reason: &str,
        kept: bool,
    ) -> Result<(), JsValue>;
}
