//! What the state machine asks for, done.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::driver::{Driver, Target};
use super::payload::Message;
use super::platform;
use super::sink::Sink;
use super::socket::Socket;
use crate::core::connection::Readiness;
use crate::core::event::{ConnId, Event, Input, Output, SocketId};
use crate::core::queue::Payload;
use crate::core::status::Status;

impl Driver {
    pub(super) fn perform(&self, output: Output<Message>) {
        match output {
            Output::Locate { socket } => {
                if let Some(sink) = self.sink(socket.conn) {
                    sink.locate(socket.generation);
                }
            }
            Output::OpenSocket { socket } => self.open_socket(socket),
            Output::Send { socket, payload } => self.hand_over(socket, payload),
            Output::Beat { socket } => self.beat(socket),
            Output::Judge { socket, info } => {
                if let Some(sink) = self.sink(socket.conn) {
                    let retry = sink.judge(info.code, &info.reason, info.clean);
                    self.handle(Input::Judged(socket, info, retry));
                }
            }
            Output::CloseSocket { socket, code, reason } => {
                let closed = self.socket(socket.conn).map(|socket| socket.close(code, &reason));
                report(closed.unwrap_or(Ok(())));
            }
            Output::AbandonSocket { socket } => {
                drop(self.with_entry(socket.conn, |entry| entry.socket.take()));
            }
            Output::Emit { conn, event: Event::Open } => self.tell_open(conn),
            Output::Emit { conn, event } => {
                if let Some(sink) = self.sink(conn) {
                    emit(&sink, event);
                }
            }
            Output::Release { conn } => self.forget(conn),
            Output::Poll(id) => self.polls.call(id.0),
            Output::Changed => {
                self.subscribers.call_all();
                self.polls.call_all();
            }
        }
    }

    /// Unless a listener of the status has closed it, or begun anew: then it is no news any more.
    fn tell_open(&self, id: ConnId) {
        if let (Some(sink), Some(socket)) = (self.sink(id), self.socket(id))
            && self.ask(|pool| pool.connection_status(id)) == Some(Status::Connected)
        {
            sink.opened(&socket.native().protocol(), &socket.native().extensions());
        }
    }

    fn hand_over(&self, id: SocketId, message: Message) {
        match self.socket(id.conn) {
            Some(socket) if socket.readiness() == Readiness::Takes => {
                report(socket.native().send_value(message.value()));
                self.pool.borrow_mut().sent(id.conn, message.byte_len());
            }
            _ => self.pool.borrow_mut().put_back(id.conn, message),
        }
    }

    fn beat(&self, id: SocketId) {
        if let (Some(sink), Some(socket)) = (self.sink(id.conn), self.socket(id.conn))
            && socket.readiness() == Readiness::Takes
        {
            report(socket.native().send_value(&sink.beat()));
        }
    }

    fn open_socket(&self, id: SocketId) {
        let target = self.with_entry(id.conn, |entry| entry.target.take().map(|to| (to, entry.array_buffers)));
        let Some(Some((Target { url, protocols }, array_buffers))) = target else { return };
        match Socket::open(&self.me, id, &url, &protocols, array_buffers) {
            Ok(socket) => {
                self.with_entry(id.conn, |entry| entry.socket.replace(Rc::new(socket)));
            }
            Err(error) => {
                let why = platform::property(&error, "message").as_string().unwrap_or_default();
                self.in_next_turn(move |driver| driver.handle(Input::Unopenable(id, why)));
            }
        }
    }
}

fn emit(sink: &Sink, event: Event<Message>) {
    match event {
        Event::Open => {} // `tell_open`
        Event::Gap { direction, reason } => sink.gap(direction as u8, reason),
        Event::Discarded { payloads, reason, kept } => {
            let bytes: u64 = payloads.iter().map(Message::byte_len).sum();
            let values = payloads.into_iter().map(Message::into_value).collect();
            sink.discarded(values, bytes as f64, reason, kept);
        }
        Event::Error => sink.failed(),
        Event::Close(info) => sink.closed(info.code, &info.reason, info.clean),
        Event::Status { status, previous, reason } => {
            sink.status_changed(status as u8, previous as u8, reason.as_deref());
        }
    }
}

fn report(done: Result<(), JsValue>) {
    if let Err(error) = done {
        platform::report_error(&error);
    }
}
