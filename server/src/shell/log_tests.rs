//! What the output log promises, in virtual time.

use super::*;

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
async fn a_newcomer_gets_the_last_64_kib_and_then_what_is_written() {
    let log = log();
    let past: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8 & 0x7f).collect();
    for chunk in past.chunks(BLOCK) {
        log.append(chunk).await;
    }
    let mut viewer = log.attach().expect("live");
    assert_eq!(output(&mut viewer).await, past[past.len() - REPLAY_BYTES..]);
    log.append(b"new").await;
    assert_eq!(output(&mut viewer).await, "new");
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
    assert_eq!(ring.read(ring.tail(usize::MAX), usize::MAX).len(), HISTORY_BYTES);
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
    let (end, ()) = tokio::join!(stuck.cut_off(), log.append(&[b'!'; BLOCK]));
    assert_eq!(end, End::TooSlow);
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
    let (end, ()) = tokio::join!(viewer.cut_off(), async {
        tokio::join!(log.append(&[b'!'; BLOCK]), async { log.abandon(Closing::Deleted) });
    });
    assert_eq!(end, End::Closed(Closing::Deleted));
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
    let mut seen = Vec::new();
    for next in told {
        match next {
            Next::Output(bytes) => {
                assert!(bytes.len() <= SESSION_CHUNK_BYTES);
                seen.extend_from_slice(&bytes);
            }
            Next::Size(size) => seen.extend_from_slice(format!("[{}]", size.cols).as_bytes()),
            Next::End(end) => panic!("ended with {end:?}"),
        }
    }
    let expected = [b"[80]", &past[past.len() + 4 - REPLAY_BYTES..], b"[132]wide"].concat();
    assert!(seen == expected, "{} bytes", seen.len());
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
    session.begin_session();
    fill(&log).await;
    let before = Instant::now();
    let taken = async {
        tokio::time::sleep(PATIENCE * 100).await;
        output(&mut session).await
    };
    tokio::join!(log.append(&[b'!'; BLOCK]), taken);
    assert_eq!(Instant::now() - before, PATIENCE * 100);
    let mut seen = SESSION_CHUNK_BYTES;
    while seen < HISTORY_BYTES + BLOCK {
        seen += output(&mut session).await.len();
    }
}
