//! The pair that names a connection.
//!
//! Both ends use this file: what the browser refuses to connect to, the server refuses to create.

use std::fmt;

/// The longest project name or environment id, in bytes of UTF-8.
///
/// Two of them, percent-encoded at three characters a byte, stay well under the 2,000 characters that
/// every proxy takes for a URL.
pub const MAX_NAME_BYTES: usize = 256;

/// A project and one of its environments: what the pool is keyed by.
///
/// The label is for people only: `("a-b", "c")` and `("a", "b-c")` share one and are two keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    project: Box<str>,
    env: Box<str>,
}

impl Key {
    /// Checks both names; the error says which of them is wrong.
    pub fn new(project: &str, env: &str) -> Result<Self, BadKey> {
        check_name(project).map_err(|why| BadKey { part: Part::Project, why })?;
        check_name(env).map_err(|why| BadKey { part: Part::Env, why })?;
        Ok(Self { project: project.into(), env: env.into() })
    }

    /// The project's name.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The environment's id within the project.
    pub fn env(&self) -> &str {
        &self.env
    }

    /// `project-env`, for people.
    pub fn label(&self) -> String {
        [self.project(), "-", self.env()].concat()
    }
}

/// Which half of a key is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The project's name.
    Project,
    /// The environment's id.
    Env,
}

/// Why a pair is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadKey {
    /// The half that is wrong.
    pub part: Part,
    /// What is wrong with it.
    pub why: BadName,
}

/// Why a string is no project name and no environment id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadName {
    /// It has no characters.
    Empty,
    /// It is longer than [`MAX_NAME_BYTES`].
    TooLong,
    /// It has a control character, which no terminal, log or URL shows.
    Control,
    /// It is `.` or `..`, which every URL parser removes from a path, however it is encoded.
    Dots,
}

impl BadName {
    /// What the name must be instead; reads on after "projectName ".
    pub fn message(self) -> &'static str {
        match self {
            Self::Empty => "must not be empty",
            Self::TooLong => "must not be longer than 256 bytes of UTF-8",
            Self::Control => "must not contain control characters",
            Self::Dots => "must not be \".\" or \"..\": URLs cannot carry them",
        }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for BadName {}

/// Accepts what can be a project name or an environment id: anything that a person can read and a URL
/// can carry, slashes and spaces included.
pub fn check_name(name: &str) -> Result<(), BadName> {
    if name.is_empty() {
        Err(BadName::Empty)
    } else if name.len() > MAX_NAME_BYTES {
        Err(BadName::TooLong)
    } else if name.chars().any(char::is_control) {
        Err(BadName::Control)
    } else if name == "." || name == ".." {
        Err(BadName::Dots)
    } else {
        Ok(())
    }
}
