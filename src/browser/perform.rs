//! What the state machine asks for, done.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::frames;
use super::payload::{Message, into_values, marked};
use super::sink::Sink;
use super::socket::Socket;
use crate::core::connection::Readiness;
use crate::core::event::{CloseInfo, ConnId, Event, Input, Offer, Output, SocketId};
use crate::core::queue::Payload;
use crate::core::resume::frame::ClientFrame;
use crate::core::status::Status;

impl Driver {
    pub(super) fn perform(&self, output: Output<Message>) {
        match output {
            Output::Locate { socket } => {
                if let Some(sink) = self.sink(socket.conn) {
                    // Without an answer, the attempt times out.
                    self.report(sink.locate(socket.generation));
                }
            }
            Output::Authorize { socket, reason, late } => {
                // A listener may have closed it meanwhile, and nobody is asked for what is not wanted.
                if let Some(sink) =
                    self.sink(socket.conn).filter(|_| self.ask(|pool| pool.asks_token(socket)))
                {
                    // Without an answer, the attempt times out, and an open socket asks again.
                    self.report(sink.authorize(socket.generation, reason as u8, late));
                }
            }
            Output::OpenSocket { socket, offer } => self.report(self.open_socket(socket, offer)),
            Output::Send { socket, payload } => self.report(self.hand_over(socket, payload)),
            Output::Control { socket, frame } => self.report(self.control(socket, &frame)),
            Output::Credential { socket } => self.report(self.say(socket, Sink::credential)),
            Output::Beat { socket } => self.report(self.say(socket, Sink::beat)),
            Output::Judge { socket, info } => self.judge(socket, info),
            Output::CloseSocket { socket, code, reason } => {
                let closed = self.socket(socket.conn).map(|socket| socket.close(code, &reason));
                self.report(closed.unwrap_or(Ok(())));
            }
            Output::AbandonSocket { socket } => {
                drop(self.with_entry(socket.conn, |entry| entry.socket.take()));
            }
            Output::Emit { conn, event } => {
                let is_news = !matches!(event, Event::Open | Event::Size(_)) || self.is_usable(conn);
                if let Some(sink) = self.sink(conn).filter(|_| is_news) {
                    self.report(emit(&sink, event));
                }
            }
            Output::Release { conn } => self.forget(conn),
            Output::Poll(id) => self.polls.call(&self.host, id.0),
            Output::Changed => {
                self.subscribers.call_all(&self.host);
                self.polls.call_all(&self.host);
            }
        }
    }

    /// Unless a listener of the status has closed it: then what begins is no news any more. After a `reconnect()` it
    /// is: a session that is resumed opens in silence.
    fn is_usable(&self, id: ConnId) -> bool {
        let status = self.ask(|pool| pool.connection_status(id));
        matches!(status, Some(Status::Connected | Status::Reconnecting))
    }

    fn hand_over(&self, id: SocketId, message: Message) -> Result<(), JsValue> {
        let socket = self.socket(id.conn);
        let resumes = socket.as_ref().is_some_and(|socket| socket.resumes());
        match socket.filter(|socket| socket.readiness() == Readiness::Takes) {
            // It was counted when it was numbered.
            Some(socket) if resumes => socket.native().send_value(&message.escaped()),
            Some(socket) => {
                self.pool.borrow_mut().sent(id.conn, message.byte_len());
                socket.native().send_value(message.value())
            }
            // It is kept under its number: what the server lacks, the next socket sends.
            None if resumes => Ok(()),
            None => {
                self.pool.borrow_mut().put_back(id.conn, message);
                Ok(())
            }
        }
    }

    fn control(&self, id: SocketId, frame: &ClientFrame) -> Result<(), JsValue> {
        match self.socket(id.conn) {
            // What a socket that takes nothing more is not told, the next one's handshake says.
            Some(socket) if socket.readiness() == Readiness::Takes => {
                socket.native().send_value(&marked(&frames::stringify(|json| frame.write(json))))
            }
            _ => Ok(()),
        }
    }

    fn judge(&self, id: SocketId, info: CloseInfo) {
        let Some(sink) = self.sink(id.conn) else { return };
        // A promise, nonsense, or an exception leaves it to the code.
        let retry = sink.judge(info.code, &info.reason, info.clean).ok().and_then(|answer| answer.as_bool());
        self.handle(Input::Judged(id, info, retry));
    }

    /// Sends what the facade words, and nobody counts.
    fn say(&self, id: SocketId, words: fn(&Sink) -> Result<JsValue, JsValue>) -> Result<(), JsValue> {
        if let (Some(sink), Some(socket)) = (self.sink(id.conn), self.socket(id.conn))
            && socket.readiness() == Readiness::Takes
        {
            socket.native().send_value(&words(&sink)?)?;
        }
        Ok(())
    }

    fn open_socket(&self, id: SocketId, offer: Offer) -> Result<(), JsValue> {
        let Some(sink) = self.sink(id.conn) else { return Ok(()) };
        // Without a socket, the attempt times out.
        let made = sink.connect(id.generation, offer as u8)?;
        if let Some(why) = made.as_string() {
            self.in_next_turn(Input::Unopenable(id, why));
        } else {
            let socket = Socket::new(made.unchecked_into());
            self.with_entry(id.conn, |entry| entry.socket.replace(Rc::new(socket)));
        }
        Ok(())
    }

    fn report(&self, done: Result<(), JsValue>) {
        if let Err(error) = done {
            self.host.report(&error);
        }
    }
}

fn emit(sink: &Sink, event: Event<Message>) -> Result<(), JsValue> {
    match event {
        Event::Open => sink.opened(),
        Event::Size(size) => sink.resized(size.cols, size.rows),
        Event::Role { controller } => sink.role(controller),
        Event::Access { read_only } => sink.access(read_only),
        Event::Gap { direction, from, to, reason, snapshot } => {
            // They count from 1.
            let [from, to] = [from, to].map(|number| number.unwrap_or(0) as f64);
            sink.gap(direction as u8, from, to, &reason, snapshot)
        }
        Event::Discarded { payloads, reason, kept } => {
            let (values, bytes) = into_values(payloads);
            sink.discarded(values, bytes as f64, reason, kept)
        }
        Event::QuestionLost { number, why } => sink.question_lost(number, why as u8),
        Event::Error => sink.failed(),
        Event::Close(info) => sink.closed(info.code, &info.reason, info.clean),
        Event::Status { status, previous, reason } => {
            sink.status_changed(status as u8, previous as u8, reason.as_deref())
        }
    }
}
