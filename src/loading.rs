//! From paths to rules, to the users whom their files name, and on to a router: the one way for commands, tests of rules,
//! the package for Python and programs in Rust.

use std::path::{Path, PathBuf};

use crate::finding::{Finding, Severity};
use crate::known_users::{self, KnownUsers, Unreadable};
use crate::router::{CompileError, Router};
use crate::rules::files::{self, LoadError};
use crate::rules::model::UserSources;
use crate::rules::open::NamedBy;
use crate::rules::{self, RuleSet};
use crate::source::{FileId, Sources};
use crate::user_id::{ServerNameError, UserId, validate_server_name};

/// Rules as written, and whoever their files say is known. They may have errors: see [`findings`](Self::findings).
#[derive(Debug, Default)]
pub struct Rules {
    pub(crate) sources: Sources,
    pub(crate) rule_set: RuleSet,
    pub(crate) known_users: Option<KnownUsers>,
    /// What reading found.
    pub(crate) found: Vec<Finding>,
    /// The paths that were named: files, folders, pipes.
    pub(crate) named: Vec<PathBuf>,
    /// The files of users, those that the rules name first: as known users, and in sets.
    pub(crate) user_files: Vec<PathBuf>,
}

/// Why rules cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// A path that names no rules, or a file that cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of known users that cannot be read.
    #[error(transparent)]
    KnownUsers(#[from] Unreadable),
    /// What should be the name of a homeserver.
    #[error("`{name}` is not a server name: {error}")]
    ServerName {
        /// As it was given.
        name: String,
        /// Why.
        error: ServerNameError,
    },
}

/// What is around rules, as far as their files do not say: [`Rules::options`].
#[derive(Clone, Debug)]
pub struct RulesOptions {
    server_name: Option<String>,
    known_users: Vec<PathBuf>,
    by: NamedBy,
    stands_for: Option<PathBuf>,
}

impl RulesOptions {
    /// The homeserver that the rules run on: what `local` means. Rules that say they are for another one have an error.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Files of known users: one user ID a line, or JSON. Those that the rules name come first.
    #[must_use]
    pub fn known_users(mut self, paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.known_users.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Takes pipes, as a person may name them who runs a command, and standard input as `-`. They stand for a file, if one
    /// is named, with the others of its folder.
    #[must_use]
    pub(crate) fn of_command_line(mut self, stands_for: Option<&Path>) -> Self {
        self.by = NamedBy::CommandLine;
        self.stands_for = stands_for.map(Path::to_owned);
        self
    }

    /// Reads rule files, and folders of rule files, as [`Rules::load`] does.
    ///
    /// # Errors
    ///
    /// If a path cannot be read, or the homeserver has a name that none can have.
    pub fn load(
        &self,
        paths: impl IntoIterator<Item = impl Into<PathBuf>>,
    ) -> Result<Rules, RulesError> {
        self.load_telling(paths, |_| {})
    }

    /// The same, and tells which files of users will be read before they are, for whoever wants to know whether they
    /// change from now on.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn load_telling(
        &self,
        paths: impl IntoIterator<Item = impl Into<PathBuf>>,
        tell: impl FnOnce(&[PathBuf]),
    ) -> Result<Rules, RulesError> {
        let paths: Vec<_> = paths.into_iter().map(Into::into).collect();
        let sources = files::load(&paths, self.by, self.stands_for.as_deref())?;
        let mut rules = self.read(sources)?;
        rules.named = paths;
        let files: Vec<_> = rules
            .named_users()
            .chain(self.known_users.clone())
            .collect();
        tell(&files);
        rules.read_users(None, &self.known_users)?;
        Ok(rules)
    }

