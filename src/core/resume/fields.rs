//! How a frame's fields are read and written, whatever JSON the platform has: `JSON` in the browser,
//! `serde_json` on the server.

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// There is no such field.
    Missing,
    /// It is null.
    Null,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// An array or an object: no frame has one.
    Other,
}

/// A JSON object that was parsed.
pub trait Fields {
    /// The field's value.
    fn get(&self, name: &'static str) -> Value;
}

/// A JSON object that is being made.
pub trait Build {
    /// Adds a field.
    fn set(&mut self, name: &'static str, value: Value);
}
