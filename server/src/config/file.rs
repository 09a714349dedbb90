//! The TOML file that names projects and environments. It is read once, whole, and either becomes a valid
//! [`Layout`] or an error that names the file, the line and the field.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use envsocket::core::key::{Key, check_name};
use serde::Deserialize;
use toml::Spanned;

use super::Limits;
use super::auth::RawAuth;
use super::quotas::RawLimits;
use crate::auth::TokenRules;
use crate::limits::{Proxies, Quotas};
use crate::resume::Compression;

/// Smaller ones would hold back a shell that prints a screen, larger ones are a mistake in the unit.
const RING_BYTES: RangeInclusive<u64> = 64 << 10..=1 << 30;
/// Up to what one message may have.
const MIN_BYTES: RangeInclusive<u64> = 0..=1 << 20;
/// Up to a month.
const GRACE_SECONDS: RangeInclusive<u64> = 0..=31 * 24 * 60 * 60;

/// The projects and environments that exist from the start. Every name in it is valid and unique.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(crate) projects: Vec<ProjectSpec>,
}

#[derive(Debug, Clone)]
pub(crate) struct ProjectSpec {
    pub(crate) name: String,
    pub(crate) environments: Vec<EnvironmentSpec>,
}

#[derive(Debug, Clone)]
pub(crate) struct EnvironmentSpec {
    pub(crate) key: Key,
    /// Program and arguments; `None` is [`Config::shell`](crate::Config::shell).
    pub(crate) command: Option<Vec<String>>,
    /// `None` is the user's home.
    pub(crate) cwd: Option<PathBuf>,
    /// Added to the server's own environment.
    pub(crate) env: BTreeMap<String, String>,
}

impl EnvironmentSpec {
    pub(crate) fn plain(key: Key) -> Self {
        Self { key, command: None, cwd: None, env: BTreeMap::new() }
    }
}

/// What a configuration file says: its layout, and what else it names; the rest is the defaults.
#[derive(Debug, Clone)]
pub struct File {
    /// The projects and environments.
    pub layout: Layout,
    /// Times and bounds.
    pub limits: Limits,
    /// How what is sent is compressed; `None`: not at all.
    pub compression: Option<Compression>,
    /// The most that anybody may have at a time.
    pub quotas: Quotas,
    /// Whom to believe where a request came from.
    pub proxies: Proxies,
    /// Whose tokens are good; `None`: it says nothing of tokens.
    pub tokens: Option<TokenRules>,
    /// The variable with the key, which is no business of the shells.
    pub withheld: Vec<String>,
}

impl Default for File {
    fn default() -> Self {
        let compression = Some(Compression::default());
        Self {
            layout: Layout::default(),
            limits: Limits::default(),
            compression,
            quotas: Quotas::default(),
            proxies: Proxies::default(),
            tokens: None,
            withheld: Vec::new(),
        }
    }
}

/// Why a configuration file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or may not be read.
    #[error("cannot read {}: {source}; check the path given to --config", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no TOML, or has an unknown field, or a value of the wrong type. The message has line and column.
    #[error("{file}: {source}")]
    Syntax {
        /// The file, or what stands for it.
        file: String,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// The file says whose tokens are good, and the demo's are asked for.
    #[error("--demo-auth and [auth] in the configuration exclude each other; leave one of them out")]
    TwoAuthorities,
    /// A value that cannot be.
    #[error("{file}, line {line}: {field} {why}")]
    Invalid {
        /// The file, or what stands for it.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The field's name in the file.
        field: &'static str,
        /// What is wrong and what it must be; reads on after the field's name.
        why: String,
    },
}

impl File {
    /// Reads a TOML file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Source { file: path.display().to_string(), folder, text: &text }.read()
    }
}

/// Projects `alpha` and `beta`, each with `dev` and `staging`, each with the server's shell.
impl Default for Layout {
    fn default() -> Self {
        let spec = |project, env| {
            EnvironmentSpec::plain(Key::new(project, env).expect("both names are literals that pass"))
        };
        let projects = ["alpha", "beta"].map(|name| ProjectSpec {
            name: name.to_owned(),
            environments: vec![spec(name, "dev"), spec(name, "staging")],
        });
        Self { projects: projects.into() }
    }
}

