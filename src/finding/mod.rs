//! Findings: what is wrong, or may be, in rule files and files of known users. Data only; `output` shows them.

mod fix;
mod location;

use std::fmt;

pub use fix::{Change, ChangeKind, Edit, Editor, Effect, Fix};
pub use location::{Location, Target};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing needs to change.
    Note,
    /// Probably not what was meant.
    Warning,
    /// The rules cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $severity:ident,)+) => {
        /// The stable name of a kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of this page.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in kebab case, as users write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// How much such a finding matters unless the user says otherwise.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                }
            }

            /// Its page, as Markdown; `code_pages` takes it apart.
            pub fn page(self) -> &'static str {
                match self {$(
                    Self::$variant => include_str!(concat!("../code_pages/", $name, ".md")),
                )+}
            }
        }
    };
}

codes! {
    /// The file is not YAML.
    YamlSyntax "yaml-syntax" Error,
    /// An anchor (`&name`), which rule files do without.
    Anchor "anchor" Error,
    /// Lists and mappings stand in one another more than 128 levels deep.
    TooDeep "too-deep" Error,
    /// A key that is not known in its place.
    UnknownKey "unknown-key" Error,
    /// A key that is written twice in one mapping.
    DuplicateKey "duplicate-key" Error,
    /// A key that has to be there is not.
    MissingKey "missing-key" Error,
    /// A mapping that could be read as several items of a user set.
    AmbiguousItem "ambiguous-item" Error,
    /// An `{exclude: …}` that is an item of a list, to which it adds nearly everybody in the world.
    ExcludeInList "exclude-in-list" Error,
    /// A value of another kind than its place takes.
    WrongType "wrong-type" Error,
    /// A `version` other than 1.
    UnknownVersion "unknown-version" Error,
    /// An empty text where a name is needed.
    EmptyName "empty-name" Error,
    /// An empty list where users are needed.
    EmptySet "empty-set" Error,
    /// A text that is not a user ID where one is needed.
    InvalidUserId "invalid-user-id" Error,
    /// A text that is not a server name where one is needed.
    InvalidServerName "invalid-server-name" Error,
    /// A glob that cannot be read.
    InvalidGlob "invalid-glob" Error,
    /// A regular expression that cannot be read.
    InvalidRegex "invalid-regex" Error,
    /// A pattern whose automaton would be too large.
    PatternTooLarge "pattern-too-large" Error,
    /// A template that cannot be read, or that names no user.
    InvalidTemplate "invalid-template" Error,
    /// A template where there is nobody to make an ID from.
    MisplacedTemplate "misplaced-template" Error,
    /// A `{group: …}` that no file defines.
    UnknownGroup "unknown-group" Error,
    /// Groups that contain each other.
    GroupCycle "group-cycle" Error,
    /// A group that is defined twice.
    DuplicateGroup "duplicate-group" Error,
    /// A name that two rules of one kind bear.
    DuplicateName "duplicate-name" Error,
    /// Rules of one rule set that are for different homeservers.
    ConflictingServerName "conflicting-server-name" Error,
    /// A `local` in rules of which nobody says on which homeserver they run.
    MissingServerName "missing-server-name" Error,
    /// A code in `allow` that does not exist.
    UnknownCode "unknown-code" Error,
    /// An `allow` without a reason.
    MissingReason "missing-reason" Error,
    /// A file of known users that cannot be read.
    UnreadableKnownUsers "unreadable-known-users" Error,
    /// Something in a file of known users that names no user.
    InvalidKnownUser "invalid-known-user" Error,
    /// A list of known users that says that there are more of them.
    KnownUsersCut "known-users-cut" Warning,
    /// A file of users that a set names, and that cannot be read.
    UnreadableUsers "unreadable-users" Error,
    /// A rule set with neither routes nor interests.
    NoRules "no-rules" Error,
    /// Keys of a case that cannot stand together.
    ConflictingKeys "conflicting-keys" Error,
    /// An update in a test file that is none.
    InvalidUpdate "invalid-update" Error,
    /// Rules that a test file names, and that cannot be read.
    UnreadableRules "unreadable-rules" Error,
    /// A rule that a test file names, and that is not there.
    UnknownRule "unknown-rule" Error,
    /// Users that a test file expects by a pattern, and nobody is known whom it matches.
    NobodyExpected "nobody-expected" Error,
    /// An `allow` that silences nothing.
    UnusedAllow "unused-allow" Warning,
    /// A presence state that Matrix does not know.
    UnknownState "unknown-state" Warning,
    /// A glob that also takes users of other servers, whose names end the same.
    LookalikeServer "lookalike-server" Warning,
    /// A `.` in the server name of a regular expression, which stands for any character.
    UnescapedDot "unescaped-dot" Warning,
    /// A `^` or `$` around a regular expression, which is anchored anyhow.
    RedundantAnchor "redundant-anchor" Warning,
    /// A regular expression that says no more than a glob, a server or a user ID would.
    NeedlessRegex "needless-regex" Warning,
    /// A glob that says no more than a server or a user ID would.
    NeedlessGlob "needless-glob" Warning,
    /// A pattern that stands twice in one set.
    DuplicatePattern "duplicate-pattern" Warning,
    /// A presence state that stands twice in one condition.
    DuplicateState "duplicate-state" Warning,
    /// A pattern whose users another one of the same set takes already.
    SubsumedPattern "subsumed-pattern" Warning,
    /// A pattern that no valid user ID matches.
    DeadPattern "dead-pattern" Warning,
    /// A rule that does nothing, since nobody is in one of its sets, or blocks stop all of it.
    DeadRule "dead-rule" Warning,
    /// A pattern whose users the others of its list take already, together.
    ShadowedPattern "shadowed-pattern" Warning,
    /// A rule that does nothing that others of its kind do not do as well, together.
    ShadowedRule "shadowed-rule" Warning,
    /// Two items of a list that share users, or two routes that send the same, in part. It is reported on request only.
    Overlapping "overlapping" Warning,
    /// An item under `exclude` that meets nobody of `include`.
    NeedlessExclude "needless-exclude" Warning,
    /// An item under `include` that the `exclude` beside it takes out.
    EatenInclude "eaten-include" Warning,
    /// An `exclude` of everybody but some, which says who is in two sets.
    ExcludeOfExclude "exclude-of-exclude" Note,
    /// A block about nobody whom a route or an interest connects.
    IdleBlock "idle-block" Note,
    /// Somebody gets updates and may not see them, or may see and does not get any.
    NotComplementary "not-complementary" Warning,
    /// A group that nothing refers to.
    UnusedGroup "unused-group" Warning,
    /// Everybody but some, by a group or by an `include`, in a list with others.
    ExcludingGroup "excluding-group" Warning,
    /// A pattern that takes users of servers that anybody may set up.
    AnyServer "any-server" Warning,
    /// An ID or a pattern in the notation of something else, such as `.*` in a glob.
    OtherNotation "other-notation" Warning,
    /// A character that cannot be seen, or looks like another one.
    HiddenCharacter "hidden-character" Warning,
    /// A server name in a form that no server has.
    ServerNameForm "server-name-form" Warning,
    /// A pattern for the servers below a name, and not for the server of that name.
    SubdomainsOnly "subdomains-only" Note,
    /// A template that makes one user of all those of a server.
    TemplateWithoutLocalpart "template-without-localpart" Note,
    /// A user ID that is not known, and is of a server whose users are.
    UnknownUser "unknown-user" Warning,
    /// A user ID whose localpart has capitals, which accounts made today do not have.
    UppercaseLocalpart "uppercase-localpart" Warning,
    /// An IPv6 address in brackets, which a glob takes for a class of characters.
    Ipv6AsGlob "ipv6-as-glob" Warning,
    /// Brackets in a glob that were probably meant as characters.
    BracketInGlob "bracket-in-glob" Warning,
    /// A condition that leaves out `offline`, so that recipients see the last state for ever.
    OfflineNotRouted "offline-not-routed" Warning,
    /// A user whose interest is ALL, who no longer sees room-mates or itself.
    AllNarrows "all-narrows" Warning,
    /// A user whose interest is ALL, whom no route reaches.
    AllWithoutRoute "all-without-route" Warning,
    /// A user who may see another whose updates no route sends to it.
    InterestWithoutRoute "interest-without-route" Warning,
    /// A user whom a route sends updates of another that it may not see.
    RouteWithoutInterest "route-without-interest" Warning,
    /// An interest of a user of another server, for whom nobody asks.
    RemoteInterest "remote-interest" Warning,
    /// A route to a user of another server, which needs a router of its own.
    RemoteRecipient "remote-recipient" Note,
    /// A route between users of other servers, which never meet this one.
    ForeignSender "foreign-sender" Warning,
    /// A rule that needs known users, in a rule set without known users.
    NeedsKnownUsers "needs-known-users" Note,
    /// A file that looks like rules, and is not read because of its name.
    PassedOver "passed-over" Note,
    /// A pattern that matches no known user.
    MatchesNobody "matches-nobody" Warning,
    /// A user who is deactivated, according to the known users.
    DeactivatedUser "deactivated-user" Warning,
}

impl Code {
    /// Whether it is only looked for where somebody asks for it by its name.
    pub fn is_on_request(self) -> bool {
        self == Self::Overlapping
    }

    /// The code of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A second place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The place.
    pub location: Location,
    /// What is there, such as "first defined here".
    pub message: String,
}

/// Something that a user should know about a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which kind of finding.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, the user's text in backticks.
    pub message: String,
    /// What it is about.
    pub location: Location,
    /// Other places that have to do with it.
    pub labels: Vec<Label>,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// The same as an edit of the text, where it is a definite one.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of the code's own severity, with neither labels nor help.
    pub fn new(code: Code, location: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            location,
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with more at the end of its remedy.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        if let Some(help) = &mut self.help {
            help.push_str(more);
        }
        self
    }

    /// The same with the remedy as an edit.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The same with a second place.
    #[must_use]
    pub fn label(mut self, location: Location, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            location,
            message: message.into(),
        });
        self
    }
}
