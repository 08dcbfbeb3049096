//! Presence updates: from bytes to checked updates, in every form that they come in.
//!
//! [`Reader`] cuts a stream of bytes into records (and [`Cutter`] bytes that are at hand), [`Record::updates`] tells the updates that a record holds, and
//! [`Seen`] knows which of them a batch already has. Nothing here knows rules, and nothing here prints.
//!
//! ```
//! use presence_router::update::{Item, Reader};
//!
//! let input = br#"[{"user_id": "@alice:example.org", "state": "online"}, 12]"#;
//! let mut reader = Reader::new(&input[..]);
//! let mut found = Vec::new();
//! while let Some(item) = reader.next()? {
//!     match item {
//!         Item::Record(record) => record.updates(|update| match update {
//!             Ok(update) => found.push(format!("{} is {}", update.sender().as_str(), update.state)),
//!             Err(fault) => found.push(format!("{}: {}", record.place(fault.offset), fault.message)),
//!         }),
//!         Item::Refused(refusal) => found.push(format!("{}: {}", refusal.place, refusal.message)),
//!         Item::Rest(_) => {}
//!     }
//! }
//! assert_eq!(found, ["@alice:example.org is online", "1:56: a record should be an object, found a number"]);
//! # Ok::<(), std::io::Error>(())
//! ```

mod bytes;
mod scan;

mod message;
mod place;
mod presence;

mod fields;
mod object;
mod record;

mod shape;
mod split;
mod values;

mod blocks;
mod cutter;
mod item;
mod reader;

mod canonical;
mod equal;

#[cfg(feature = "cli")]
pub(crate) use blocks::read_once;
pub(crate) use bytes::is_space;
pub use cutter::{Bytes, Cutter};
pub use equal::Seen;
pub use item::{Item, Refusal, Rest};
pub use place::Place;
pub use presence::Update;
pub use reader::{DEFAULT_MAX_RECORD_BYTES, Reader};
pub use record::{Fault, Listener, Record, updates};
pub use scan::MAX_DEPTH;
