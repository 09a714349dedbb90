//! The frozen view of everything, for people and for React.

use js_sys::{Array, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

use super::payload::Message;
use crate::core::pool::{Facts, Pool};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    project_name: &'a str,
    env_id: &'a str,
    label: String,
    status: &'static str,
    is_active: bool,
    reason: Option<&'a str>,
    attempt: u32,
    next_attempt_at: Option<f64>,
    connected_at: Option<f64>,
    protocol: Option<&'static str>,
}

impl<'a> From<Facts<'a>> for Connection<'a> {
    fn from(facts: Facts<'a>) -> Self {
        Self {
            project_name: facts.key.project(),
            env_id: facts.key.env(),
            label: facts.key.label(),
            status: facts.status.as_str(),
            is_active: facts.is_active,
            reason: facts.reason,
            attempt: facts.attempt,
            // Unix ms stay exact in a double for 280,000 years.
            next_attempt_at: facts.next_attempt_at.map(|ms| ms as f64),
            connected_at: facts.connected_at.map(|ms| ms as f64),
            protocol: facts.protocol,
        }
    }
}

/// What of a snapshot is the same for all connections. Its `connections` and `active` are set by hand,
/// because the active connection is one of the objects in the list.
#[derive(Serialize)]
struct Page {
    online: bool,
    sharing: &'static str,
}

/// Makes a snapshot, frozen to the leaves.
pub(crate) fn take(pool: &Pool<Message>) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new().serialize_missing_as_null(true);
    let connections = Array::new();
    let mut active = JsValue::NULL;
    for facts in pool.facts() {
        let is_active = facts.is_active;
        let connection = Connection::from(facts).serialize(&serializer)?;
        freeze(&connection);
        if is_active {
            active = connection.clone();
        }
        connections.push(&connection);
    }
    let snapshot = Page { online: pool.is_online(), sharing: "tab" }.serialize(&serializer)?;
    for (name, value) in
        [("connections", connections.as_ref()), ("active", &active), ("degraded", Array::new().as_ref())]
    {
        js_sys::Reflect::set(&snapshot, &name.into(), value)?;
        if value.is_object() {
            freeze(value);
        }
    }
    freeze(&snapshot);
    Ok(snapshot)
}

fn freeze(value: &JsValue) {
    let object: &Object = value.unchecked_ref();
    Object::freeze(object);
}
