//! Lists of known users: each is a valid ID that stands there, none is lost, and each fault has a place.

use std::collections::BTreeSet;

use presence_router::known_users::KnownUsers;
use presence_router::user_id::UserId;
use serde_json::Value;

pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut known = KnownUsers::default();
    let faults = known.add_text(text);
    for fault in &faults {
        let range = &fault.range;
        assert!(
            range.start <= range.end && range.end <= text.len() + 1,
            "{fault:?} of {text:?}"
        );
        assert!(!fault.message.is_empty());
    }
    let users: BTreeSet<_> = known.iter().map(str::to_owned).collect();
    assert_eq!(users.len(), known.len(), "each is there once: {text:?}");
    for user in &users {
        assert!(UserId::parse(user).is_ok(), "{user:?} of {text:?}");
    }
    // Read again, the list names nobody new, and has the same faults.
    let mut again = known.clone();
    assert_eq!(again.add_text(text), faults);
    assert!(again.iter().eq(known.iter()), "{text:?}");

    if text.trim_start().starts_with(['[', '{', '"']) {
        let (mut must, mut may) = (BTreeSet::new(), BTreeSet::new());
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let Ok(value) = value else { break };
            named(&value, &mut must);
            said(&value, &mut may);
        }
        assert!(users.is_superset(&must), "{must:?} of {text:?}");
        // What is no value for `serde_json`, such as `1e999`, may still be one among others.
        let is_read = serde_json::from_str::<Value>(text).is_ok();
        assert!(!is_read || users.is_subset(&may), "{users:?} of {text:?}");
    } else {
        let lines = (text.split('\n').map(str::trim)).filter(|line| UserId::parse(line).is_ok());
        assert_eq!(users, lines.map(str::to_owned).collect(), "{text:?}");
    }
}

/// Who is named without any doubt: by a text, alone or in a list.
fn named(value: &Value, users: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if UserId::parse(text).is_ok() => drop(users.insert(text.clone())),
        Value::Array(items) => {
            for item in items.iter().filter(|item| item.is_string()) {
                named(item, users);
            }
        }
        _ => {}
    }
}

/// All texts that are values.
fn said(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| said(item, texts)),
        Value::Object(entries) => entries.values().for_each(|value| said(value, texts)),
        _ => {}
    }
}
