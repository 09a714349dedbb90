//! Options, read property by property: decoding them with serde costs 17 KB of download.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::BinaryType;

use super::endpoint::Endpoint;
use super::error::{bad_protocols, type_error};
use super::platform::property;
use crate::core::options::Overrides;
use crate::core::wire::check_protocols;

/// What an options object says.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) overrides: Overrides,
    pub(crate) endpoint: Endpoint,
    pub(crate) status_interval_ms: Option<u64>,
}

/// Reads `ConnectionOptions` or `ManagerOptions`. `undefined` and `null` say nothing.
pub(crate) fn read(options: &JsValue) -> Result<Options, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(Options::default());
    }
    if !options.is_object() {
        return Err(type_error("options", "must be an object"));
    }
    let backoff = property(options, "backoff");
    if !(backoff.is_undefined() || backoff.is_object()) {
        return Err(type_error("options.backoff", "must be an object"));
    }
    let overrides = Overrides {
        connect_timeout_ms: whole(options, "", "connectTimeoutMs", 1.0)?,
        reconnect_timeout_ms: whole(options, "", "reconnectTimeoutMs", 1.0)?,
        base_ms: whole(&backoff, "backoff.", "baseMs", 0.0)?,
        cap_ms: whole(&backoff, "backoff.", "capMs", 0.0)?,
        factor: number(&backoff, "backoff.", "factor", 1.0)?,
        stable_after_ms: whole(&backoff, "backoff.", "stableAfterMs", 0.0)?,
        max_retries: number(options, "", "maxRetries", 0.0)?.map(|retries| retries as u32),
        max_queued_bytes: number(options, "", "maxQueuedBytes", 0.0)?.map(|bytes| bytes as u64),
    };
    let endpoint = Endpoint {
        url: text(options, "url")?,
        protocols: protocols(&property(options, "protocols"))?,
        binary_type: binary_type(&property(options, "binaryType"))?,
    };
    Ok(Options { overrides, endpoint, status_interval_ms: whole(options, "", "statusIntervalMs", 1.0)? })
}

/// Subprotocols as the platform takes them: `undefined`, a name, or several.
pub(crate) fn protocols(value: &JsValue) -> Result<JsValue, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    let must = || type_error("protocols", "must be a string or an array of strings");
    let names: Vec<String> = if let Some(name) = value.as_string() {
        vec![name]
    } else {
        let list = value.dyn_ref::<Array>().ok_or_else(must)?;
        list.iter().map(|name| name.as_string().ok_or_else(must)).collect::<Result<_, _>>()?
    };
    check_protocols(&names).map_err(bad_protocols)?;
    // A copy: the caller's array may change before the next attempt.
    Ok(names.iter().map(JsValue::from).collect::<Array>().into())
}

fn binary_type(value: &JsValue) -> Result<Option<BinaryType>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_string().as_deref() {
        Some("blob") => Ok(Some(BinaryType::Blob)),
        Some("arraybuffer") => Ok(Some(BinaryType::Arraybuffer)),
        _ => Err(type_error("options.binaryType", "must be 'blob' or 'arraybuffer'")),
    }
}

/// A time in ms, for `pollStatus`.
pub(crate) fn interval(value: &JsValue) -> Result<Option<u64>, JsValue> {
    bounded(value, "intervalMs", 1.0, true).map(|ms| ms.map(|ms| ms as u64))
}

fn text(options: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let value = property(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    let must = || type_error(&["options.", name].concat(), "must be a string");
    value.as_string().map(Some).ok_or_else(must)
}

fn whole(options: &JsValue, of: &str, name: &str, least: f64) -> Result<Option<u64>, JsValue> {
    let value = property(options, name);
    bounded(&value, &["options.", of, name].concat(), least, true).map(|ms| ms.map(|ms| ms as u64))
}

fn number(options: &JsValue, of: &str, name: &str, least: f64) -> Result<Option<f64>, JsValue> {
    bounded(&property(options, name), &["options.", of, name].concat(), least, false)
}

/// A number that is at least 0 or at least 1, and finite unless it is a limit that may be lifted.
fn bounded(value: &JsValue, argument: &str, least: f64, finite: bool) -> Result<Option<f64>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        Some(number) if number >= least && (number.is_finite() || !finite) => Ok(Some(number)),
        _ => {
            let must = match (least > 0.0, finite) {
                (true, true) => "must be a finite number, 1 or more",
                (false, true) => "must be a finite number, 0 or more",
                (true, false) => "must be a number, 1 or more",
                (false, false) => "must be a number, 0 or more",
            };
            Err(type_error(argument, must))
        }
    }
}
