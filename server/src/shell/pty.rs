//! A pseudo-terminal's master side, read and written without threads, so that neither a shell that prints
//! nothing nor one that reads nothing can hold a thread of the server for ever.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use envsocket::core::resume::Size;
use portable_pty::{PtySize, SlavePty, native_pty_system};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

#[derive(Debug)]
pub(super) struct Pty {
    master: AsyncFd<OwnedFd>,
}

impl Pty {
    /// A new terminal, and the side of it for a shell to be started on. Needs a tokio runtime's context.
    pub(super) fn open(size: Size) -> io::Result<(Self, Box<dyn SlavePty + Send>)> {
        let size = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).map_err(io::Error::other)?;
        let raw = pair.master.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
        // SAFETY: `pair.master` owns `raw` and lives to the end of this function; the copy is independent.
        let master = unsafe { BorrowedFd::borrow_raw(raw) }.try_clone_to_owned()?;
        fcntl_setfl(&master, fcntl_getfl(&master)? | OFlags::NONBLOCK)?;
        // SAFETY: an `OwnedFd` stays open and the same until it is dropped, and it is never taken out.
        let master = unsafe { AsyncFd::register(master) }?;
        Ok((Self { master }, pair.slave))
    }

    /// The next output; 0 once nobody has the terminal open. Dropping the future loses nothing.
    pub(super) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = |fd: &OwnedFd| match rustix::io::read(fd, &mut *buffer) {
            // Linux's way to say that the last slave was closed.
            Err(Errno::IO) => Ok(0),
            other => Ok(other?),
        };
        self.master.async_io(Interest::READABLE, read).await
    }

    /// Fails once nobody has the terminal open.
    pub(super) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.master.writable().await?;
            let is_hung_up = ready.ready().is_write_closed();
            match ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), bytes)?)) {
                Ok(written) => bytes = &bytes[written?..],
                // A full terminal that was hung up says "ready" and "would block" for ever.
                Err(_) if is_hung_up => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn resize(&self, size: Size) -> io::Result<()> {
        let size = Winsize { ws_row: size.rows, ws_col: size.cols, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(tcsetwinsize(self.master.get_ref(), size)?)
    }
}
