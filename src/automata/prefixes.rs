//! A list of texts as an automaton: a state is a prefix, and the part of the sorted list that has it.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

/// Those texts of the list that start with the prefix: their places, and the prefix's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Range {
    from: u32,
    to: u32,
    length: u32,
}

/// The automaton of a sorted list.
pub(super) struct Prefixes {
    texts: Rc<[Rc<str>]>,
    states: Vec<Range>,
    index: HashMap<Range, u32, RandomState>,
}

impl Prefixes {
    /// `texts` are sorted, and each is there once.
    pub fn new(texts: Rc<[Rc<str>]>) -> Self {
        debug_assert!(texts.is_sorted());
        Self {
            texts,
            states: Vec::new(),
            index: HashMap::default(),
        }
    }

    pub fn start(&mut self) -> Option<u32> {
        let to = self.texts.len() as u32;
        self.state(Range {
            from: 0,
            to,
            length: 0,
        })
    }

    /// The next state, or `None` if no text goes on so.
    pub fn next(&mut self, state: u32, byte: u8) -> Option<u32> {
        let range = self.states[state as usize];
        let at = range.length as usize;
        let texts = &self.texts[range.from as usize..range.to as usize];
        let first = texts.partition_point(|text| text.as_bytes().get(at) < Some(&byte));
        let after = texts.partition_point(|text| text.as_bytes().get(at) <= Some(&byte));
        self.state(Range {
            from: range.from + first as u32,
            to: range.from + after as u32,
            length: range.length + 1,
        })
    }

    /// Whether the list has the text up to here with this after it.
    pub fn accepts_after(&self, state: u32, rest: &[u8]) -> bool {
        let range = self.states[state as usize];
        let texts = &self.texts[range.from as usize..range.to as usize];
        let at = range.length as usize;
        (texts.binary_search_by(|text| text.as_bytes()[at..].cmp(rest))).is_ok()
    }

    /// The bytes with which some text goes on.
    pub fn next_bytes(&self, state: u32, bytes: &mut Vec<u8>) {
        let range = self.states[state as usize];
        let at = range.length as usize;
        let mut texts = &self.texts[range.from as usize..range.to as usize];
        while let Some(text) = texts.first() {
            let byte = text.as_bytes().get(at);
            bytes.extend(byte);
            texts = &texts[texts.partition_point(|text| text.as_bytes().get(at) <= byte)..];
        }
    }

    fn state(&mut self, range: Range) -> Option<u32> {
        if range.from == range.to {
            return None;
        }
        let states = &mut self.states;
        Some(*self.index.entry(range).or_insert_with(|| {
            states.push(range);
            states.len() as u32 - 1
        }))
    }
}
