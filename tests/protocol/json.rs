//! Frames as objects of serde_json, for tests. The server has a JSON of its own, and so have browsers: what three
//! wrote cannot share a mistake.

use serde_json::{Map, Value as Json};

use super::{Build, Fields, Value};

/// A frame as an object.
#[derive(Default)]
pub(super) struct Object(pub(super) Map<String, Json>);

impl Object {
    /// What is written into one.
    pub(super) fn written(by: impl FnOnce(&mut Self)) -> Self {
        let mut object = Self::default();
        by(&mut object);
        object
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).expect("an object has a text"))
    }
}

impl Fields for Object {
    fn get(&self, name: &'static str) -> Value {
        match self.0.get(name) {
            None => Value::Missing,
            Some(Json::Null) => Value::Null,
            Some(Json::Bool(flag)) => Value::Flag(*flag),
            Some(Json::Number(number)) => number.as_f64().map_or(Value::Other, Value::Number),
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Array(_) | Json::Object(_)) => Value::Other,
        }
    }
}

impl Build for Object {
    fn set(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Null => Json::Null,
            Value::Number(number) => {
                // JavaScript writes such a one without a point.
                assert_eq!(number as i64 as f64, number, "`{name}` is a whole number");
                Json::from(number as i64)
            }
            Value::Text(text) => text.into(),
            Value::Flag(flag) => flag.into(),
            Value::Missing | Value::Other => panic!("no frame writes this: {name}, {value:?}"),
        };
        assert_eq!(self.0.insert(name.to_owned(), value), None, "`{name}` is written once");
    }
}
