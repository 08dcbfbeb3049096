//! The patterns of a rule file: exact user IDs, globs, regular expressions, server names and templates.
//!
//! A pattern is checked once, when it is read, and its faults come with their place inside the pattern. What it
//! matches is a regular language of user IDs, [`Pattern::language`], whatever it was written as. To run it, that
//! language is compiled to a [`Program`]; a pattern whose program would be too large is none.

pub(crate) mod characters;
mod confirm;
mod glob;
mod meant;
pub(crate) mod program;
mod regex;
mod size;
mod template;

use std::ops::Range;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use crate::finding::Code;
use crate::user_id::{UserId, UserIdError, is_port, validate_server_name};
use characters::Kind;

pub(crate) use meant::several;
pub use program::Program;
pub use size::{MAX_AUTOMATON_BYTES, MAX_TEXT_BYTES};
pub use template::{Inverse, Template};

use meant::{QUOTES, address, instead_of_user, trimmed};

/// The characters by which a plain text is told to be a glob.
pub(crate) const GLOB_CHARACTERS: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// One pattern over user IDs, as it was written, and known to be valid.
///
/// ```
/// use presence_router::pattern::Pattern;
///
/// assert_eq!(Pattern::text("@alice:example.org"), Pattern::user("@alice:example.org"));
/// assert_eq!(Pattern::text("@*:example.org"), Pattern::glob("@*:example.org"));
///
/// let fault = Pattern::text("@[ab:example.org").unwrap_err();
/// assert_eq!(fault.range, 1..16);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// The word `all`.
    Everyone,
    /// Exactly this user ID.
    User(Box<str>),
    /// Every user of exactly this server name.
    Server(Box<str>),
    /// A glob over the whole user ID.
    Glob(Box<str>),
    /// A glob over the server name alone.
    ServerGlob(Box<str>),
    /// A regular expression over the whole user ID, anchored on both sides.
    Regex(Box<str>),
}

/// Why a pattern is not valid, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which kind of finding it makes.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The bytes of the pattern's text that are at fault.
    pub range: Range<usize>,
    /// What to do about it.
    pub help: Option<String>,
    /// The text that was meant, where that is clear.
    pub(crate) meant: Option<String>,
}

impl Fault {
    fn new(code: Code, message: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            code,
            message: message.into(),
            range,
            help: None,
            meant: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at a character that cannot be seen, or looks like another one, if without it the text is valid.
    fn odd(mut self, text: &str, is_valid: impl Fn(&str) -> bool) -> Self {
        if let Some(odd) = characters::odd(text, Kind::Users).filter(|odd| is_valid(&odd.meant)) {
            self.help = Some(format!("{}: {}", odd.message, odd.help()));
            self.range = odd.range;
            self.meant = Some(odd.meant);
        }
        self
    }
}

impl Pattern {
    /// Reads a plain text: the word `all`, a glob if it has one of `*?[]{}`, or else a user ID.
    ///
    /// # Errors
    ///
    /// A [`Fault`], as for all readers of this type.
    pub fn text(text: &str) -> Result<Self, Fault> {
        if text == "all" {
            Ok(Self::Everyone)
        } else if text.contains(GLOB_CHARACTERS)
            && !text.starts_with(QUOTES)
            && !text.contains("matrix.to/#/")
            && several(text).is_none()
        {
            Self::glob(text)
        } else {
            Self::user(text)
        }
    }

    /// Reads a user ID, whatever characters it has.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidUserId`].
    pub fn user(text: &str) -> Result<Self, Fault> {
        match UserId::parse(text) {
            Ok(_) => Ok(Self::User(text.into())),
            Err(error) => {
                let message = format!("`{}` is not a user ID: {error}", shortened(text));
                let range = match (error, text.find('\0')) {
                    (UserIdError::Nul, Some(at)) => at..at + 1,
                    _ => 0..text.len(),
                };
                let fault = Fault::new(Code::InvalidUserId, message, range);
                let fault = fault.odd(text, |text| UserId::parse(text).is_ok());
                Err(match (address(text), instead_of_user(text)) {
                    (Some(id), _) => Fault {
                        meant: Some(id.clone()),
                        ..fault.help(format!("write `{}`", proposed(&id)))
                    },
                    (None, Some(help)) if fault.meant.is_none() => fault.help(help),
                    _ => fault,
                })
            }
        }
    }

