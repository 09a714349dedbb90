//! A message made smaller, where that pays. What it takes is one context a connection (214 KB), made when there is
//! much to say and dropped when there is not; docs/BENCHMARKS.md has the figures behind the numbers here.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush};

use super::offer::Agreed;
use super::unpacking::TAIL;

/// How a server compresses what it sends. What clients send is theirs to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compression {
    /// Shorter messages are sent as they are, in bytes. Default 64: the echo of a key is shorter, the redrawing of a
    /// line is not.
    pub min_bytes: usize,
    /// What all connections of the process together may hold for compressing, in bytes: 214 KB for each that is
    /// saying much. The others send their messages as they are. Default 64 MiB.
    pub total_bytes: u64,
}

impl Default for Compression {
    fn default() -> Self {
        Self { min_bytes: 64, total_bytes: 64 << 20 }
    }
}

/// zlib's fastest: the next ones save a quarter more, and take three times as long or longer.
const LEVEL: i32 = 1;
/// 16 KiB. A larger window saves a twentieth more, and costs 66 KB.
const WINDOW_BITS: u8 = 14;
/// Less makes the blocks too short; more saves nothing at this level.
const MEM_LEVEL: i32 = 5;
/// What zlib allocates with all that. A client that wants a smaller window saves some of it.
const CONTEXT_BYTES: u64 = 214_144;

/// A message may get longer by so many bytes: the first one does, and the next ones are the shorter for it.
const SLACK: usize = 16;

/// A context is made once so much was said without one: many a connection says no more than its greeting.
const WORTH_BYTES: usize = 1024;
/// It is dropped when nothing has been said for so long.
const IDLE: Duration = Duration::from_secs(10);

/// Of a flood, so much a second is compressed, about a tenth of a core's time. Where more gets through, the network
/// is not what needs help.
const FLOOD_BYTES_A_SECOND: u64 = 16 << 20;
/// So much is compressed at once, whatever came before.
const FLOOD_BYTES: u64 = 4 << 20;

/// The compressing end of one connection.
#[derive(Debug)]
pub(super) struct Packer {
    compression: Compression,
    agreed: Agreed,
    /// Said without a context, of what could have been compressed.
    said: usize,
    context: Option<Box<Context>>,
    allowance: Allowance,
}

impl Packer {
    pub(super) fn new(compression: Compression, agreed: Agreed) -> Self {
        let allowance = Allowance { bytes: FLOOD_BYTES, at: Instant::now() };
        Self { compression, agreed, said: 0, context: None, allowance }
    }

    /// The message, compressed; none if it is to be sent as it is.
    pub(super) fn pack(&mut self, message: &[u8]) -> Option<Bytes> {
        if message.len() < self.compression.min_bytes {
            return None;
        }
        let now = Instant::now();
        if self.context.is_none() {
            self.said = self.said.saturating_add(message.len());
            if self.said < WORTH_BYTES {
                return None;
            }
        }
        if !self.allowance.take(message.len() as u64, now) {
            return None;
        }
        if self.context.is_none() {
            self.context = Context::new(self.compression.total_bytes, self.agreed, now);
        }
        let context = self.context.as_mut()?;
        context.used = now;
        context.is_clean &= !self.agreed.forgets;
        context.pack(message)
    }

    /// Drops what has not been used for long; wakes the task when that is due.
    pub(super) fn rest(&mut self, cx: &mut task::Context<'_>) {
        while let Some(context) = &mut self.context
            && context.idle.as_mut().poll(cx).is_ready()
        {
            let due = context.used + IDLE;
            if due <= Instant::now() {
                self.context = None;
                self.said = 0;
            } else {
                context.idle.as_mut().reset(due);
            }
        }
    }
}

/// What a connection has said lately, as both ends know it. It counts for as long as it exists.
struct Context {
    deflate: Deflate,
    window_bits: u8,
    /// Its window is the client's.
    is_clean: bool,
    used: Instant,
    /// Completes when it may have been idle for long.
    idle: Pin<Box<Sleep>>,
}

/// What all contexts of the process hold.
static HELD: AtomicU64 = AtomicU64::new(0);

