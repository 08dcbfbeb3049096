//! The automaton of valid user IDs, and how well a text reads.
//!
//! It follows the Matrix specification, appendices "User Identifiers" and "Server Name", and accepts exactly what
//! [`UserId::parse`](crate::user_id::UserId::parse) does, but for the length, which the search counts.

use std::sync::OnceLock;

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

/// Where in a user ID a text ends. The localpart is UTF-8, so its states are those of a character that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    /// Before the `@`.
    Start,
    /// After the `@`.
    Empty,
    /// After a whole character of the localpart.
    Localpart,
    /// So many bytes of a character are missing.
    Missing(u8),
    /// After `E0`, `ED`, `F0` or `F4`, where not every byte may follow.
    After(u8),
    /// In the server name.
    Server(StateID),
}

/// What it costs a text to look odd.
const ODD: u32 = 30;

impl Place {
    /// The place after one more byte, if it may stand there.
    pub fn next(self, byte: u8) -> Option<Self> {
        let missing = |left: u8| match left {
            0 => Self::Localpart,
            left => Self::Missing(left),
        };
        match (self, byte) {
            (Self::Start, b'@') => Some(Self::Empty),
            (Self::Start, _) | (Self::Empty | Self::Localpart, 0) => None,
            (Self::Empty | Self::Localpart, b':') => Some(Self::Server(servers().1)),
            (Self::Empty | Self::Localpart, byte) => match byte {
                0x01..=0x7f => Some(Self::Localpart),
                0xc2..=0xdf => Some(Self::Missing(1)),
                0xe0 | 0xed | 0xf0 | 0xf4 => Some(Self::After(byte)),
                0xe1..=0xef => Some(Self::Missing(2)),
                0xf1..=0xf3 => Some(Self::Missing(3)),
                _ => None,
            },
            (Self::Missing(left), 0x80..=0xbf) => Some(missing(left - 1)),
            (Self::After(0xe0), 0xa0..=0xbf) | (Self::After(0xed), 0x80..=0x9f) => {
                Some(Self::Missing(1))
            }
            (Self::After(0xf0), 0x90..=0xbf) | (Self::After(0xf4), 0x80..=0x8f) => {
                Some(Self::Missing(2))
            }
            (Self::Missing(_) | Self::After(_), _) => None,
            (Self::Server(state), byte) => {
                let (dfa, _) = servers();
                let next = dfa.next_state(state, byte);
                (!dfa.is_dead_state(next)).then_some(Self::Server(next))
            }
        }
    }

    /// Whether the localpart may end here.
    pub fn ends_localpart(self) -> bool {
        matches!(self, Self::Empty | Self::Localpart)
    }

    /// Whether a user ID may end here.
    pub fn ends_id(self) -> bool {
        let Self::Server(state) = self else {
            return false;
        };
        let (dfa, _) = servers();
        dfa.is_match_state(dfa.next_eoi_state(state))
    }

    /// What it costs the reader's eye to have this byte here, after `before`.
    pub fn cost(self, before: u8, byte: u8) -> u32 {
        let at_edge = matches!(before, b'@' | b':' | b'.' | b'-');
        match byte {
            b'0'..=b'9' | b'_' => 3,
            b'.' | b'-' if at_edge => ODD,
            b'.' | b'-' => 2,
            b':' if self == Self::Empty => ODD,
            b':' if matches!(self, Self::Server(_)) => 10,
            b'@' if self == Self::Start => 1,
            // What goes on with a character was paid for at its start.
            b'a'..=b'z' | b':' | 0x80..=0xbf => 1,
            b'A'..=b'Z' => 6,
            b'=' | b'/' | b'+' => 8,
            b'!'..=b'~' => 14,
            b' ' => 20,
            0xc0..=0xff => 16,
            _ => 60,
        }
    }

    /// What it costs the reader's eye that the text ends here, after `before`.
    pub fn end_cost(self, before: u8) -> u32 {
        match (self, before) {
            (Self::Empty, _) | (Self::Server(_), b'.' | b'-') => ODD,
            _ => 0,
        }
    }
}

/// Whether a reader's eye stops at a localpart, so that another one may read better that has more in it.
pub(super) fn looks_odd(localpart: &str) -> bool {
    let (mut place, mut before) = (Place::Empty, b'@');
    for byte in localpart.bytes() {
        match place.next(byte) {
            Some(next) if place.cost(before, byte) < ODD => (place, before) = (next, byte),
            _ => return true,
        }
    }
    place.end_cost(before) > 0
}

/// Which bytes no place tells apart: equal numbers.
pub(super) fn classes() -> &'static [u16; 256] {
    static CLASSES: OnceLock<[u16; 256]> = OnceLock::new();
    CLASSES.get_or_init(|| {
        let places = [
            Place::Start,
            Place::Localpart,
            Place::Missing(1),
            Place::After(0xe0),
            Place::After(0xed),
            Place::After(0xf0),
            Place::After(0xf4),
        ];
        let server = servers().0.byte_classes();
        let mut known = Vec::new();
        std::array::from_fn(|byte| {
            let next = places.map(|place| place.next(byte as u8));
            let kind = (next, server.get(byte as u8));
            let index = known.iter().position(|other| *other == kind);
            index.unwrap_or_else(|| {
                known.push(kind);
                known.len() - 1
            }) as u16
        })
    })
}

/// The automaton of server names, and its first state.
fn servers() -> &'static (dense::DFA<Vec<u32>>, StateID) {
    static SERVERS: OnceLock<(dense::DFA<Vec<u32>>, StateID)> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(regex_automata::dfa::StartKind::Anchored);
        let dfa = dense::Builder::new()
            .configure(config)
            .build(&server_name())
            .expect("a fixed expression");
        let start = start::Config::new().anchored(Anchored::Yes);
        let start = dfa
            .start_state(&start)
            .expect("anchored searches are built in");
        (dfa, start)
    })
}

/// Server names as a regular expression: a host name or IPv4 address, or an IPv6 address (RFC 3986, section 3.2.2, as
/// Rust's `Ipv6Addr` reads it) in brackets, and a port.
fn server_name() -> String {
    let group = "[0-9A-Fa-f]{1,4}";
    let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    let ipv4 = format!(r"{octet}(?:\.{octet}){{3}}");
    let last = format!("(?:{group}:{group}|{ipv4})");
    let mut addresses = vec![format!("(?:{group}:){{6}}{last}")];
    // So many groups before the `::`, and at most so many after it that one is left out.
    for before in 0..=7_usize {
        let head = match before {
            0 => String::new(),
            before => format!("{group}(?::{group}){{{}}}", before - 1),
        };
        let most = 7 - before;
        let mut tail = String::from("(?:");
        if most >= 1 {
            tail += &[group, "(?::", group, "){0,", &(most - 1).to_string(), "}"].concat();
        }
        if most >= 2 {
            tail += &["|(?:", group, ":){0,", &(most - 2).to_string(), "}", &ipv4].concat();
        }
        tail += ")?";
        addresses.push(format!("{head}::{tail}"));
    }
    format!(
        "(?-u)(?:[0-9A-Za-z.-]+|\\[(?:{})\\])(?::[0-9]{{1,5}})?",
        addresses.join("|")
    )
}
