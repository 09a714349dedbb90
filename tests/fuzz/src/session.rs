//! Target: a schedule for the server's end of `envsocket.v1`, whose clients do what they like.
//!
//! The bytes are a source that says things and takes input, a clock, and clients that come, speak, go and come back,
//! honest but for a lie now and then. Whatever they do, what each of them is told must be what the protocol promises
//! to a client who believes it all: that is what `client` looks at. The rest is bounds: what is kept, for how long
//! the source is held, and that there is always a next deadline, or none. At the end everybody turns honest, and is
//! to get what is left.

mod client;
mod note;
mod world;

use envsocket::core::resume::frame::{ClientFrame, Counts};
use envsocket::core::resume::session::{Entry, LinkId};
use envsocket::core::resume::{MAX_NUMBER, Size, Violation};

use crate::hostile::Choices;
use note::Note;
use world::World;

/// Past this many, a schedule tells nothing new.
const MOST_STEPS: usize = 2_000;

/// Runs a schedule.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut world = World::new(&mut choices);
    for _ in 0..MOST_STEPS {
        if choices.is_empty() {
            break;
        }
        step(&mut world, &mut choices);
        world.is_within_bounds();
    }
    world.everybody_is_honest_at_last();
}

fn step(world: &mut World, choices: &mut Choices<'_>) {
    match choices.byte() % 24 {
        0..=3 => world.append(Entry::Message(Note::said(choices))),
        4 => world.append(Entry::Size(size(choices))),
        5 if choices.byte() == 0 => {
            let reason = "e".repeat(usize::from(choices.byte())).into();
            world.append(Entry::End { code: choices.flag().then_some(7), reason });
        }
        5..=7 => attach(world, choices),
        8..=11 => world.pull(link(world, choices), usize::from(choices.byte() % 16)),
        12 | 13 => ack(world, choices),
        14 | 15 => {
            let bytes = world.terms.max_message.saturating_sub(choices.near(40).min(1 << 20));
            let bytes = if choices.flag() { bytes } else { u64::from(choices.byte()) };
            world.message(link(world, choices), bytes);
        }
        16 => {
            let link = link(world, choices);
            let right = world.sent_by(link) + u64::from(choices.byte() % 4);
            let to = choices.near(right);
            world.say(link, ClientFrame::Skip { to });
        }
        17 => world.say(link(world, choices), ClientFrame::Resize(size(choices))),
        18 => world.pass(choices.near(500).min(1 << 40)),
        19 => world.wait_for_the_deadline(),
        20 => world.take_input(choices.flag()),
        21 => world.go(link(world, choices), choices.flag()),
        22 => match choices.byte() % 4 {
            0 => world.session.set_in_charge(choices.flag()),
            1 => world.session.violated(link(world, choices), Violation("v".repeat(200).into())),
            2 => world.bye(link(world, choices), u64::from(choices.byte())),
            _ => world.crowd(choices.byte()),
        },
        _ => world.is_held_no_longer_than_it_may(),
    }
}

/// One of the links that there are, or one that nobody knows.
fn link(world: &World, choices: &mut Choices<'_>) -> LinkId {
    let at = usize::from(choices.byte());
    world.links().nth(at % (world.links().count() + 1)).unwrap_or(LinkId(MAX_NUMBER))
}

fn size(choices: &mut Choices<'_>) -> Size {
    Size { cols: u16::from(choices.byte() % 4) + 1, rows: 24 }
}

fn attach(world: &mut World, choices: &mut Choices<'_>) {
    let mut hello = world.hello(choices.byte() % 5);
    if choices.byte() < 0x40 {
        hello.attempt = choices.near(hello.attempt).clamp(1, MAX_NUMBER);
        hello.received = choices.near(hello.received).min(MAX_NUMBER);
        hello.sent = choices.near(hello.sent).min(MAX_NUMBER);
        hello.acked = choices.near(hello.acked).min(hello.sent);
        hello.secret.0 ^= u128::from(choices.byte() == 0xff);
        match choices.byte() % 8 {
            // As the frame's reader has it.
            0 => (hello.epoch, hello.received, hello.sent, hello.acked) = (None, 0, 0, 0),
            1 => hello.epoch = Some(world.any_epoch(choices.byte())),
            _ => {}
        }
        if hello.epoch.is_none() {
            (hello.received, hello.sent, hello.acked) = (0, 0, 0);
        }
        if choices.flag() {
            hello.size = Some(size(choices));
        }
    }
    world.attach(hello);
}

fn ack(world: &mut World, choices: &mut Choices<'_>) {
    let link = link(world, choices);
    let Counts { sent, received, consumed } = world.honest_counts(link);
    let received = choices.near(received);
    let counts =
        Counts { sent: choices.near(sent), received, consumed: choices.near(consumed).min(received) };
    let frame = choices.one_of([ClientFrame::Ack, ClientFrame::Ping, ClientFrame::Pong])(counts);
    world.say(link, frame);
}