/// Parses the text of a configuration file.
impl FromStr for File {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Source { file: "the configuration".to_owned(), folder: Path::new(""), text }.read()
    }
}

/// Parses the text of a configuration file, of which the layout alone is of interest.
impl FromStr for Layout {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        text.parse().map(|File { layout, .. }| layout)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    project: Vec<RawProject>,
    #[serde(default)]
    sessions: RawSessions,
    #[serde(default)]
    compression: RawCompression,
    auth: Option<Spanned<RawAuth>>,
    #[serde(default)]
    limits: RawLimits,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSessions {
    ring_bytes: Option<Spanned<u64>>,
    total_bytes: Option<Spanned<u64>>,
    grace_seconds: Option<Spanned<u64>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCompression {
    enabled: Option<bool>,
    min_bytes: Option<Spanned<u64>>,
    total_bytes: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProject {
    name: Spanned<String>,
    #[serde(default)]
    environment: Vec<RawEnvironment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnvironment {
    id: Spanned<String>,
    command: Option<Spanned<Vec<String>>>,
    cwd: Option<PathBuf>,
    #[serde(default)]
    env: BTreeMap<Spanned<String>, String>,
}

/// The text, kept while it is parsed, so that errors can name lines.
pub(super) struct Source<'a> {
    file: String,
    /// Where it is: files that it names are looked for there.
    pub(super) folder: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn read(&self) -> Result<File, ConfigError> {
        let raw: RawFile = toml::from_str(self.text)
            .map_err(|source| ConfigError::Syntax { file: self.file.clone(), source: Box::new(source) })?;
        let mut limits = self.limits(&raw.sessions)?;
        self.environments_at_most(&raw.limits, &mut limits)?;
        Ok(File {
            layout: self.layout(raw.project)?,
            limits,
            quotas: self.quotas(&raw.limits)?,
            proxies: self.proxies(&raw.limits)?,
            compression: self.compression(&raw.compression)?,
            tokens: raw.auth.as_ref().map(|auth| self.tokens(auth)).transpose()?,
            withheld: raw.auth.iter().filter_map(|auth| auth.get_ref().key_variable()).collect(),
        })
    }

    fn limits(&self, raw: &RawSessions) -> Result<Limits, ConfigError> {
        let mut limits = Limits::default();
        if let Some(ring) = &raw.ring_bytes {
            limits.session_ring = self.within(ring, "sessions.ring_bytes", RING_BYTES)?;
        }
        if let Some(total) = &raw.total_bytes {
            limits.sessions_total = self.within(total, "sessions.total_bytes", 0..=i64::MAX as u64)?;
        }
        if let Some(grace) = &raw.grace_seconds {
            let seconds = self.within(grace, "sessions.grace_seconds", GRACE_SECONDS)?;
            limits.session_grace = Duration::from_secs(seconds);
        }
        Ok(limits)
    }

    /// What is named is checked also when it is switched off.
    fn compression(&self, raw: &RawCompression) -> Result<Option<Compression>, ConfigError> {
        let mut compression = Compression::default();
        if let Some(min) = &raw.min_bytes {
            let min = self.within(min, "compression.min_bytes", MIN_BYTES)?;
            compression.min_bytes = usize::try_from(min).unwrap_or(usize::MAX);
        }
        if let Some(total) = &raw.total_bytes {
            compression.total_bytes = self.within(total, "compression.total_bytes", 0..=i64::MAX as u64)?;
        }
        Ok(raw.enabled.unwrap_or(true).then_some(compression))
    }

    pub(super) fn within(
        &self,
        value: &Spanned<u64>,
        field: &'static str,
        bounds: RangeInclusive<u64>,
    ) -> Result<u64, ConfigError> {
        let given = *value.get_ref();
        if bounds.contains(&given) {
            return Ok(given);
        }
        let why = format!("must be between {} and {}, not {given}", bounds.start(), bounds.end());
        Err(self.invalid(value, field, &why))
    }

    fn layout(&self, raw: Vec<RawProject>) -> Result<Layout, ConfigError> {
        let mut names = HashSet::new();
        let mut projects = Vec::new();
        for project in raw {
            let name = project.name.get_ref().clone();
            check_name(&name).map_err(|why| self.invalid(&project.name, "project.name", why.message()))?;
            if !names.insert(name.clone()) {
                return Err(self.invalid(
                    &project.name,
                    "project.name",
                    "is there twice; put its environments together",
                ));
            }
            projects.push(ProjectSpec { environments: self.environments(&name, project.environment)?, name });
        }
        Ok(Layout { projects })
    }

    fn environments(
        &self,
        project: &str,
        raw: Vec<RawEnvironment>,
    ) -> Result<Vec<EnvironmentSpec>, ConfigError> {
        let mut ids = HashSet::new();
        let mut environments = Vec::new();
        for environment in raw {
            if !ids.insert(environment.id.get_ref().clone()) {
                let why = "is there twice in this project; give each environment an id of its own";
                return Err(self.invalid(&environment.id, "project.environment.id", why));
            }
            environments.push(self.environment(project, environment)?);
        }
        Ok(environments)
    }

    fn environment(&self, project: &str, raw: RawEnvironment) -> Result<EnvironmentSpec, ConfigError> {
        let key = Key::new(project, raw.id.get_ref())
            .map_err(|bad| self.invalid(&raw.id, "project.environment.id", bad.why.message()))?;
        if let Some(command) = raw.command.as_ref().filter(|command| !is_command(command.get_ref())) {
            let why = "must name a program first, and hold no NUL characters";
            return Err(self.invalid(command, "project.environment.command", why));
        }
        if let Some((name, _)) = raw.env.iter().find(|(name, value)| !is_variable(name.get_ref(), value)) {
            let why = "needs names without '=', and neither names nor values may hold NUL characters";
            return Err(self.invalid(name, "project.environment.env", why));
        }
        let env = raw.env.into_iter().map(|(name, value)| (name.into_inner(), value)).collect();
        Ok(EnvironmentSpec { key, command: raw.command.map(Spanned::into_inner), cwd: raw.cwd, env })
    }

    pub(super) fn invalid<T>(&self, at: &Spanned<T>, field: &'static str, why: &str) -> ConfigError {
        let before = &self.text.as_bytes()[..at.span().start];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        ConfigError::Invalid { file: self.file.clone(), line, field, why: why.to_owned() }
    }
}

/// Whether the system could run it as far as its form goes.
fn is_command(command: &[String]) -> bool {
    command.first().is_some_and(|program| !program.is_empty())
        && command.iter().all(|argument| !argument.contains('\0'))
}

/// Whether the system could carry it in a process's environment.
fn is_variable(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<Layout>().expect_err("the text is wrong on purpose").to_string()
    }

    #[test]
    fn a_full_file_becomes_a_layout_in_its_order() {
        let text = r#"
            [[project]]
            name = "my shop/ü"
            [[project.environment]]
            id = "dev"
            command = ["/bin/sh", "-i"]
            cwd = "/srv"
            [project.environment.env]
            FOO = "bar"
            [[project.environment]]
            id = "staging"
            [[project]]
            name = "empty"
        "#;
        let layout: Layout = text.parse().expect("the text is right");
        assert_eq!(layout.projects.len(), 2);
        assert_eq!(layout.projects[0].name, "my shop/ü");
        let dev = &layout.projects[0].environments[0];
        assert_eq!((dev.key.project(), dev.key.env()), ("my shop/ü", "dev"));
        assert_eq!(dev.command.as_deref(), Some(&["/bin/sh".to_owned(), "-i".to_owned()][..]));
        assert_eq!(dev.cwd.as_deref(), Some(Path::new("/srv")));
        assert_eq!(dev.env["FOO"], "bar");
        assert!(layout.projects[1].environments.is_empty());
    }

    #[test]
    fn the_default_is_two_projects_with_two_environments_each() {
        let ids: Vec<_> = Layout::default()
            .projects
            .iter()
            .flat_map(|project| project.environments.iter().map(|spec| spec.key.label()))
            .collect();
        assert_eq!(ids, ["alpha-dev", "alpha-staging", "beta-dev", "beta-staging"]);
    }

    #[test]
    fn an_unknown_field_is_named_with_its_line() {
        let message = refusal("[[project]]\nname = \"a\"\ncolour = \"red\"\n");
        assert!(message.contains("colour") && message.contains("line 3"), "{message}");
    }

    #[test]
    fn a_bad_name_is_named_with_its_line() {
        let message = refusal("[[project]]\nname = \"a\"\n[[project.environment]]\nid = \"\"\n");
        assert!(message.contains("line 4: project.environment.id must not be empty"), "{message}");
        let message = refusal("[[project]]\nname = \"..\"\n");
        assert!(message.contains("line 2: project.name must not be \".\""), "{message}");
    }

    #[test]
    fn a_duplicate_is_named_with_its_line() {
        let message = refusal("[[project]]\nname = \"a\"\n[[project]]\nname = \"a\"\n");
        assert!(message.contains("line 4: project.name is there twice"), "{message}");
        let environment = "[[project.environment]]\nid = \"x\"\n";
        let message = refusal(&format!("[[project]]\nname = \"a\"\n{environment}{environment}"));
        assert!(message.contains("line 6: project.environment.id is there twice"), "{message}");
    }

    #[test]
    fn an_empty_command_and_an_impossible_variable_are_refused() {
        let head = "[[project]]\nname = \"a\"\n[[project.environment]]\nid = \"x\"\n";
        let message = refusal(&format!("{head}command = []\n"));
        assert!(message.contains("line 5: project.environment.command must name a program"), "{message}");
        let message = refusal(&format!("{head}[project.environment.env]\n\"A=B\" = \"c\"\n"));
        assert!(message.contains("line 6: project.environment.env needs names without '='"), "{message}");
    }

    #[test]
    fn what_a_file_says_of_sessions_is_taken_and_the_rest_is_the_default() {
        let file: File = "[sessions]\nring_bytes = 65536\ngrace_seconds = 0\n".parse().expect("it is right");
        assert_eq!((file.limits.session_ring, file.limits.session_grace), (65_536, Duration::ZERO));
        assert_eq!(file.limits.sessions_total, 256 << 20);
        assert!(file.layout.projects.is_empty(), "a file names all projects that there are");
    }

    #[test]
    fn an_impossible_bound_is_named_with_its_line() {
        let message = refusal("[sessions]\nring_bytes = 1024\n");
        assert!(
            message.contains("line 2: sessions.ring_bytes must be between 65536 and 1073741824"),
            "{message}"
        );
        let message = refusal("[sessions]\n\ngrace_seconds = 2678401\n");
        assert!(message.contains("line 3: sessions.grace_seconds must be between 0 and"), "{message}");
        let message = refusal("[sessions]\ntotal_bytes = -1\n");
        assert!(message.contains("line 2"), "{message}");
    }

    #[test]
    fn compression_is_on_unless_a_file_says_otherwise() {
        let read = |text: &str| text.parse::<File>().map(|file| file.compression);
        let all = Compression::default();
        assert_eq!(read("").expect("it is right"), Some(all));
        let text = "[compression]\nmin_bytes = 0\ntotal_bytes = 1\n";
        let other = Compression { min_bytes: 0, total_bytes: 1 };
        assert_eq!(read(text).expect("it is right"), Some(other));
        assert_eq!(read("[compression]\nenabled = false\n").expect("it is right"), None);
        let message = refusal("[compression]\nenabled = false\nmin_bytes = 1048577\n");
        assert!(message.contains("line 3: compression.min_bytes must be between 0 and 1048576"), "{message}");
        assert!(refusal("[compression]\nlevel = 1\n").contains("level"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = File::read(Path::new("/nowhere/envsocket.toml")).expect_err("no such file");
        assert!(error.to_string().contains("/nowhere/envsocket.toml"), "{error}");
    }
}
