//! Lines and columns, of records and inside of them.

use presence_router::update::{Item, Reader};

#[test]
fn an_offset_in_a_record_has_a_place() {
    let input = "[\n  {\"é\":\r\n   \"é\", \"user_id\": 5, \"state\": \"\"}]";
    let mut reader = Reader::new(input.as_bytes());
    let Ok(Some(Item::Record(record))) = reader.next() else {
        panic!("there is a record");
    };
    let mut places = vec![record.place(0).to_string()];
    record.updates(|update| places.push(record.place(update.unwrap_err().offset).to_string()));
    assert_eq!(places, ["2:3", "3:20"]);
    assert_eq!(record.place(usize::MAX), record.place(record.text().len()));
}

#[test]
fn places_stay_right_over_many_records_and_reads() {
    let mut input = String::new();
    for line in 0..20_000 {
        input += if line % 7 == 0 {
            "{\"é\":1} {} "
        } else {
            "{} {\"𝄞\":\"𝄞\"}"
        };
        input += if line % 100 == 0 { " " } else { "\n" };
    }
    let mut reader = Reader::new(input.as_bytes());
    let mut found = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        let Item::Record(record) = item else {
            panic!("all is good")
        };
        found.push((record.place(0), record.text().to_owned()));
    }
    let mut expected = Vec::new();
    for (line, text) in input.split('\n').enumerate() {
        for (column, (at, _)) in text.char_indices().enumerate() {
            if text[at..].starts_with('{') {
                let record = &text[at..=at + text[at..].find('}').unwrap()];
                expected.push(((line as u64 + 1, column as u64 + 1), record.to_owned()));
            }
        }
    }
    let found: Vec<_> = found
        .into_iter()
        .map(|(place, text)| ((place.line, place.column), text))
        .collect();
    assert!(found == expected);
}
