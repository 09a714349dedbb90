//! One environment: at most one shell at a time, started when somebody comes.
//!
//! Everything that can race (two first connections, exit and attach, delete and attach) is decided under
//! one lock. It is held while a shell is forked, so whoever takes it is on a thread that may wait.

use std::io;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use envsocket::core::key::Key;
use envsocket::core::resume::Size;
use tokio_util::task::TaskTracker;

use crate::config::EnvironmentSpec;
use crate::shell::{Closing, Common, Input, Remains, Shell, StartError, USUAL_SIZE, Viewer, Work, remains};

#[derive(Debug)]
pub(crate) struct Environment {
    spec: EnvironmentSpec,
    shells: Arc<Common>,
    /// Tells this environment from every other, also from one of the same name before or after it.
    run: Arc<str>,
    patience: Duration,
    inner: Mutex<Inner>,
    /// The shells' work, until the last byte.
    work: TaskTracker,
}

#[derive(Debug)]
struct Inner {
    state: State,
    size: Size,
}

#[derive(Debug)]
enum State {
    Idle,
    Running(Arc<Shell>),
    Closed(Closing),
}

/// A way to see what a shell prints, and a way to type.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) shell: Arc<Shell>,
    pub(crate) viewer: Viewer,
    pub(crate) input: Input,
}

/// Why a connection got no shell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttachError {
    #[error("the environment is closed")]
    Closed(Closing),
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Environment {
    pub(crate) fn new(spec: EnvironmentSpec, shells: Arc<Common>, patience: Duration) -> Self {
        let inner = Mutex::new(Inner { state: State::Idle, size: USUAL_SIZE });
        Self { spec, shells, run: unique().into(), patience, inner, work: TaskTracker::new() }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.spec.key
    }

    /// What tells it from every other environment, also from one of the same name before or after it.
    pub(crate) fn run(&self) -> &Arc<str> {
        &self.run
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(&self.lock().state, State::Running(shell) if !shell.is_over())
    }

    /// Joins the shell that runs, or starts one. Blocks for the time of a fork.
    pub(crate) fn attach(self: &Arc<Self>) -> Result<Attached, AttachError> {
        let mut inner = self.lock();
        match &inner.state {
            State::Closed(why) => return Err(AttachError::Closed(*why)),
            State::Running(shell) => {
                if let Some((viewer, input)) = shell.attach() {
                    return Ok(Attached { shell: Arc::clone(shell), viewer, input });
                }
            }
            State::Idle => {}
        }
        let (shell, work) = Shell::start(&self.spec, &self.shells, &self.run, inner.size, self.patience)?;
        let (viewer, input) = shell.attach().expect("nothing can end a log before its work has begun");
        let shell = Arc::new(shell);
        inner.state = State::Running(Arc::clone(&shell));
        self.work.spawn(Arc::clone(self).live(Arc::clone(&shell), work));
        Ok(Attached { shell, viewer, input })
    }

    async fn live(self: Arc<Self>, shell: Arc<Shell>, work: Work) {
        let key = self.key();
        tracing::info!(project = key.project(), env = key.env(), "shell started");
        let exit = work.run().await;
        tracing::info!(project = key.project(), env = key.env(), %exit, "shell ended");
        let mut inner = self.lock();
        // Somebody who came in between has started the next one already.
        if matches!(&inner.state, State::Running(current) if Arc::ptr_eq(current, &shell)) {
            inner.state = State::Idle;
        }
    }

    /// For the shell that runs and for those to come.
    pub(crate) fn resize(&self, size: Size) -> io::Result<()> {
        let mut inner = self.lock();
        inner.size = size;
        match &inner.state {
            State::Running(shell) => shell.resize(size),
            State::Idle | State::Closed(_) => Ok(()),
        }
    }

    /// The same, asked for by somebody at this shell: nothing if it is not the one that runs.
    pub(crate) fn resize_from(&self, shell: &Arc<Shell>, size: Size) -> io::Result<()> {
        let mut inner = self.lock();
        match &inner.state {
            State::Running(current) if Arc::ptr_eq(current, shell) => {
                shell.resize(size)?;
                inner.size = size;
                Ok(())
            }
            State::Running(_) | State::Idle | State::Closed(_) => Ok(()),
        }
    }

    /// Cuts the viewers off and lets nobody in any more. The processes that remain are to be ended.
    pub(crate) fn close(&self, why: Closing) -> Remains {
        let old = std::mem::replace(&mut self.lock().state, State::Closed(why));
        let shell = match &old {
            State::Running(shell) => {
                shell.abandon(why);
                Some(shell.as_ref())
            }
            State::Idle | State::Closed(_) => None,
        };
        remains(shell, &self.run)
    }

    /// Completes when the last shell of a closed environment is reaped.
    pub(crate) async fn ended(&self) {
        self.work.close();
        self.work.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds this lock")
    }
}

/// Process id and time tell servers apart, the count tells environments of one server apart.
fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", process::id(), since_epoch.as_nanos(), COUNT.fetch_add(1, Ordering::Relaxed))
}
