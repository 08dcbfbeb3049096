//! Templates: one user ID made from another.

use std::fmt::Write as _;

use super::{Fault, Pattern, shortened};
use crate::finding::Code;
use crate::user_id::{UserId, validate_server_name};

/// A user ID with variables, such as `@{localpart}:new.example`: made from the ID on a rule's other side.
///
/// ```
/// use presence_router::pattern::Template;
/// use presence_router::user_id::UserId;
///
/// let moved = Template::parse("@{localpart}:new.example").unwrap();
/// let alice = UserId::parse("@alice:old.example")?;
/// assert_eq!(moved.make(alice).as_deref(), Some("@alice:new.example"));
/// # Ok::<(), presence_router::user_id::UserIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(Box<str>),
    Localpart,
    Server,
}

/// The user IDs from which a template makes a given one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inverse {
    /// Exactly these (mostly one, or none).
    These(Vec<String>),
    /// Too many to name: a variable does not occur in the template, and nothing else fixes it.
    Unbounded,
}

/// More parts than this make no ID that anybody has, and inverting goes down one call a part.
const MAX_PARTS: usize = 32;

const VARIABLES: [&str; 2] = ["localpart", "server"];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidTemplate`], for an unknown variable, a stray brace, or a text from which no user ID can come.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let invalid = |message: String, range| Fault::new(Code::InvalidTemplate, message, range);
        let mut parts = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let literal = rest.find(['{', '}']).unwrap_or(rest.len());
            if literal > 0 {
                parts.push(Part::Text(rest[..literal].into()));
                at += literal;
                continue;
            }
            let close = match rest.find('}') {
                Some(close) if rest.starts_with('{') => close,
                Some(_) => {
                    return Err(invalid("this `}` has no `{` before it".into(), at..at + 1));
                }
                None => return Err(invalid("this `{` is never closed".into(), at..at + 1)),
            };
            parts.push(match &rest[1..close] {
                "localpart" => Part::Localpart,
                "server" => Part::Server,
                other => {
                    let near = (VARIABLES.into_iter())
                        .find(|name| strsim::damerau_levenshtein(name, other) <= 3);
                    let help = near.map_or_else(
                        || "the variables are `{localpart}` and `{server}`".to_owned(),
                        |name| format!("did you mean `{{{name}}}`?"),
                    );
                    let message = format!("unknown variable `{{{}}}`", shortened(other));
                    return Err(invalid(message, at..at + close + 1).help(help));
                }
            });
            at += close + 1;
        }
        if parts.len() > MAX_PARTS {
            let message = format!("this template has more than {MAX_PARTS} parts");
            return Err(invalid(message, 0..text.len()));
        }
        let has_server_name =
            (parts.iter()).any(|part| matches!(part, Part::Text(text) if text.contains(':')));
        if !text.starts_with('@') || !has_server_name {
            let message = format!("`{}` makes no user ID", shortened(text));
            return Err(invalid(message, 0..text.len()).help(
                "a user ID is `@localpart:server`, so write, say, `@{localpart}:new.example`",
            ));
        }
        Ok(Self {
            text: text.into(),
            parts: parts.into(),
        })
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The user ID that it makes from this one, if that is valid.
    pub fn make(&self, from: UserId<'_>) -> Option<String> {
        let mut made = String::new();
        for part in &self.parts {
            let _ = made.write_str(match part {
                Part::Text(text) => text,
                Part::Localpart => from.localpart(),
                Part::Server => from.server_name(),
            });
        }
        UserId::parse(&made).is_ok().then_some(made)
    }

    /// Whether it makes this ID: from everybody, from nobody, or from some (`None`).
    pub(crate) fn makes(&self, made: UserId<'_>) -> Option<bool> {
        match self.invert(made, None) {
            Inverse::These(from) if from.is_empty() => Some(false),
            _ => self.constant().map(|_| true),
        }
    }

    /// The ID that it makes of everybody, valid or not, if it has no variables.
    pub(crate) fn constant(&self) -> Option<&str> {
        let is_text = |part: &Part| matches!(part, Part::Text(_));
        self.parts.iter().all(is_text).then_some(&*self.text)
    }

    /// A pattern that matches all IDs that it can make, and whether it makes each of these of somebody.
    ///
    /// ```
    /// use presence_router::pattern::{Pattern, Template};
    ///
    /// let (reach, is_exact) = Template::parse("@{localpart}:new.example").unwrap().reach();
    /// assert_eq!((reach, is_exact), (Ok(Pattern::server("new.example").unwrap()), true));
    /// ```
    ///
    /// # Errors
    ///
    /// If the pattern would be too large.
    pub fn reach(&self) -> (Result<Pattern, Fault>, bool) {
        match self.text.strip_prefix("@{localpart}:") {
            Some("{server}") => return (Ok(Pattern::Everyone), true),
            Some(server) if validate_server_name(server).is_ok() => {
                return (Pattern::server(server), true);
            }
            _ => {}
        }
        let mut expression = String::new();
        let (mut colons, mut localparts, mut is_exact) = (0, 0, true);
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    colons += text.matches(':').count();
                    expression += &regex_syntax::escape(text);
                }
                Part::Localpart => {
                    localparts += 1;
                    is_exact &= colons == 0;
                    expression += "[^:]*";
                }
                Part::Server => {
                    // Behind the one `:`, at the end, any server name may stand.
                    let before = at.checked_sub(1).map(|before| &self.parts[before]);
                    is_exact &= at + 1 == self.parts.len()
                        && matches!(before, Some(Part::Text(text)) if text.ends_with(':'));
                    expression += r"[0-9A-Za-z.:\[\]-]+";
                }
            }
        }
        is_exact &= colons == 1 && localparts <= 1;
        (Pattern::regex(&expression), is_exact)
    }

    /// Whether what it makes tells from whom: `server_is_known` if the server of all these is.
    pub(crate) fn is_invertible(&self, server_is_known: bool) -> bool {
        let has = |variable| self.parts.contains(&variable);
        has(Part::Localpart) && (server_is_known || has(Part::Server))
    }

    /// The user IDs from which it makes `made`. `server_name` is the server of them all, where that is known.
    pub fn invert(&self, made: UserId<'_>, server_name: Option<&str>) -> Inverse {
        let mut solver = Solver { found: Vec::new() };
        let bound = Bound {
            localpart: None,
            server: server_name,
        };
        solver.solve(&self.parts, made.as_str(), bound);
        if solver.found.iter().any(Option::is_none) {
            return Inverse::Unbounded;
        }
        let mut these: Vec<String> = Vec::new();
        for id in solver.found.into_iter().flatten() {
            // A known server may contradict what the template says of it, and so may the rules of user IDs.
            let makes = UserId::parse(&id)
                .is_ok_and(|from| self.make(from).as_deref() == Some(made.as_str()));
            if makes && !these.contains(&id) {
                these.push(id);
            }
        }
        Inverse::These(these)
    }
}