impl Context {
    /// None if there is no memory for it.
    fn new(total_bytes: u64, agreed: Agreed, now: Instant) -> Option<Box<Self>> {
        let with_one_more = |held: u64| held.checked_add(CONTEXT_BYTES).filter(|held| *held <= total_bytes);
        HELD.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with_one_more).ok()?;
        let window_bits = agreed.window_bits.map_or(WINDOW_BITS, |bits| bits.min(WINDOW_BITS));
        let deflate = new_deflate(window_bits);
        let idle = Box::pin(sleep_until(now + IDLE));
        Some(Box::new(Self { deflate, window_bits, is_clean: true, used: now, idle }))
    }

    /// None if nothing good comes of it: then the client never sees what was made of the message, and the window of
    /// this end is not the client's any more.
    fn pack(&mut self, message: &[u8]) -> Option<Bytes> {
        if !std::mem::replace(&mut self.is_clean, false) {
            // Not `reset`: after a message that there was no room for, zlib-rs 0.6.8 goes on in the middle of a block
            // (`block_open`) and of its buffer (`Pending::out`), which the client cannot read, or panics.
            self.deflate = new_deflate(self.window_bits);
        }
        // No more room than it must do with.
        let mut packed = vec![0; message.len() + SLACK + TAIL.len()];
        let written = self.deflate.total_out();
        let status = self.deflate.compress(message, &mut packed, DeflateFlush::SyncFlush);
        // It is less than there is room for.
        let written = (self.deflate.total_out() - written) as usize;
        if status.is_err() || written == packed.len() {
            return None;
        }
        packed.truncate(written.checked_sub(TAIL.len())?);
        self.is_clean = true;
        Some(packed.into())
    }
}

fn new_deflate(window_bits: u8) -> Deflate {
    Deflate::new_with_config(DeflateConfig {
        level: LEVEL,
        // Negative, it means that there is no header.
        window_bits: -i32::from(window_bits),
        mem_level: MEM_LEVEL,
        ..DeflateConfig::default()
    })
}

impl Drop for Context {
    fn drop(&mut self) {
        HELD.fetch_sub(CONTEXT_BYTES, Ordering::Relaxed);
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("used", &self.used).finish_non_exhaustive()
    }
}

/// How many bytes may be compressed now; it fills up with time.
#[derive(Debug)]
struct Allowance {
    bytes: u64,
    at: Instant,
}

impl Allowance {
    /// Whether there is so much, which is then gone.
    fn take(&mut self, bytes: u64, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).min(Duration::from_secs(1));
        let new = since.as_micros() as u64 * FLOOD_BYTES_A_SECOND / 1_000_000;
        if new > 0 {
            self.bytes = (self.bytes + new).min(FLOOD_BYTES);
            self.at = now;
        }
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(self.bytes);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker;
    use zlib_rs::{Inflate, InflateFlush};

    const COMPRESSION: Compression = Compression { min_bytes: 10, total_bytes: u64::MAX };
    const AGREED: Agreed = Agreed { forgets: false, window_bits: None };

    fn packer(compression: Compression, agreed: Agreed) -> Packer {
        Packer { said: WORTH_BYTES, ..Packer::new(compression, agreed) }
    }

    /// Another's end: it keeps its window, and is as large as the server was told.
    struct Client(Inflate);

    impl Client {
        fn unpack(&mut self, packed: &[u8]) -> Vec<u8> {
            let mut message = vec![0; 1 << 20];
            let before = self.0.total_out();
            for piece in [packed, &TAIL] {
                let at = (self.0.total_out() - before) as usize;
                let status = self.0.decompress(piece, &mut message[at..], InflateFlush::SyncFlush);
                assert!(status.is_ok(), "{status:?}");
            }
            message.truncate((self.0.total_out() - before) as usize);
            message
        }
    }

    fn line(number: usize) -> String {
        format!("   Compiling crate-{number} v0.{}.{} (registry)\r\n", number * 7 % 31, number * 13 % 17)
    }

    fn noise(length: u64) -> Vec<u8> {
        let mut state = 1_u64;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect()
    }

