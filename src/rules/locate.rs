//! From a key path to the place in the text.
//!
//! Places are looked up only when something is to be shown: one pass over the text's YAML events finds all that a
//! file's findings ask for, so that reading rules carries no places along.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::finding::{Location, Target};
use crate::key_path::{KeyPath, Step};
use crate::source::{Place, Source, Sources};

/// The places of these locations, in the same order.
///
/// What cannot be found (the text after a syntax error) gets the nearest place above it, and at worst the file's start.
pub fn places(sources: &Sources, locations: &[&Location]) -> Vec<Place> {
    let mut by_file: HashMap<_, Wanted> = HashMap::new();
    for location in locations {
        if let Target::Key(path) | Target::Value(path) | Target::Inside(path, _) = &location.target
        {
            let wanted = by_file.entry(location.file).or_default();
            wanted.add(path);
        }
    }
    for (file, wanted) in &mut by_file {
        find(sources.get(*file).text(), wanted);
    }
    locations
        .iter()
        .map(|location| {
            let source = sources.get(location.file);
            let node = |path: &KeyPath| by_file.get(&location.file)?.nearest(path);
            let range = match &location.target {
                Target::File => 0..0,
                Target::Bytes(range) => range.clone(),
                Target::Key(path) => node(path).map_or(0..0, |node| node.key.clone()),
                Target::Value(path) => node(path).map_or(0..0, |node| node.value.clone()),
                Target::Inside(path, range) => {
                    node(path).map_or(0..0, |node| node.inside(source, range))
                }
            };
            source.place(range)
        })
        .collect()
}

/// The paths that are looked for, as a tree: what they share is there once. The first node is the top of the file.
struct Wanted {
    nodes: Vec<Wish>,
}

#[derive(Default)]
struct Wish {
    /// The entries that are looked for below it: the first of a key, the second, and so on.
    keys: HashMap<String, Vec<Option<usize>>, RandomState>,
    items: HashMap<u32, usize, RandomState>,
    found: Option<Node>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            nodes: vec![Wish::default()],
        }
    }
}

impl Wanted {
    fn add(&mut self, path: &KeyPath) {
        let mut at = 0;
        for step in path.steps() {
            let next = self.nodes.len();
            let wish = &mut self.nodes[at];
            at = match step {
                Step::Key { name, nth } => {
                    let entries = wish.keys.entry(name.to_string()).or_default();
                    let nth = *nth as usize;
                    entries.resize(entries.len().max(nth + 1), None);
                    *entries[nth].get_or_insert(next)
                }
                Step::Item(item) => *wish.items.entry(*item).or_insert(next),
            };
            if at == next {
                self.nodes.push(Wish::default());
            }
        }
    }

    /// What stands at a path, or else at the nearest one above it.
    fn nearest(&self, path: &KeyPath) -> Option<&Node> {
        let mut at = 0;
        let mut nearest = self.nodes[0].found.as_ref();
        for step in path.steps() {
            let wish = &self.nodes[at];
            at = match step {
                Step::Key { name, nth } => {
                    wish.keys.get(&**name)?.get(*nth as usize).copied()??
                }
                Step::Item(item) => *wish.items.get(item)?,
            };
            nearest = self.nodes[at].found.as_ref().or(nearest);
        }
        nearest
    }
}

/// Where an entry or item stands.
#[derive(Clone, Debug)]
struct Node {
    /// The key of an entry; of an item, the item.
    key: Range<usize>,
    value: Range<usize>,
    /// The text itself, where the value is one, or a mapping with one entry that is one.
    scalar: Option<(Range<usize>, ScalarStyle)>,
}

impl Node {
    fn inside(&self, source: &Source, range: &Range<usize>) -> Range<usize> {
        let Some((scalar, style)) = &self.scalar else {
            return self.value.clone();
        };
        let written = &source.text()[scalar.clone()];
        match written_range(written, *style, range) {
            Some(inner) => scalar.start + inner.start..scalar.start + inner.end,
            None => scalar.clone(),
        }
    }
}

