//! Tells the recipients of presence updates: `cargo run --example route`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a small program speaks for itself"
)]

use presence_router::Rules;
use presence_router::update::{Item, Reader};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router = Rules::load(["rules"])?.router([])?;
    let mut reader = Reader::new(std::fs::File::open("examples/presence.ndjson")?);
    while let Some(item) = reader.next()? {
        match item {
            Item::Record(record) => record.updates(|update| match update {
                Ok(update) => match router.recipients(&update) {
                    Ok(to) => println!("{}: {}", update.sender().as_str(), to.join(" ")),
                    Err(error) => eprintln!("{error}"),
                },
                Err(fault) => eprintln!("{}: {}", record.place(fault.offset), fault.message),
            }),
            Item::Refused(refusal) => eprintln!("{}: {}", refusal.place, refusal.message),
            Item::Rest(_) => {}
        }
    }
    Ok(())
}