    /// Reads a glob over the whole user ID, in globset's syntax.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidGlob`], or [`Code::PatternTooLarge`] for a list of thousands in braces.
    pub fn glob(text: &str) -> Result<Self, Fault> {
        judge_glob(text, |language| language)?;
        Ok(Self::Glob(text.into()))
    }

    /// Reads a regular expression in the syntax of the regex crate.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidRegex`], or [`Code::PatternTooLarge`] for the likes of `(.{100}){100}`.
    pub fn regex(text: &str) -> Result<Self, Fault> {
        size::judge_length(text)?;
        size::judge(text, regex::read(text)?)?;
        Ok(Self::Regex(text.into()))
    }

    /// Reads a server name, or a glob over server names. What is a valid server name is one, even if it looks like a
    /// glob, as `[::1]` does.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidServerName`], or those of [`Pattern::glob`].
    pub fn server(text: &str) -> Result<Self, Fault> {
        match validate_server_name(text) {
            Ok(()) => Ok(Self::Server(text.into())),
            Err(_) if text.contains(GLOB_CHARACTERS) => {
                judge_glob(text, of_server)?;
                Ok(Self::ServerGlob(text.into()))
            }
            Err(error) => {
                let message = format!("`{}` is not a server name: {error}", shortened(text));
                let fault = Fault::new(Code::InvalidServerName, message, 0..text.len())
                    .odd(text, |text| validate_server_name(text).is_ok());
                Err(match UserId::parse(text) {
                    Ok(id) => fault.help(format!(
                        "`server:` takes what follows the `:` of a user ID, here `{}`",
                        id.server_name()
                    )),
                    Err(_) if text.contains("://") => {
                        fault.help("write the server name alone, without `https://`")
                    }
                    Err(_) if validate_server_name(trimmed(text)).is_ok() => {
                        fault.help(format!("write `{}`", trimmed(text)))
                    }
                    Err(_) => fault,
                })
            }
        }
    }

    /// The user IDs that it matches, as an expression over whole IDs. No anchors are needed or implied: it describes
    /// the entire text.
    pub fn language(&self) -> Hir {
        match self {
            Self::Everyone => Hir::repetition(any_number_of(Hir::class(Class::Unicode(
                ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]),
            )))),
            Self::User(text) => Hir::literal(text.as_bytes()),
            Self::Server(name) => of_server(Hir::literal(name.as_bytes())),
            Self::Glob(text) => glob::language(text),
            Self::ServerGlob(text) => of_server(glob::language(text)),
            Self::Regex(text) => regex::language(text),
        }
    }

    /// What runs this pattern alone: the general way, for patterns that have no cheaper one. It takes a while; keep it.
    pub fn compile(&self) -> Program {
        Program::new(self.language())
    }

    /// The one server name that all users have whom this pattern matches, where its text tells.
    ///
    /// `@bot-*:example.org` tells; so does the regular expression `@\d+:example\.org`. Since a user ID with a
    /// malformed server name is never matched, what stands before the last `:example.org` cannot be a server name.
    pub fn server_name(&self) -> Option<Box<str>> {
        match self {
            Self::User(text) => UserId::parse(text).ok().map(|id| id.server_name().into()),
            Self::Server(name) => Some(name.clone()),
            Self::Glob(text) => (server_of_suffix(glob::literal_suffix(text)).map(Into::into))
                .or_else(|| {
                    let id = glob::literal(text)?;
                    UserId::parse(&id).ok().map(|id| id.server_name().into())
                }),
            Self::ServerGlob(text) => {
                glob::literal(text).filter(|name| validate_server_name(name).is_ok())
            }
            Self::Regex(text) => {
                server_of_suffix(&regex::literal_suffix(&regex::language(text))).map(Into::into)
            }
            Self::Everyone => None,
        }
    }
}

