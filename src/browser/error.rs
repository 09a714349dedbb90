//! Errors, typed as the platform's, with the argument's name.

use wasm_bindgen::JsValue;

use crate::core::key::{BadKey, BadName, Part};

impl From<BadKey> for JsValue {
    fn from(error: BadKey) -> Self {
        let argument = match error.part {
            Part::Project => "projectName",
            Part::Env => "envId",
        };
        bad_name(argument, error.why)
    }
}

/// The `TypeError` for a name that is none.
pub(crate) fn bad_name(argument: &str, why: BadName) -> JsValue {
    let mut message = String::from(argument);
    message.push(' ');
    message.push_str(why.message());
    js_sys::TypeError::new(&message).into()
}