/// What the variables stand for so far.
#[derive(Clone, Copy)]
struct Bound<'a> {
    localpart: Option<&'a str>,
    server: Option<&'a str>,
}

/// Tries every way to read an ID as a template's parts. An ID has at most 255 bytes and a template two variables, so
/// there are few.
struct Solver {
    /// The IDs found; `None` where a variable is free.
    found: Vec<Option<String>>,
}

impl Solver {
    fn solve(&mut self, parts: &[Part], rest: &str, bound: Bound<'_>) {
        let Some((part, parts)) = parts.split_first() else {
            if rest.is_empty() {
                self.found.push(match (bound.localpart, bound.server) {
                    (Some(localpart), Some(server)) => Some(format!("@{localpart}:{server}")),
                    _ => None,
                });
            }
            return;
        };
        let known = match part {
            Part::Text(text) => Some(&**text),
            Part::Localpart => bound.localpart,
            Part::Server => bound.server,
        };
        if let Some(known) = known {
            if let Some(rest) = rest.strip_prefix(known) {
                self.solve(parts, rest, bound);
            }
            return;
        }
        for (end, _) in rest.char_indices().chain([(rest.len(), ' ')]) {
            let (value, rest) = rest.split_at(end);
            let bound = match part {
                Part::Localpart if value.contains(':') => break,
                Part::Localpart => Bound {
                    localpart: Some(value),
                    ..bound
                },
                _ if validate_server_name(value).is_err() => continue,
                _ => Bound {
                    server: Some(value),
                    ..bound
                },
            };
            self.solve(parts, rest, bound);
        }
    }
}
