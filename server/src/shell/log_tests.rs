//! What the output log promises, in virtual time.

use super::*;
use crate::screen::Screen;

const PATIENCE: Duration = Duration::from_secs(5);
const BLOCK: usize = 16 * 1024;
const SIZE: Size = Size { cols: 80, rows: 24 };

fn log() -> Arc<OutputLog> {
    Arc::new(OutputLog::new(PATIENCE, SIZE))
}

async fn output(viewer: &mut Viewer) -> Bytes {
    match viewer.next().await {
        Next::Output(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

/// Fills the log until one more block would cost a viewer at offset 0 its first byte.
async fn fill(log: &OutputLog) {
    for _ in 0..HISTORY_BYTES / BLOCK {
        log.append(&[b'.'; BLOCK]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_gets_what_the_terminal_shows_and_then_what_is_written() {
    let log = log();
    let mut expected = Screen::new(SIZE);
    for line in 0..20_000 {
        let line = format!("\x1b[3{}mline {line}\r\n", line % 8);
        log.append(line.as_bytes()).await;
        expected.feed(line.as_bytes());
    }
    let mut viewer = log.attach().expect("live");
    assert_eq!(output(&mut viewer).await, expected.draw());
    log.append(b"new").await;
    assert_eq!(output(&mut viewer).await, "new");
}

#[tokio::test(start_paused = true)]
async fn of_a_little_text_a_newcomer_gets_all_as_it_was() {
    let log = log();
    let mut first = log.attach().expect("live");
    log.append("first\r\n\tétage".as_bytes()).await;
    assert_eq!(output(&mut first).await, "first\r\n\tétage", "there was no past");
    let mut second = log.attach().expect("live");
    assert_eq!(output(&mut second).await, "first\r\n\tétage");
    // The terminal's own questions are in no past: nobody waits for the answers any more.
    log.append(b"\x1b[6n").await;
    let mut third = log.attach().expect("live");
    let past = output(&mut third).await;
    assert!(!past.ends_with(b"\x1b[6n"), "{past:?}");
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_begins_in_no_escape_sequence_and_in_no_character() {
    for (whole, cut) in [("\x1b[31mred", 3), ("日本", 4), ("\x1b]0;title\x07x", 6)] {
        let log = log();
        log.append(b"\x1b[2J").await;
        log.append(&whole.as_bytes()[..cut]).await;
        let mut viewer = log.attach().expect("live");
        log.append(&whole.as_bytes()[cut..]).await;
        let mut screen = Screen::new(SIZE);
        screen.feed(&output(&mut viewer).await);
        screen.feed(&output(&mut viewer).await);
        let mut expected = Screen::new(SIZE);
        expected.feed(format!("\x1b[2J{whole}").as_bytes());
        assert_eq!(screen.draw(), expected.draw(), "{whole:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_can_have_drawn_what_its_log_has_and_nothing_else() {
    let log = log();
    let mut session = log.attach().expect("live");
    let mut recorder = session.recorder();
    session.begin_session();
    let mut expected = Screen::new(SIZE);
    for round in 0..100 {
        let block = [b'a' + round % 26; BLOCK];
        let (_, given) = tokio::join!(log.append(&block), output(&mut session));
        assert_eq!(recorder.draw(), Some(expected.draw()), "what it was given last is in no log yet");
        recorder.record();
        expected.feed(&given);
        if round % 10 == 0 {
            assert_eq!(recorder.draw(), Some(expected.draw()));
        }
    }
    let wide = Size { cols: 132, rows: 24 };
    log.resize(wide, || Ok::<_, ()>(())).expect("it takes every size");
    assert_eq!(session.next().await, Next::Size(wide));
    recorder.record();
    expected.resize(wide);
    assert_eq!(recorder.draw(), Some(expected.draw()));
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_later_takes_nothing_from_a_session_that_is_held() {
    let log = log();
    let mut session = log.attach().expect("live");
    let recorder = session.recorder();
    session.begin_session();
    let before = recorder.draw();
    log.append(b"\x1b[1mbold").await;
    let mut newcomer = log.attach().expect("live");
    let mut expected = Screen::new(SIZE);
    expected.feed(b"\x1b[1mbold");
    assert_eq!(output(&mut newcomer).await, expected.draw());
    assert!(before.is_some() && recorder.draw() == before, "the screen as it was for that session");
}

#[tokio::test(start_paused = true)]
async fn old_output_is_drawn_at_its_own_size_however_often_that_has_changed() {
    let log = log();
    let mut expected = Screen::new(SIZE);
    for round in 0..1_000 {
        let line = format!("\x1b[1m{round:>70}\r\n");
        log.append(line.as_bytes()).await;
        expected.feed(line.as_bytes());
        let size = Size { cols: 40 + round % 60, rows: 24 };
        log.resize(size, || Ok::<_, ()>(())).expect("it takes every size");
        expected.resize(size);
    }
    let mut viewer = log.attach().expect("live");
    assert_eq!(output(&mut viewer).await, expected.draw());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_kept_after_the_end_keeps_a_drawing_and_no_log() {
    let log = log();
    let mut session = log.attach().expect("live");
    let mut recorder = session.recorder();
    session.begin_session();
    log.append(b"last words").await;
    output(&mut session).await;
    recorder.record();
    log.end(Exit::Code(0));
    assert_eq!(session.next().await, Next::End(End::Exited(Exit::Code(0))));
    let drawn = recorder.draw();
    recorder.end();
    drop(session);
    assert_eq!(Arc::strong_count(&log), 1);
    assert!(drawn.is_some() && recorder.draw() == drawn);
}

#[tokio::test(start_paused = true)]
async fn text_with_controls_beyond_ascii_is_not_told_as_it_was() {
    for past in ["\u{9b}6n", "\u{85}", "x\u{7f}"] {
        let log = log();
        log.append(past.as_bytes()).await;
        let mut viewer = log.attach().expect("live");
        log.append(b"live").await;
        assert_ne!(output(&mut viewer).await, past);
    }
}

#[tokio::test(start_paused = true)]
async fn who_types_is_in_charge_and_the_others_are_told_even_in_a_delivery() {
    let log = log();
    let mut session = log.attach().expect("live");
    let mut other = log.attach().expect("live");
    session.begin_session();
    other.begin_session();
    session.seat().take_charge();
    assert_eq!(other.urgent().await, Urgent::InCharge(false));
    other.seat().take_charge();
    assert_eq!(other.next().await, Next::InCharge(true));
    assert_eq!(session.next().await, Next::InCharge(false));
    drop(other);
    assert_eq!(session.next().await, Next::InCharge(true));
}

#[tokio::test(start_paused = true)]
async fn without_viewers_the_writer_never_waits() {
    let log = log();
    let before = Instant::now();
    for _ in 0..100 {
        fill(&log).await;
    }
    assert_eq!(Instant::now(), before, "virtual time would have moved");
    let ring = &log.lock().ring;
    assert_eq!(ring.read(ring.start(), usize::MAX).len(), HISTORY_BYTES);
}

#[tokio::test(start_paused = true)]
async fn the_writer_waits_for_a_viewer_that_takes_its_time_and_nothing_is_lost() {
    let log = log();
    let mut viewer = log.attach().expect("live");
    let total = 4 * HISTORY_BYTES;
    let writer = async {
        for _ in 0..total / BLOCK {
            log.append(&[b'.'; BLOCK]).await;
        }
    };
    let reader = async {
        let mut seen = 0;
        while seen < total {
            tokio::time::sleep(PATIENCE - Duration::from_millis(1)).await;
            seen += output(&mut viewer).await.len();
        }
    };
    tokio::join!(writer, reader);
}

#[tokio::test(start_paused = true)]
async fn a_viewer_that_takes_nothing_is_struck_off_after_its_patience_and_no_earlier() {
    let log = log();
    let mut stuck = log.attach().expect("live");
    let mut brisk = log.attach().expect("live");
    fill(&log).await;
    // It held nobody back until now, so its patience begins now.
    tokio::time::advance(PATIENCE * 10).await;
    while log.pull(brisk.id).is_some() {}
    let before = Instant::now();
    let (end, ()) = tokio::join!(stuck.urgent(), log.append(&[b'!'; BLOCK]));
    assert_eq!(end, Urgent::End(End::TooSlow));
    assert_eq!(Instant::now() - before, PATIENCE);
    assert_eq!(stuck.next().await, Next::End(End::TooSlow));
    assert_eq!(output(&mut brisk).await.last(), Some(&b'!'));
}

#[tokio::test(start_paused = true)]
async fn a_viewer_that_leaves_frees_the_writer_at_once() {
    let log = log();
    let stuck = log.attach().expect("live");
    fill(&log).await;
    let before = Instant::now();
    tokio::join!(log.append(&[b'!'; BLOCK]), async { drop(stuck) });
    assert_eq!(Instant::now(), before);
}

#[tokio::test(start_paused = true)]
async fn what_was_written_before_the_end_is_delivered_before_the_end() {
    let log = log();
    let mut viewer = log.attach().expect("live");
    log.append(b"bye").await;
    log.end(Exit::Code(3));
    assert_eq!(output(&mut viewer).await, "bye");
    assert_eq!(viewer.next().await, Next::End(End::Exited(Exit::Code(3))));
    assert!(log.attach().is_none());
}

#[tokio::test(start_paused = true)]
async fn abandoning_cuts_viewers_off_and_frees_the_writer() {
    let log = log();
    let mut viewer = log.attach().expect("live");
    fill(&log).await;
    let (end, ()) = tokio::join!(viewer.urgent(), async {
        tokio::join!(log.append(&[b'!'; BLOCK]), async { log.abandon(Closing::Deleted) });
    });
    assert_eq!(end, Urgent::End(End::Closed(Closing::Deleted)));
    log.end(Exit::Code(0));
    assert_eq!(viewer.next().await, Next::End(End::Closed(Closing::Deleted)), "the first verdict stays");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_told_the_past_and_the_sizes_in_their_places() {
    let log = log();
    let past: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8 & 0x7f).collect();
    log.append(&past).await;
    let wide = Size { cols: 132, rows: 24 };
    log.resize(wide, || Ok::<_, ()>(())).expect("it takes every size");
    log.append(b"wide").await;
    let mut session = log.attach().expect("live");
    let told = session.begin_session();
    let [Next::InCharge(true), Next::Size(size), Next::Output(picture)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*size, wide);
    let mut screen = Screen::new(wide);
    screen.feed(picture);
    assert_eq!(screen.draw(), *picture);
    let lossy = String::from_utf8_lossy(picture);
    assert!(lossy.contains("wide"), "{lossy}");
    log.append(b"more").await;
    log.resize(SIZE, || Ok::<_, ()>(())).expect("it takes every size");
    assert_eq!(output(&mut session).await, "more");
    assert_eq!(session.next().await, Next::Size(SIZE));
    let refused = log.resize(wide, || Err("no"));
    assert_eq!(refused, Err("no"));
    log.append(b"end").await;
    assert_eq!(output(&mut session).await, "end", "a size that was refused is not announced");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_waited_for_however_long_it_takes() {
    let log = log();
    let mut session = log.attach().expect("live");
    let mut recorder = session.recorder();
    session.begin_session();
    fill(&log).await;
    let before = Instant::now();
    let taken = async {
        tokio::time::sleep(PATIENCE * 100).await;
        output(&mut session).await;
        tokio::time::sleep(PATIENCE).await;
        // Only then is it in the session's log.
        recorder.record();
    };
    tokio::join!(log.append(&[b'!'; BLOCK]), taken);
    assert_eq!(Instant::now() - before, PATIENCE * 101);
    let mut seen = SESSION_CHUNK_BYTES;
    while seen < HISTORY_BYTES + BLOCK {
        seen += output(&mut session).await.len();
    }
}
