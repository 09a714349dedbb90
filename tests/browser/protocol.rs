//! What `docs/PROTOCOL.md` shows is what the browser's codec reads and writes. `src/core/tests/protocol_document.rs`
//! does the same with the server's kind of JSON.

#[path = "../protocol/document.rs"]
mod document;

use document::{Codec, End, check};
use envsocket::browser::frames::{Json, parse, stringify};
use envsocket::core::resume::Violation;
use envsocket::core::resume::frame::{ClientFrame, ServerFrame};
use js_sys::{Array, JSON, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_clients_frames_are_as_the_document_says() {
    check(
        End::Client,
        &Codec {
            read: &|text| read(text, ClientFrame::read),
            write: &|frame| write(|object| frame.write(object)),
            fields: &fields,
        },
    );
}

#[wasm_bindgen_test]
fn the_servers_frames_are_as_the_document_says() {
    check(
        End::Server,
        &Codec {
            read: &|text| read(text, ServerFrame::read),
            write: &|frame| write(|object| frame.write(object)),
            fields: &fields,
        },
    );
}

fn read<F>(text: &str, frame: impl Fn(&Json) -> Result<F, Violation>) -> Result<F, String> {
    parse(&text.into()).and_then(|object| frame(&object)).map_err(|why| why.to_string())
}

fn write(by: impl FnOnce(&mut Json)) -> String {
    stringify(by).as_string().expect("an object has a text")
}

fn fields(text: &str) -> Vec<(String, String)> {
    let object: Object = JSON::parse(text).expect("the document's JSON is JSON").unchecked_into();
    let field = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let value = JSON::stringify(&entry.get(1)).expect("it was parsed");
        (entry.get(0).as_string().expect("a name"), value.into())
    };
    Object::entries(&object).iter().map(field).collect()
}
