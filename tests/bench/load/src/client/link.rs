//! One connection: messages are queued, flushed together, and received many at a time.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use envsocket::core::resume::frame::ClientFrame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::attachment::Attachment;
use super::framing::{self, Opcode};
use super::handshake::{self, Offer};
use super::json;
use super::unpacking::Unpacker;

/// How much is read at once.
const READ: usize = 64 * 1024;

/// How a control frame of `envsocket.v1` begins.
const CONTROL: &[u8] = b"\0{";

/// The status 1000 of a close frame.
const DONE: [u8; 2] = 1000_u16.to_be_bytes();

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    incoming: Vec<u8>,
    /// How many bytes of it were dealt with; a frame begins there.
    taken: usize,
    outgoing: Vec<u8>,
    /// `None` where plain messages are spoken.
    attachment: Option<Attachment>,
    /// `None` where nothing is compressed.
    unpacker: Option<Unpacker>,
    /// How many bytes of frames came.
    came: u64,
}

/// What was at the beginning of the incoming bytes.
enum Taken {
    /// Nothing whole.
    Nothing,
    /// What a WebSocket or the protocol needs for itself.
    Control,
    /// A message.
    Message(Place),
    /// The server's close frame.
    Close,
}

/// Where a message's payload is.
enum Place {
    /// Where it was read to.
    Incoming(Range<usize>),
    /// Where it was unpacked to.
    Unpacked,
}

impl Link {
    /// A connection that is open as the protocol sees it: where `envsocket.v1` is spoken, it is welcome.
    ///
    /// # Errors
    /// Those of the network; whatever the server did wrong.
    pub(crate) async fn open(address: SocketAddr, path: &str, offer: Offer) -> io::Result<Self> {
        let attachment = matches!(offer, Offer::V1 | Offer::PackedV1).then(Attachment::new);
        Self::connect(address, path, offer, attachment).await
    }

    /// A connection that goes on where the attachment's last one was cut.
    ///
    /// # Errors
    /// As above; a resume that is none, or has a gap.
    pub(crate) async fn resume(address: SocketAddr, path: &str, attachment: Attachment) -> io::Result<Self> {
        Self::connect(address, path, Offer::V1, Some(attachment)).await
    }

    async fn connect(
        address: SocketAddr,
        path: &str,
        offer: Offer,
        attachment: Option<Attachment>,
    ) -> io::Result<Self> {
        let (stream, incoming) = handshake::upgrade(address, path, offer).await?;
        let unpacker = offer.packs().then(Unpacker::default);
        let mut link =
            Self { stream, incoming, taken: 0, outgoing: Vec::new(), attachment, unpacker, came: 0 };
        if let Some(attachment) = &mut link.attachment {
            let hello = attachment.hello();
            link.answer(Some(&hello));
            link.flush().await?;
        }
        // What follows the welcome is left for `receive`.
        while link.attachment.as_ref().is_some_and(|attachment| !attachment.is_welcome()) {
            match link.take()? {
                Taken::Nothing => link.read().await?,
                Taken::Control => {}
                Taken::Message(_) | Taken::Close => return Err(io::Error::other("no welcome came first")),
            }
        }
        Ok(link)
    }

    /// Drops the TCP link without a goodbye, and keeps the place in the session.
    pub(crate) fn cut(self) -> Option<Attachment> {
        self.attachment
    }

