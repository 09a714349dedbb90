//! Errors, typed and named as the platform's, so that code written for `WebSocket` knows them.

use wasm_bindgen::JsValue;

use crate::core::close::CloseError;
use crate::core::connection::SendError;
use crate::core::key::{BadKey, Part};
use crate::core::pool::ReconnectError;
use crate::core::wire::BadProtocols;

/// A `TypeError` that begins with the argument's name.
pub(crate) fn type_error(argument: &str, must: &str) -> JsValue {
    js_sys::TypeError::new(&[argument, " ", must].concat()).into()
}

/// A `DOMException` with one of the platform's names.
pub(crate) fn dom_exception(name: &str, message: &str) -> JsValue {
    match web_sys::DomException::new_with_message_and_name(message, name) {
        Ok(exception) => exception.into(),
        Err(error) => error,
    }
}

pub(crate) fn syntax_error(argument: &str, must: &str) -> JsValue {
    dom_exception("SyntaxError", &[argument, " ", must].concat())
}

impl From<BadKey> for JsValue {
    fn from(error: BadKey) -> Self {
        let argument = match error.part {
            Part::Project => "projectName",
            Part::Env => "envId",
        };
        type_error(argument, error.why.message())
    }
}

impl From<CloseError> for JsValue {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Code => {
                dom_exception("InvalidAccessError", "code must be 1000 or between 3000 and 4999")
            }
            CloseError::Reason => syntax_error("reason", "must not be longer than 123 bytes of UTF-8"),
        }
    }
}

impl From<SendError> for JsValue {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Closed => {
                dom_exception("InvalidStateError", "send: the connection is closed; data was not sent")
            }
            SendError::QueueFull => dom_exception(
                "QuotaExceededError",
                "send: data does not fit into maxQueuedBytes beside what already waits for the connection",
            ),
        }
    }
}

impl From<ReconnectError> for JsValue {
    fn from(error: ReconnectError) -> Self {
        let message = match error {
            ReconnectError::Gone => "reconnect: the connection is closed",
            ReconnectError::Superseded => {
                "reconnect: another connection has this one's place; getConnection returns it"
            }
        };
        dom_exception("InvalidStateError", message)
    }
}

/// The `SyntaxError` for subprotocols that the platform would refuse.
pub(crate) fn bad_protocols(error: BadProtocols) -> JsValue {
    syntax_error(
        "protocols",
        match error {
            BadProtocols::NoToken => "must be names without spaces and separators",
            BadProtocols::Twice => "must not name one twice",
        },
    )
}
