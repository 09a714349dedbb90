//! Control frames as the platform's JSON has them. What a frame means, and whether it is one, is the core's.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::resume::Violation;
use crate::core::resume::fields::{Build, Fields, Value};
use crate::core::resume::frame::NO_OBJECT;

#[wasm_bindgen]
extern "C" {
    // js-sys's own takes text of Rust's, and would copy it into linear memory and back.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse_json(text: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = stringify)]
    fn write_json(object: &JsValue) -> JsValue;
}

/// An object of JSON's, parsed or being made.
#[derive(Debug)]
pub struct Json(JsValue);

/// Reads a frame's text, which is without its mark.
///
/// # Errors
/// When it is no JSON, or something else than an object.
pub fn parse(text: &JsValue) -> Result<Json, Violation> {
    match parse_json(text) {
        Ok(value) if value.is_object() && !Array::is_array(&value) => Ok(Json(value)),
        _ => Err(NO_OBJECT),
    }
}

/// Writes the object that `write` makes, as a text without a mark.
pub fn stringify(write: impl FnOnce(&mut Json)) -> JsValue {
    let mut object = Json(Object::new().into());
    write(&mut object);
    write_json(&object.0)
}

impl Fields for Json {
    fn get(&self, name: &'static str) -> Value {
        // What JSON has made refuses nothing.
        let value = Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            Value::Missing
        } else if value.is_null() {
            Value::Null
        } else if let Some(number) = value.as_f64() {
            Value::Number(number)
        } else if let Some(flag) = value.as_bool() {
            Value::Flag(flag)
        } else {
            value.as_string().map_or(Value::Other, Value::Text)
        }
    }
}

impl Build for Json {
    fn set(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Null => JsValue::NULL,
            Value::Number(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Flag(flag) => flag.into(),
            Value::Missing | Value::Other => return,
        };
        // A new object of its own refuses nothing.
        let _ = Reflect::set(&self.0, &name.into(), &value);
    }
}
