//! Many equal messages, encoded once: a server's frames carry no mask, so each is the same bytes.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::command::Kind;

/// How much is handed to the socket at once.
const PIECE: usize = 256 * 1024;

/// Writes `count` messages of `size` bytes. Nothing else may be half written to the link.
///
/// # Errors
/// Those of the link.
pub(crate) async fn write(
    link: &mut (impl AsyncWrite + Unpin),
    count: usize,
    size: usize,
    kind: Kind,
) -> io::Result<()> {
    let frame = frame(size, kind);
    let at_once = (PIECE / frame.len()).clamp(1, count.max(1));
    let piece = frame.repeat(at_once);
    let mut left = count;
    while left > 0 {
        let now = left.min(at_once);
        link.write_all(&piece[..now * frame.len()]).await?;
        left -= now;
    }
    link.flush().await
}

/// RFC 6455, section 5.2: a final data frame without a mask.
fn frame(size: usize, kind: Kind) -> Vec<u8> {
    let mut frame = vec![match kind {
        Kind::Text => 0x81,
        Kind::Binary => 0x82,
    }];
    match (u8::try_from(size), u16::try_from(size)) {
        (Ok(short @ ..126), _) => frame.push(short),
        (_, Ok(medium)) => {
            frame.push(126);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((size as u64).to_be_bytes());
        }
    }
    frame.resize(frame.len() + size, b'x');
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_header_of_its_size() {
        assert_eq!(frame(2, Kind::Text), [0x81, 2, b'x', b'x']);
        assert_eq!(frame(125, Kind::Binary)[..2], [0x82, 125]);
        assert_eq!(frame(126, Kind::Binary)[..4], [0x82, 126, 0, 126]);
        assert_eq!(frame(65_536, Kind::Text)[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(frame(65_536, Kind::Text).len(), 10 + 65_536);
    }

    #[tokio::test]
    async fn a_flood_is_exactly_as_many_messages_as_asked() {
        for (count, size) in [(0, 64), (1, 64), (10_000, 64), (9, 65_536)] {
            let mut written = Vec::new();
            write(&mut written, count, size, Kind::Binary).await.expect("memory is writable");
            assert_eq!(written, frame(size, Kind::Binary).repeat(count), "{count} of {size}");
        }
    }
}
