//! A shell in its terminal as a source of messages. What it prints is binary; whatever comes is typed.

use std::sync::{Arc, Weak};

use envsocket::core::close::{DELETED, INTERNAL, NORMAL, TOO_SLOW};
use envsocket::core::resume::Size;
use envsocket::core::resume::session::Entry;

use crate::resume::{self, Farewell, Message, Output, Source, Urgent, going_away};
use crate::shell::{self, Closing, End, Exit, MAX_SIDE, Next, Seat, Shell, Viewer};
use crate::world::{AttachError, Attached, Environment};

pub(super) struct Terminal {
    viewer: Viewer,
    keyboard: Keyboard,
}

#[derive(Clone)]
pub(super) struct Keyboard {
    environment: Arc<Environment>,
    /// Whoever types may outlive it for hours.
    shell: Weak<Shell>,
    input: shell::Input,
    seat: Seat,
}

impl Terminal {
    /// Joins the shell that runs, or starts one. Blocks for the time of a fork.
    pub(super) fn open(environment: Arc<Environment>) -> Result<Self, Farewell> {
        match environment.attach() {
            Ok(Attached { shell, viewer, input }) => {
                let seat = viewer.seat();
                Ok(Self {
                    viewer,
                    keyboard: Keyboard { environment, shell: Arc::downgrade(&shell), input, seat },
                })
            }
            Err(AttachError::Closed(why)) => Err(closed(why)),
            Err(AttachError::Start(error)) => {
                tracing::error!(%error, "no shell");
                Err(Farewell::new(INTERNAL, error.to_string()))
            }
        }
    }
}

impl Source for Terminal {
    type Input = Keyboard;

    fn input(&mut self) -> Keyboard {
        self.keyboard.clone()
    }

    async fn next(&mut self) -> Output {
        self.viewer.next().await.into()
    }

    fn begin(&mut self) -> Vec<Output> {
        self.viewer.begin_session().into_iter().map(Output::from).collect()
    }

    async fn urgent(&mut self) -> Urgent {
        match self.viewer.urgent().await {
            shell::Urgent::InCharge(in_charge) => Urgent::InCharge(in_charge),
            shell::Urgent::End(end) => Urgent::Gone(farewell(end)),
        }
    }

    fn recorder(&mut self) -> Option<Box<dyn resume::Recorder<Message> + Send>> {
        Some(Box::new(Recorder(self.viewer.recorder())))
    }
}

struct Recorder(shell::Recorder);

impl resume::Recorder<Message> for Recorder {
    fn record(&mut self, entry: &Entry<Message>) {
        match entry {
            Entry::Message(_) | Entry::Size(_) => self.0.record(),
            Entry::End { .. } => self.0.end(),
        }
    }

    fn snapshot(&self) -> Option<Message> {
        self.0.draw().map(Message::from)
    }
}

impl resume::Input for Keyboard {
    async fn take(&mut self, message: Message) {
        self.seat.take_charge();
        // Nobody reads any more: the output is about to end.
        let _ = self.input.push(message.into_bytes()).await;
    }

    async fn resize(&mut self, size: Size) {
        self.seat.take_charge();
        let Some(shell) = self.shell.upgrade() else { return };
        let environment = Arc::clone(&self.environment);
        let size = Size { cols: size.cols.min(MAX_SIDE), rows: size.rows.min(MAX_SIDE) };
        // An environment may be forking a shell.
        let resized = tokio::task::spawn_blocking(move || environment.resize_from(&shell, size)).await;
        if let Ok(Err(error)) = resized {
            tracing::error!(%error, "a terminal could not be resized");
        }
    }
}

impl From<Next> for Output {
    fn from(next: Next) -> Self {
        match next {
            Next::Output(bytes) => Self::Message(bytes.into()),
            Next::Size(size) => Self::Size(size),
            Next::End(End::Exited(exit)) => {
                let code = match exit {
                    Exit::Code(code) => Some(code),
                    Exit::Signal(_) | Exit::Unknown => None,
                };
                Self::End { code, reason: exit.to_string() }
            }
            Next::InCharge(in_charge) => Urgent::InCharge(in_charge).into(),
            Next::End(end) => Urgent::Gone(farewell(end)).into(),
        }
    }
}

fn farewell(end: End) -> Farewell {
    match end {
        End::Exited(exit) => Farewell::new(NORMAL, exit.to_string()),
        End::Closed(why) => closed(why),
        End::TooSlow => Farewell::new(TOO_SLOW, "too slow"),
    }
}

fn closed(why: Closing) -> Farewell {
    match why {
        Closing::Deleted => Farewell::new(DELETED, "environment deleted"),
        Closing::ServerEnds => going_away(),
    }
}
