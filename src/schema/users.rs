//! User sets, as editors have to know them.

use schemars::JsonSchema;

use super::{Maybe, Name};

/// The members of a group: a set of users, with a description if there is `include` or `exclude`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum GroupUsers {
    Users(Users<Item>),
    Described(Described),
}

/// Everybody in `include` who is not in `exclude`, and who these are.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["include"]}, {"required": ["exclude"]}]))]
pub(super) struct Described {
    /// Who is in this group, and why, for whoever reads the file after you. `explain` shows it.
    description: String,
    /// The users to take; everybody if left out.
    #[schemars(default)]
    include: Maybe<Users<Item>>,
    /// The users to leave out.
    #[schemars(default)]
    exclude: Maybe<Users<Item>>,
}

/// A set of users: one item, a list of items, `all_of`, or `include` and `exclude`.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "{I}Set")]
pub(super) enum Users<I: JsonSchema> {
    Text(Text),
    /// Everybody who is in at least one of these.
    List(#[schemars(length(min = 1))] Vec<Member<I>>),
    Item(I),
    File(File),
    AllOf(AllOf<I>),
    Difference(Difference<I>),
}

/// An item of a list: a set of users. `exclude` does not stand alone in it, for that would add everybody but some.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "{I}Member")]
pub(super) enum Member<I: JsonSchema> {
    Text(Text),
    /// Everybody who is in at least one of these.
    List(#[schemars(length(min = 1))] Vec<Member<I>>),
    Item(I),
    File(File),
    AllOf(AllOf<I>),
    Without(Without<I>),
}

/// The users whom a file names.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct File {
    /// A file, relative to this one, or several: one user ID a line, JSON such as Synapse's list of accounts, or CSV with
    /// `column`.
    file: OneOrMore<Name>,
    /// The column of the table that has the user IDs, by the name in its first line.
    #[schemars(default)]
    column: Maybe<Name>,
}

/// Everybody who is in each of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "{I}AllOf")]
pub(super) struct AllOf<I: JsonSchema> {
    /// Two sets or more.
    #[schemars(length(min = 2))]
    all_of: Vec<Users<I>>,
}

/// One, or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "{T}s")]
pub(super) enum OneOrMore<T: JsonSchema> {
    One(T),
    Several(#[schemars(length(min = 1))] Vec<T>),
}

/// `all`, `local` (the users of the server that the rules run on), a user ID such as `@alice:example.org`, or a glob over user IDs such as `@bot-*:example.org`. A text with one
/// of the characters `*?[]{}` is a glob. It needs quotes.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct Text(
    #[schemars(
        regex(pattern = r"^(all$|local$|@|[\s\S]*[*?\[\]{}])"),
        example = &"all",
        example = &"local",
        example = &"@alice:example.org",
        example = &"@bot-*:example.org"
    )]
    String,
);

/// Everybody in `include` who is not in `exclude`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "{I}Difference", extend("minProperties" = 1))]
pub(super) struct Difference<I: JsonSchema> {
    /// The users to take; everybody if left out.
    #[schemars(default)]
    include: Maybe<Users<I>>,
    /// The users to leave out.
    #[schemars(default)]
    exclude: Maybe<Users<I>>,
}

/// Everybody in `include` who is not in `exclude`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "{I}Without")]
pub(super) struct Without<I: JsonSchema> {
    /// The users to take.
    include: Users<I>,
    /// The users to leave out.
    #[schemars(default)]
    exclude: Maybe<Users<I>>,
}

/// An item of a user set, with one key that says what kind it is. Several of one kind stand in a list under its key.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum Item {
    User(OneOrMore<UserId>),
    Glob(OneOrMore<Glob>),
    Regex(OneOrMore<Regex>),
    Server(OneOrMore<Server>),
    Group(OneOrMore<Group>),
}

/// This user ID, whatever characters it has: `{user: "@alice:[2001:db8::1]"}`.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct UserId(#[schemars(regex(pattern = "^@"))] String);

/// All whose user ID matches this glob: `*` any text, `?` one character, `[abc]` one of these characters, `{a,b}` one of
/// these texts.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct Glob(String);

/// All whose whole user ID matches this regular expression, in the syntax of Rust's regex crate. Write it in single
/// quotes, and `\.` for a dot: `{regex: '@bot-\d+:example\.org'}`.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct Regex(String);

/// All users of this server: what stands behind the first `:` of their user IDs. May be a glob: `"*.example.org"`.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct Server(String);

/// The members of this group.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
pub(super) struct Group(String);

#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum ItemOrTemplate {
    Item(Item),
    Template(Template),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Template {
    /// One user, whose ID is made from that of the sender, or in an interest, of the asking user. `{localpart}` and
    /// `{server}` stand for its two halves: `{template: "@{localpart}:new.example"}`.
    #[schemars(example = &"@{localpart}:new.example")]
    template: String,
}
