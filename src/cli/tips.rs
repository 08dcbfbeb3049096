//! What somebody probably meant by a command or an option that is not there.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Words of other programs, and the commands that do that here.
const COMMANDS: [(&str, &str); 16] = [
    ("lint", "check"),
    ("validate", "check"),
    ("verify", "check"),
    ("fix", "check"),
    ("run", "route"),
    ("send", "route"),
    ("match", "route"),
    ("why", "explain"),
    ("who", "explain"),
    ("debug", "explain"),
    ("compare", "diff"),
    ("changes", "diff"),
    ("prove", "test"),
    ("tests", "test"),
    ("new", "init"),
    ("sees", "interested"),
];

/// The error, with a tip where it is plain what was meant.
pub fn with_tip(mut error: clap::Error) -> clap::Error {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let written = context(ContextKind::InvalidSubcommand);
            let meant = COMMANDS.iter().find(|(other, _)| *other == written);
            meant.map(|(_, command)| format!("the command is `presence-router {command}`"))
        }
        ErrorKind::UnknownArgument => {
            let argument = context(ContextKind::InvalidArg);
            let usage = match error.get(ContextKind::Usage) {
                Some(ContextValue::StyledStr(usage)) => usage.to_string(),
                _ => String::new(),
            };
            let is_of_check = usage.contains("presence-router check");
            let is_rules = argument.starts_with("-r") || argument.starts_with("--rules");
            (is_of_check && is_rules).then(|| {
                "`check` takes rules without an option: `presence-router check rules`".to_owned()
            })
        }
        _ => None,
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![StyledStr::from(tip)]),
        );
    }
    error
}