    /// Reads rules from a text, as [`Rules::parse`] does.
    ///
    /// # Errors
    ///
    /// If a file of known users cannot be read, or the homeserver has a name that none can have.
    pub fn parse(
        &self,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Rules, RulesError> {
        let mut sources = Sources::default();
        sources.add(name, text.into());
        let mut rules = self.read(sources)?;
        rules.read_users(None, &self.known_users)?;
        Ok(rules)
    }

    fn read(&self, sources: Sources) -> Result<Rules, RulesError> {
        if let Some(name) = &self.server_name {
            validate_server_name(name).map_err(|error| RulesError::ServerName {
                name: name.clone(),
                error,
            })?;
        }
        Ok(Rules::read(sources, self.server_name.as_deref()))
    }
}

impl Rules {
    /// Reads rule files, and folders of rule files, as the command line does with `--rules`.
    ///
    /// ```
    /// let rules = presence_router::Rules::load(["rules"])?;
    /// assert!(rules.findings().is_empty());
    /// # Ok::<(), presence_router::RulesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a path cannot be read. Whatever is wrong with what stands in the files becomes a finding.
    pub fn load(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Result<Self, RulesError> {
        Self::options().load(paths)
    }

    /// Reads rules from a text, which findings call by `name`. Files that it names are looked for from where the program
    /// runs.
    pub fn parse(name: impl Into<String>, text: impl Into<String>) -> Self {
        let rules = Self::options().parse(name, text);
        rules.expect("nothing was named beside the rules")
    }

    /// Says what the files do not, before they are read.
    ///
    /// ```
    /// use presence_router::Rules;
    ///
    /// let options = Rules::options().server_name("corp.example");
    /// let rules = options.parse("rules.yaml", "routes: [{senders: local, recipients: '@lobby:corp.example'}]")?;
    /// assert!(rules.errors().is_empty());
    /// # Ok::<(), presence_router::RulesError>(())
    /// ```
    pub fn options() -> RulesOptions {
        RulesOptions {
            server_name: None,
            known_users: Vec::new(),
            by: NamedBy::File,
            stands_for: None,
        }
    }

    /// What rule files say. The files of users that they name are still to be [read](Self::read_users).
    pub(crate) fn read(sources: Sources, server_name: Option<&str>) -> Self {
        let (rule_set, found) = rules::read_for(&sources, server_name);
        Self {
            sources,
            rule_set,
            found,
            ..Self::default()
        }
    }

    /// Reads the files of users: those that the rules name, those that a test file names, and `more`. What is wrong with the
    /// test file for that is returned.
    pub(crate) fn read_users(
        &mut self,
        test: Option<(FileId, &UserSources)>,
        more: &[PathBuf],
    ) -> Result<Vec<Finding>, Unreadable> {
        let of_test = test
            .iter()
            .flat_map(|(_, users)| users.files(Path::new("")));
        let user_files = self
            .named_users()
            .chain(of_test)
            .chain(more.iter().cloned());
        self.user_files = user_files.collect();
        let mut loader = known_users::Loader::new(&mut self.sources, &mut self.found);
        loader.rules(&mut self.rule_set);
        let faults = test.map(|(file, users)| loader.named(file, users, Path::new("")));
        loader.files(more)?;
        self.known_users = loader.finish();
        files::note_passed_over(&mut self.sources, &mut self.found);
        Ok(faults.unwrap_or_default())
    }

    /// The files of users that the rules name, as known users and in sets.
    fn named_users(&self) -> impl Iterator<Item = PathBuf> {
        known_users::files(&self.rule_set, &self.sources)
            .chain(known_users::list_files(&self.rule_set, &self.sources))
    }

    /// The rule files that were read from a path of their own.
    pub fn rule_files(&self) -> impl Iterator<Item = &Path> {
        (self.rule_set.files.iter()).filter_map(|rules| self.sources.get(rules.file).path())
    }

    /// The files of users: those that the rules name, as known users and in sets, and others.
    pub fn user_files(&self) -> &[PathBuf] {
        &self.user_files
    }

    /// All that was named, and all that was read. There may be folders among them.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let read = self.rule_files().map(Path::to_owned);
        let files = self.named.iter().chain(&self.user_files).cloned();
        files.chain(read).collect()
    }

    /// The rules as written.
    pub fn rule_set(&self) -> &RuleSet {
        &self.rule_set
    }

    /// The texts that rules and findings stand in.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The rules as written, and their texts, without the known users, who may take more memory than both.
    pub fn into_written(self) -> (RuleSet, Sources) {
        (self.rule_set, self.sources)
    }

    /// Whoever is known; `None` if nothing says who is, which is another thing than that nobody is.
    pub fn known_users(&self) -> Option<&KnownUsers> {
        self.known_users.as_ref()
    }

    /// Makes these users known, and says so where there are none.
    pub fn know<'u>(&mut self, users: impl IntoIterator<Item = UserId<'u>>) {
        let known = self.known_users.get_or_insert_default();
        for user in users {
            known.add(user);
        }
    }

    /// What reading found, of which errors keep the rules from being used.
    pub fn found(&self) -> &[Finding] {
        &self.found
    }

    /// What keeps the rules from being used.
    pub fn errors(&self) -> Vec<Finding> {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        self.found.iter().filter(is_error).cloned().collect()
    }

    /// Compiles rules [without errors](Self::errors): for who wants numbers instead of texts as answers, or by which rules
    /// they came about.
    ///
    /// # Errors
    ///
    /// If they have errors, or are too large.
    pub fn compile(&self) -> Result<Router, CompileError> {
        Router::new(&self.rule_set, &self.sources, self.known_users.as_ref())
    }
}