impl Pattern {
    /// The pattern as it was written, without the key that says what it is.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everyone => "all",
            Self::User(text)
            | Self::Server(text)
            | Self::Glob(text)
            | Self::ServerGlob(text)
            | Self::Regex(text) => text,
        }
    }

    /// What all user IDs end in that it matches, as far as its text tells: `.example` for `{server: "*.example"}`.
    pub(crate) fn literal_suffix(&self) -> Box<str> {
        match self {
            Self::User(text) | Self::Server(text) => text.clone(),
            Self::Glob(text) | Self::ServerGlob(text) => glob::literal_suffix(text).into(),
            Self::Regex(text) => regex::literal_suffix(&regex::language(text)).into(),
            Self::Everyone => "".into(),
        }
    }

    /// What all user IDs start with that it matches, as far as its text tells: `@bot-` for `@bot-*:example.org`.
    pub(crate) fn literal_prefix(&self) -> Box<str> {
        match self {
            Self::User(text) => text.clone(),
            Self::Server(_) | Self::ServerGlob(_) => "@".into(),
            Self::Glob(text) => glob::literal_prefix(text).into(),
            Self::Regex(text) => regex::literal_prefix(&regex::language(text)).into(),
            Self::Everyone => "".into(),
        }
    }

    /// Texts that stand in each user ID that it matches, in any place: `x-` and `.example` for `@*x-*:*.example`.
    pub(crate) fn required_texts(&self) -> Vec<Box<str>> {
        match self {
            Self::Glob(text) | Self::ServerGlob(text) if glob::is_plain(text) => {
                let texts = text.split(['*', '?']);
                texts
                    .filter(|text| !text.is_empty())
                    .map(Into::into)
                    .collect()
            }
            _ => {
                let mut texts = Vec::new();
                required(&self.language(), &mut texts);
                texts
            }
        }
    }

    /// Whether nothing but `*` has a meaning of its own in it, and it is a glob.
    pub(crate) fn is_stars(&self) -> bool {
        matches!(self, Self::Glob(text) | Self::ServerGlob(text) if glob::is_plain(text) && !text.contains('?'))
    }
}

/// Whether a text is a glob, and small enough for a pattern of `language`, which is made of what it matches.
fn judge_glob(text: &str, language: fn(Hir) -> Hir) -> Result<(), Fault> {
    if glob::is_short_and_plain(text) {
        return Ok(());
    }
    size::judge_length(text)?;
    size::judge(text, language(glob::read(text)?))
}

fn required(language: &Hir, texts: &mut Vec<Box<str>>) {
    match language.kind() {
        HirKind::Literal(literal) => texts.extend(str::from_utf8(&literal.0).map(Into::into)),
        HirKind::Concat(parts) => parts.iter().for_each(|part| required(part, texts)),
        HirKind::Capture(capture) => required(&capture.sub, texts),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub, texts),
        _ => {}
    }
}

/// Regular expressions that say the same with the word boundaries of ASCII, and without any; `None` if there are none.
pub(crate) fn of_ascii_boundaries(text: &str) -> Option<[Pattern; 2]> {
    let [of_ascii, without] = regex::of_ascii_boundaries(text)?;
    Some([
        Pattern::regex(&of_ascii).ok()?,
        Pattern::regex(&without).ok()?,
    ])
}

/// The server name of all valid user IDs that end in this text, if there is only one.
pub(crate) fn server_of_suffix(suffix: &str) -> Option<&str> {
    let (_, server_name) = suffix.split_once(':')?;
    // `:8448` may be the port of any server.
    (validate_server_name(server_name).is_ok() && !is_port(server_name)).then_some(server_name)
}

fn of_server(server_name: Hir) -> Hir {
    let mut localpart = ClassUnicode::new([ClassUnicodeRange::new(':', ':')]);
    localpart.negate();
    Hir::concat(vec![
        Hir::literal(*b"@"),
        Hir::repetition(any_number_of(Hir::class(Class::Unicode(localpart)))),
        Hir::literal(*b":"),
        server_name,
    ])
}

fn any_number_of(of: Hir) -> Repetition {
    Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(of),
    }
}

/// A user's text for a message: cut where it is too long to read, and without control characters, which must not
/// reach a terminal.
pub(crate) fn shortened(text: &str) -> String {
    cut(text, 80)
}

/// A text that a remedy proposes, to be copied into a rule file: cut only where nobody could have written it by hand.
pub(crate) fn proposed(text: &str) -> String {
    cut(text, 1000)
}

/// A text without control characters, cut after `most` characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut short = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == most {
            short.push('…');
            break;
        }
        if character.is_control() {
            short.extend(character.escape_debug());
        } else {
            short.push(character);
        }
    }
    short
}
