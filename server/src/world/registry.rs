//! All projects in their order of creation.

use std::sync::{Arc, Mutex, MutexGuard};

use envsocket::core::key::Key;
use tokio_util::task::TaskTracker;

use super::environment::Environment;
use crate::config::{EnvironmentSpec, Layout, Limits, ProjectSpec};
use crate::shell::{Closing, Common, Remains, end_all};

#[derive(Debug)]
pub(crate) struct Registry {
    limits: Limits,
    shells: Arc<Common>,
    projects: Mutex<Projects>,
    /// Deletions under way. They go on when the request that asked for them is given up.
    endings: TaskTracker,
}

#[derive(Debug)]
enum Projects {
    Open(Vec<Project>),
    /// The server ends; nothing is created any more.
    Closed,
}

#[derive(Debug)]
struct Project {
    name: String,
    environments: Vec<Arc<Environment>>,
}

/// Why an environment was not created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    #[error(
        "environment \"{env}\" of project \"{project}\" exists already; delete it first, or choose another id"
    )]
    Exists { project: String, env: String },
    #[error("there are {0} environments, which is the most there may be; delete one first")]
    TooMany(usize),
    #[error("the server is shutting down")]
    Closed,
}

/// Nothing to delete, to resize, to connect to.
#[derive(Debug, thiserror::Error)]
#[error("unknown environment")]
pub(crate) struct UnknownEnvironment;

impl Registry {
    pub(crate) fn new(layout: Layout, shells: Common, limits: Limits) -> Result<Self, CreateError> {
        let count: usize = layout.projects.iter().map(|project| project.environments.len()).sum();
        if count > limits.environments {
            return Err(CreateError::TooMany(limits.environments));
        }
        let shells = Arc::new(shells);
        let environment =
            |spec| Arc::new(Environment::new(spec, Arc::clone(&shells), limits.viewer_patience));
        let project = |ProjectSpec { name, environments }: ProjectSpec| Project {
            name,
            environments: environments.into_iter().map(environment).collect(),
        };
        let projects = layout.projects.into_iter().map(project).collect();
        Ok(Self {
            limits,
            shells,
            projects: Mutex::new(Projects::Open(projects)),
            endings: TaskTracker::new(),
        })
    }

    /// Calls `show` with every project's name and environments.
    pub(crate) fn map<T>(&self, show: impl Fn(&str, &[Arc<Environment>]) -> T) -> Vec<T> {
        let projects = self.lock();
        projects.all().iter().map(|project| show(&project.name, &project.environments)).collect()
    }

    pub(crate) fn find(&self, project: &str, env: &str) -> Result<Arc<Environment>, UnknownEnvironment> {
        let projects = self.lock();
        let project = projects.all().iter().find(|it| it.name == project).ok_or(UnknownEnvironment)?;
        project.environments.iter().find(|it| it.key().env() == env).cloned().ok_or(UnknownEnvironment)
    }

    /// Creates an environment with the server's shell, and its project if that is new.
    pub(crate) fn create(&self, key: Key) -> Result<(), CreateError> {
        let mut projects = self.lock();
        let Projects::Open(projects) = &mut *projects else { return Err(CreateError::Closed) };
        let (name, env) = (key.project().to_owned(), key.env());
        let place = projects.iter().position(|project| project.name == name);
        if place.is_some_and(|at| projects[at].environments.iter().any(|it| it.key().env() == env)) {
            return Err(CreateError::Exists { project: name, env: env.to_owned() });
        }
        if projects.iter().map(|project| project.environments.len()).sum::<usize>()
            >= self.limits.environments
        {
            return Err(CreateError::TooMany(self.limits.environments));
        }
        let at = place.unwrap_or_else(|| {
            projects.push(Project { name, environments: Vec::new() });
            projects.len() - 1
        });
        let environment = Environment::new(
            EnvironmentSpec::plain(key),
            Arc::clone(&self.shells),
            self.limits.viewer_patience,
        );
        projects[at].environments.push(Arc::new(environment));
        Ok(())
    }

    /// Takes an environment away and ends everything that was started in it. The project stays.
    pub(crate) async fn delete(&self, project: &str, env: &str) -> Result<(), UnknownEnvironment> {
        let environment = self.take(project, env)?;
        let ending = self.endings.spawn(async move {
            let remains = environment.close(Closing::Deleted);
            end(vec![remains], &[environment]).await;
        });
        // It fails only if it panicked, which tokio has reported by then.
        let _ = ending.await;
        Ok(())
    }

    fn take(&self, project: &str, env: &str) -> Result<Arc<Environment>, UnknownEnvironment> {
        let mut projects = self.lock();
        let Projects::Open(projects) = &mut *projects else { return Err(UnknownEnvironment) };
        let project = projects.iter_mut().find(|it| it.name == project).ok_or(UnknownEnvironment)?;
        let at =
            project.environments.iter().position(|it| it.key().env() == env).ok_or(UnknownEnvironment)?;
        Ok(project.environments.remove(at))
    }

    /// Ends everything that was ever started, and lets nothing new begin.
    pub(crate) async fn close(&self) {
        let old = std::mem::replace(&mut *self.lock(), Projects::Closed);
        let environments: Vec<_> =
            old.all().iter().flat_map(|project| project.environments.iter().cloned()).collect();
        let remains = environments.iter().map(|it| it.close(Closing::ServerEnds)).collect();
        end(remains, &environments).await;
        self.endings.close();
        self.endings.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Projects> {
        self.projects.lock().expect("nothing panics while it holds this lock")
    }
}

impl Projects {
    fn all(&self) -> &[Project] {
        match self {
            Self::Open(projects) => projects,
            Self::Closed => &[],
        }
    }
}

/// One look at the machine's processes serves all environments, however many there are.
async fn end(remains: Vec<Remains>, environments: &[Arc<Environment>]) {
    // It fails only if it panicked, which tokio has reported by then.
    let _ = tokio::task::spawn_blocking(move || end_all(&remains)).await;
    for environment in environments {
        environment.ended().await;
    }
}