/// Which bytes of a scalar, as written with its quotes and escapes, make these bytes of its text.
fn written_range(written: &str, style: ScalarStyle, range: &Range<usize>) -> Option<Range<usize>> {
    // A text over several lines is folded; its parts are not worth the trouble.
    if written.contains('\n') {
        return None;
    }
    let quotes = match style {
        ScalarStyle::Plain => 0,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        _ => return None,
    };
    let end_of_text = written.len().checked_sub(quotes)?;
    let (mut at, mut decoded) = (quotes, 0);
    let (mut start, mut end) = (None, None);
    while at < end_of_text {
        if decoded >= range.start {
            start.get_or_insert(at);
        }
        let rest = &written[at..];
        let character = rest.chars().next()?;
        let (length, decoded_length) = match (style, character) {
            (ScalarStyle::SingleQuoted, '\'') => (2, 1),
            (ScalarStyle::DoubleQuoted, '\\') => escape(rest)?,
            _ => (character.len_utf8(), character.len_utf8()),
        };
        at += length;
        decoded += decoded_length;
        if decoded >= range.end {
            end.get_or_insert(at);
        }
    }
    let start = start.unwrap_or(at);
    Some(start..end.unwrap_or(at).max(start))
}

/// The length of an escape in double quotes, and of the character that it stands for, in bytes.
fn escape(written: &str) -> Option<(usize, usize)> {
    let digits = match written.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b'N' | b'_' => return Some((2, 2)),
        b'L' | b'P' => return Some((2, 3)),
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(written.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

/// One level of the walk down the events.
struct Level {
    /// `None` for a list.
    keys: Option<Keys>,
    /// Of a list: the next item.
    item: u32,
    /// Where the level starts and, so far, ends.
    range: Range<usize>,
    /// Where the key of the level itself stands.
    key: Range<usize>,
    /// The first scalar value, and how many entries there are.
    only: (Option<(Range<usize>, ScalarStyle)>, usize),
    /// What is looked for here, if anything is.
    wish: Option<usize>,
}

#[derive(Default)]
struct Keys {
    /// How often the keys came that are looked for.
    seen: HashMap<String, usize, RandomState>,
    /// The key that was read and still lacks its value, and what is looked for there.
    open: Option<(Range<usize>, Option<usize>)>,
}

struct Walk<'w> {
    wanted: &'w mut Wanted,
    offsets: Offsets<'w>,
    levels: Vec<Level>,
    /// How deep inside of a key the walk is; keys that are no plain words are passed over.
    in_key: usize,
}

/// A value that the walk comes to: where its key stands, and what is looked for there.
struct Entered {
    key: Range<usize>,
    wish: Option<usize>,
}

fn find(text: &str, wanted: &mut Wanted) {
    let mut walk = Walk {
        wanted,
        offsets: Offsets::new(text),
        levels: Vec::new(),
        in_key: 0,
    };
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        walk.event(&event, span);
    }
    // A text that ends in the middle leaves levels open; what they hold so far is worth showing.
    while !walk.levels.is_empty() {
        walk.end(&(0..0));
    }
}