    /// Whether the server takes a message of so many bytes now.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.attachment.as_ref().is_none_or(|attachment| attachment.has_room(bytes))
    }

    /// How many bytes the server has sent so far, as they were sent, of everything after its answer to the upgrade.
    pub(crate) fn came(&self) -> u64 {
        self.came
    }

    /// Queues a text message. Nothing is sent before it is flushed.
    pub(crate) fn queue(&mut self, message: &[u8]) {
        self.queue_as(Opcode::Text, message);
    }

    /// The same for a message of bytes.
    pub(crate) fn queue_bytes(&mut self, message: &[u8]) {
        self.queue_as(Opcode::Binary, message);
    }

    fn queue_as(&mut self, opcode: Opcode, message: &[u8]) {
        if let Some(attachment) = &mut self.attachment {
            attachment.send(message.len());
        }
        framing::write(&mut self.outgoing, opcode, message);
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// Those of the network.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing).await?;
        self.outgoing.clear();
        Ok(())
    }

    /// Waits for a message, and hands over all that have come by then.
    ///
    /// # Errors
    /// Those of the network; a close; whatever the server did wrong.
    pub(crate) async fn receive(&mut self, mut each: impl FnMut(&[u8])) -> io::Result<usize> {
        loop {
            let messages = self.take_all(&mut each)?;
            if !self.outgoing.is_empty() {
                self.flush().await?;
            }
            if messages > 0 {
                return Ok(messages);
            }
            self.read().await?;
        }
    }

    /// Waits until the server takes a message of so many bytes. Control frames may come meanwhile.
    ///
    /// # Errors
    /// As above; a message.
    pub(crate) async fn wait_for_room(&mut self, bytes: usize) -> io::Result<()> {
        while !self.has_room(bytes) {
            if self.take_all(&mut |_| {})? > 0 {
                return Err(io::Error::other("a message came that nobody asked for"));
            }
            if !self.has_room(bytes) {
                self.read().await?;
            }
        }
        Ok(())
    }

    /// Sends a message and waits for the only one that follows.
    ///
    /// # Errors
    /// As above; more than one.
    pub(crate) async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.queue(question.as_bytes());
        self.flush().await?;
        self.one().await
    }

    /// Waits for the only message that is on its way.
    ///
    /// # Errors
    /// As above; more than one.
    pub(crate) async fn one(&mut self) -> io::Result<String> {
        let mut text = String::new();
        match self.receive(|payload| text = String::from_utf8_lossy(payload).into_owned()).await? {
            1 => Ok(text),
            several => Err(io::Error::other(format!("{several} messages came in place of one"))),
        }
    }

    /// Says goodbye, and waits until the server has hung up.
    ///
    /// # Errors
    /// Those of the network.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        framing::write(&mut self.outgoing, Opcode::Close, &DONE);
        self.flush().await?;
        loop {
            self.incoming.clear();
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Ok(());
            }
        }
    }

    async fn read(&mut self) -> io::Result<()> {
        self.incoming.drain(..self.taken);
        self.taken = 0;
        self.incoming.reserve(READ);
        match self.stream.read_buf(&mut self.incoming).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Takes all that is whole.
    fn take_all(&mut self, each: &mut impl FnMut(&[u8])) -> io::Result<usize> {
        let mut messages = 0;
        loop {
            match self.take()? {
                Taken::Nothing => return Ok(messages),
                Taken::Control => {}
                Taken::Message(place) => {
                    messages += 1;
                    each(self.at(&place));
                }
                Taken::Close => return Err(io::Error::other("the server closed the connection")),
            }
        }
    }

    /// Takes the next frame.
    fn take(&mut self) -> io::Result<Taken> {
        let Some(frame) = framing::read(&self.incoming[self.taken..])? else { return Ok(Taken::Nothing) };
        let (opcode, length) = (frame.opcode, frame.payload.len());
        let place = match (frame.is_packed, &mut self.unpacker) {
            (false, _) => Place::Incoming(self.taken + frame.length - length..self.taken + frame.length),
            (true, Some(unpacker)) => {
                unpacker.unpack(frame.payload)?;
                Place::Unpacked
            }
            (true, None) => {
                return Err(io::Error::other("a message is compressed, which was not agreed upon"));
            }
        };
        self.taken += frame.length;
        self.came += frame.length as u64;
        match (opcode, &self.attachment) {
            (Opcode::Text | Opcode::Binary, None) => Ok(Taken::Message(place)),
            (Opcode::Text | Opcode::Binary, Some(_)) => self.speak(opcode, place),
            (Opcode::Ping, _) => {
                let payload = self.at(&place).to_owned();
                framing::write(&mut self.outgoing, Opcode::Pong, &payload);
                Ok(Taken::Control)
            }
            (Opcode::Pong, _) => Ok(Taken::Control),
            (Opcode::Close, _) => Ok(Taken::Close),
        }
    }

    /// What came at this place.
    fn at(&self, place: &Place) -> &[u8] {
        match (place, &self.unpacker) {
            (Place::Incoming(range), _) => &self.incoming[range.clone()],
            (Place::Unpacked, Some(unpacker)) => unpacker.message(),
            (Place::Unpacked, None) => &[],
        }
    }

    /// What the protocol makes of a message.
    fn speak(&mut self, opcode: Opcode, place: Place) -> io::Result<Taken> {
        let message = self.at(&place);
        let (length, is_control) = (message.len(), opcode == Opcode::Text && message.starts_with(CONTROL));
        let control = is_control.then(|| json::read(&message[1..])).transpose()?;
        let Some(attachment) = &mut self.attachment else { return Ok(Taken::Message(place)) };
        let (answer, taken) = match control {
            Some(frame) => (attachment.control(frame)?, Taken::Control),
            None => (attachment.receive(length)?, Taken::Message(place)),
        };
        self.answer(answer.as_ref());
        Ok(taken)
    }

    fn answer(&mut self, frame: Option<&ClientFrame>) {
        if let Some(frame) = frame {
            framing::write(&mut self.outgoing, Opcode::Text, json::write(frame).as_bytes());
        }
    }
}
