//! Two updates are equal if they are equal as JSON values, and for nothing else.

mod plain;

use presence_router::update::{Record, Seen};

pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    // Updates are put to it that were read before.
    let values: Vec<_> = (text.split('\n'))
        .filter(|text| Record::parse(text).is_ok())
        .take(8)
        .collect();
    let plain: Vec<_> = values.iter().map(|text| plain::Value::read(text)).collect();
    let (mut seen, mut first) = (Seen::default(), Vec::new());
    for (at, text) in values.iter().enumerate() {
        let known = first.iter().position(|known| plain[*known] == plain[at]);
        if known.is_none() {
            first.push(at);
        }
        let expected = known.map_or(Ok(first.len() - 1), Err);
        assert_eq!(seen.insert("@a:b", text), expected, "{at} of {values:?}");
    }
}