impl Walk<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) {
        let range = self.offsets.range(span);
        match event {
            Event::Scalar(..) | Event::Alias(_) if self.in_key > 0 => {}
            Event::MappingStart(..) | Event::SequenceStart(..) if self.in_key > 0 => {
                self.in_key += 1;
            }
            Event::MappingEnd | Event::SequenceEnd if self.in_key > 0 => self.in_key -= 1,
            Event::MappingStart(..) | Event::SequenceStart(..) if self.expects_key() => {
                self.open_key("?", range);
                self.in_key = 1;
            }
            Event::Scalar(text, ..) if self.expects_key() => self.open_key(text, range),
            Event::Scalar(_, style, ..) => {
                let entered = self.enter(&range);
                let scalar = Some((range.clone(), *style));
                self.leave(entered, range, scalar);
            }
            Event::Alias(_) => {
                let entered = self.enter(&range);
                self.leave(entered, range, None);
            }
            Event::MappingStart(..) => self.start(range, Some(Keys::default())),
            Event::SequenceStart(..) => self.start(range, None),
            Event::MappingEnd | Event::SequenceEnd => self.end(&range),
            _ => {}
        }
    }

    fn expects_key(&self) -> bool {
        let keys = self.levels.last().and_then(|level| level.keys.as_ref());
        keys.is_some_and(|keys| keys.open.is_none())
    }

    fn open_key(&mut self, name: &str, range: Range<usize>) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let Some(keys) = &mut level.keys else { return };
        let entries = level
            .wish
            .and_then(|wish| self.wanted.nodes[wish].keys.get(name));
        let wish = entries.and_then(|entries| {
            let count = keys.seen.entry(name.to_owned()).or_default();
            *count += 1;
            *entries.get(*count - 1)?
        });
        keys.open = Some((range, wish));
    }

    /// Goes down to a value.
    fn enter(&mut self, value: &Range<usize>) -> Entered {
        let Some(level) = self.levels.last_mut() else {
            let key = value.clone();
            return Entered { key, wish: Some(0) };
        };
        if let Some(keys) = &mut level.keys {
            let (key, wish) = keys.open.take().unwrap_or_else(|| (value.clone(), None));
            return Entered { key, wish };
        }
        let items = level.wish.map(|wish| &self.wanted.nodes[wish].items);
        let wish = items.and_then(|items| items.get(&level.item).copied());
        level.item += 1;
        let key = value.clone();
        Entered { key, wish }
    }

    fn start(&mut self, range: Range<usize>, keys: Option<Keys>) {
        let Entered { key, wish } = self.enter(&range);
        self.levels.push(Level {
            keys,
            item: 0,
            range,
            key,
            only: (None, 0),
            wish,
        });
    }

    fn end(&mut self, event: &Range<usize>) {
        let Some(mut level) = self.levels.pop() else {
            return;
        };
        // What is written in brackets ends with one; elsewhere the event stands at whatever comes next.
        if matches!(&self.offsets.text[event.clone()], "}" | "]") {
            level.range.end = event.end;
        }
        let scalar = level.only.0.filter(|_| level.only.1 == 1);
        let entered = Entered {
            key: level.key,
            wish: level.wish,
        };
        self.leave(entered, level.range, scalar);
    }

    /// Comes up from a value again.
    fn leave(
        &mut self,
        Entered { key, wish }: Entered,
        value: Range<usize>,
        scalar: Option<(Range<usize>, ScalarStyle)>,
    ) {
        if let Some(parent) = self.levels.last_mut() {
            parent.range.end = parent.range.end.max(value.end);
            parent.only.1 += 1;
            if parent.keys.is_some() {
                parent.only.0.clone_from(&scalar);
            }
        }
        if let Some(wish) = wish {
            self.wanted.nodes[wish].found = Some(Node { key, value, scalar });
        }
    }
}

/// Bytes from the parser's characters. It counts upwards, so that each character is passed once.
struct Offsets<'t> {
    text: &'t str,
    ascii: bool,
    character: usize,
    byte: usize,
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        let ascii = text.is_ascii();
        Self {
            text,
            ascii,
            character: 0,
            byte: 0,
        }
    }

    fn range(&mut self, span: Span) -> Range<usize> {
        let start = self.byte_of(span.start.index());
        let end = self.byte_of(span.end.index()).max(start);
        let text = self.text[start..end].trim_end();
        start..start + text.len()
    }

    fn byte_of(&mut self, character: usize) -> usize {
        if self.ascii {
            return character.min(self.text.len());
        }
        if character < self.character {
            (self.character, self.byte) = (0, 0);
        }
        let mut rest = self.text[self.byte..].chars();
        while self.character < character {
            let Some(next) = rest.next() else { break };
            self.character += 1;
            self.byte += next.len_utf8();
        }
        self.byte
    }
}