    #[tokio::test]
    async fn a_client_reads_it_whatever_was_left_uncompressed_in_between() {
        for window_bits in [None, Some(9), Some(12), Some(15)] {
            let mut packer = packer(COMPRESSION, Agreed { window_bits, ..AGREED });
            let mut client = Client(Inflate::new(false, window_bits.unwrap_or(15)));
            let (mut plain, mut all) = (0, 0);
            for number in 0..2_000 {
                let message = match number % 50 {
                    7 => noise(3_000),
                    8 => b"short".to_vec(),
                    9 => line(number).repeat(300).into(),
                    _ => line(number).into(),
                };
                match packer.pack(&message) {
                    Some(packed) => {
                        assert!(packed.len() <= message.len() + SLACK);
                        assert!(client.unpack(&packed) == message, "{number}, window {window_bits:?}");
                    }
                    None => plain += 1,
                }
                all += 1;
            }
            assert_eq!((plain, all), (80, 2_000), "what is noise or short is not compressed, all else is");
        }
    }

    #[tokio::test]
    async fn the_messages_before_it_make_a_message_smaller_unless_they_must_not() {
        for (forgets, is_smaller) in [(false, true), (true, false)] {
            let mut packer = packer(COMPRESSION, Agreed { forgets, ..AGREED });
            let [first, second] = [(); 2].map(|()| packer.pack(line(1).as_bytes()).expect("it gets smaller"));
            assert_eq!(second.len() < first.len(), is_smaller);
            // A client that forgets, too, can read each for itself.
            if forgets {
                assert_eq!(Client(Inflate::new(false, 15)).unpack(&second), line(1).as_bytes());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn noise_never_wears_a_context_out() {
        let mut packer = packer(COMPRESSION, AGREED);
        let mut client = Client(Inflate::new(false, 15));
        let noise = noise(16 << 10);
        for length in (1_000..noise.len()).step_by(17) {
            assert_eq!(packer.pack(&noise[..length]), None);
            let packed = packer.pack(line(length).as_bytes()).expect("it gets smaller");
            assert!(client.unpack(&packed) == line(length).as_bytes(), "after {length} bytes of noise");
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test]
    async fn a_context_is_there_for_those_who_say_much() {
        let mut packer = Packer::new(COMPRESSION, AGREED);
        let line = "x".repeat(WORTH_BYTES / 2);
        assert_eq!(packer.pack(line.as_bytes()), None);
        assert!(packer.context.is_none());
        assert!(packer.pack(line.as_bytes()).is_some());
        let without_memory = Compression { total_bytes: CONTEXT_BYTES - 1, ..COMPRESSION };
        let mut packer = Packer { said: WORTH_BYTES, ..Packer::new(without_memory, AGREED) };
        assert_eq!(packer.pack(line.as_bytes()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_context_that_is_idle_is_dropped_and_made_again() {
        let waker = noop_waker();
        let mut cx = task::Context::from_waker(&waker);
        let mut packer = packer(COMPRESSION, AGREED);
        for (after, is_there) in [(6, true), (6, true), (9, true), (11, false)] {
            assert!(packer.pack(line(1).repeat(30).as_bytes()).is_some());
            packer.rest(&mut cx);
            tokio::time::advance(Duration::from_secs(after)).await;
            packer.rest(&mut cx);
            assert_eq!(packer.context.is_some(), is_there, "after {after} s");
        }
        assert_eq!(packer.pack(line(1).as_bytes()), None, "it is not worth one yet");
        let packed = packer.pack(line(1).repeat(30).as_bytes()).expect("it is now");
        assert_eq!(Client(Inflate::new(false, 15)).unpack(&packed), line(1).repeat(30).as_bytes());
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_flood_only_so_much_is_compressed() {
        let mut packer = packer(COMPRESSION, AGREED);
        let message = vec![b'x'; 64 << 10];
        let mut packed = |messages: u64| (0..messages).filter(|_| packer.pack(&message).is_some()).count();
        assert_eq!(packed(1_000), (FLOOD_BYTES >> 16) as usize);
        tokio::time::advance(Duration::from_millis(125)).await;
        assert_eq!(packed(1_000), (FLOOD_BYTES_A_SECOND >> 16) as usize / 8);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(packed(1_000), (FLOOD_BYTES >> 16) as usize);
    }
}
