//! The tree from the parser's events, and what the parser must not be given.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use libyaml_safer::{
    Encoding, Error, Event, EventData, MAP_TAG, Mark, Parser, SEQ_TAG, STR_TAG, ScalarStyle,
};

use super::stand_in::{StandIns, pairs_as_one, restored, unquoted_starts};
use super::{Fault, FaultKind, Kind, LINE_ENDS, MAX_DEPTH, Node, NodeId, Tree};
use crate::source::Span;

/// The parser takes all that it is offered, and keeps characters of four bytes.
const CHUNK: usize = 4096;

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn read(text: &str) -> Tree<'_> {
    let tree = read_with(text, &[]);
    if !tree
        .fault
        .as_ref()
        .is_some_and(|fault| is_unquoted(text, fault))
    {
        return tree;
    }
    // Whoever leaves out quotes once mostly does so throughout: all such texts are to be told, and what else there is.
    let starts = unquoted_starts(text);
    let lenient = read_with(text, &starts);
    if lenient.unquoted.is_empty() {
        tree
    } else {
        lenient
    }
}

/// Whether it is a text in want of quotes that ended the reading.
fn is_unquoted(text: &str, fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Syntax(_) | FaultKind::Alias)
        && (text[..fault.at].ends_with('*') || text[fault.at..].starts_with(['@', '`', '*']))
}

/// Reads a text in which the characters at these places begin a text, whatever YAML takes them for.
fn read_with<'t>(text: &'t str, unquoted: &[usize]) -> Tree<'t> {
    let mut building = Building {
        tree: Tree {
            text,
            nodes: Vec::new(),
            decoded: Vec::new(),
            open: Vec::new(),
            unquoted: Vec::new(),
            fault: None,
        },
        start: 0,
        pairs: Vec::new(),
        stand_ins: StandIns::default(),
        unquoted,
        brackets: Vec::new(),
    };
    let fault = building.text().err();
    let mut tree = building.tree;
    let end = tree.nodes.len() as u32;
    for open in &tree.open {
        tree.nodes[open.0 as usize].next = end;
    }
    tree.fault = fault;
    tree
}

struct Building<'t, 'u> {
    tree: Tree<'t>,
    /// Where the text starts that the parser sees.
    start: usize,
    /// Where it sees one escape for two halves of a character, which are two bytes longer.
    pairs: Vec<usize>,
    /// What the parser sees instead of some characters.
    stand_ins: StandIns,
    /// Where texts begin that lack quotes.
    unquoted: &'u [usize],
    /// For each list and mapping that is open, whether it is written in brackets.
    brackets: Vec<bool>,
}

impl Building<'_, '_> {
    fn text(&mut self) -> Result<(), Fault> {
        let whole = self.tree.text;
        if u32::try_from(whole.len()).is_err() {
            return Err(fault(0, FaultKind::TooLarge));
        }
        let text = whole.strip_prefix(BYTE_ORDER_MARK).unwrap_or(whole);
        self.start = whole.len() - text.len();
        let (text, pairs) = pairs_as_one(text);
        self.pairs = pairs;
        let text = self.without_tags_before_commas(&text)?;
        let text = self.without_unquoted(text);
        // The parser panics where a text ends in the middle of a line. One more line would be one more of a block that
        // keeps those at its end (`|+`).
        let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
        let bytes = text.as_bytes().chain(end);
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        parser.set_input(BufReader::with_capacity(CHUNK, bytes));
        loop {
            let event = parser.parse().map_err(|error| self.syntax(&error))?;
            if event.data == EventData::StreamEnd {
                return Ok(());
            }
            self.event(event)?;
        }
    }

    fn event(&mut self, event: Event) -> Result<(), Fault> {
        let span = Span::new(self.byte(event.start_mark), self.byte(event.end_mark));
        let refuse = |kind| Err(fault(span.start as usize, kind));
        match event.data {
            EventData::Scalar {
                anchor: Some(_), ..
            }
            | EventData::SequenceStart {
                anchor: Some(_), ..
            }
            | EventData::MappingStart {
                anchor: Some(_), ..
            } => {
                // A tag may stand before the anchor.
                let written = &self.tree.text[span.range()];
                let at = span.start as usize + written.find('&').unwrap_or(0);
                return Err(fault(at, FaultKind::Anchor));
            }
            EventData::Alias { .. } => return refuse(FaultKind::Alias),
            EventData::SequenceStart { .. } | EventData::MappingStart { .. }
                if self.tree.open.len() == MAX_DEPTH =>
            {
                return refuse(FaultKind::TooDeep);
            }
            EventData::Scalar {
                tag, value, style, ..
            } => {
                let mut value = self.stand_ins.taken_back(value);
                if style != ScalarStyle::DoubleQuoted && !self.pairs.is_empty() {
                    value = restored(&value, &self.tree.text[span.range()]);
                }
                if style == ScalarStyle::Plain
                    && self.unquoted.binary_search(&span.range().start).is_ok()
                {
                    self.tree
                        .unquoted
                        .push(NodeId(self.tree.nodes.len() as u32));
                }
                let kind = match tag.as_deref() {
                    // With another character instead of the `!`, the parser took a tag for text.
                    _ if style == ScalarStyle::Plain && value.starts_with('!') => Kind::Tagged,
                    None => self.scalar(span, value, style),
                    Some(STR_TAG) => self.decoded(value),
                    Some(_) => Kind::Tagged,
                };
                self.leaf(span, kind);
            }
            EventData::SequenceStart { tag, .. } => self.start(span, tag.as_deref(), Kind::List),
            EventData::MappingStart { tag, .. } => self.start(span, tag.as_deref(), Kind::Mapping),
            EventData::SequenceEnd | EventData::MappingEnd => self.end(span),
            EventData::DocumentStart { .. } if !self.tree.nodes.is_empty() => {
                return refuse(FaultKind::SecondDocument);
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, span: Span, mut value: String, style: ScalarStyle) -> Kind {
        let text = self.tree.text;
        let written = &text[span.range()];
        let is_plain = style == ScalarStyle::Plain;
        if is_plain && written == value {
            return Kind::Plain;
        }
        let is_quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        if is_quoted && written[1..written.len() - 1] == *value {
            return Kind::Quoted;
        }
        // The end of the last line is none of the text, but added for the parser.
        let last_line = text.rsplit(LINE_ENDS).next().unwrap_or_default();
        let keeps_all = || {
            written
                .lines()
                .next()
                .is_some_and(|head| head.contains('+'))
        };
        if !is_plain
            && !is_quoted
            && span.range().end == text.len()
            && !last_line.is_empty()
            && (!last_line.trim_start_matches(' ').is_empty() || keeps_all())
            && value.ends_with('\n')
        {
            value.pop();
        }
        match self.decoded(value) {
            Kind::Decoded(index) if is_plain => Kind::DecodedPlain(index),
            kind => kind,
        }
    }

    fn decoded(&mut self, value: String) -> Kind {
        self.tree.decoded.push(value);
        Kind::Decoded(self.tree.decoded.len() as u32 - 1)
    }

    fn push(&mut self, span: Span, kind: Kind) -> NodeId {
        let id = self.tree.nodes.len() as u32;
        let next = id + 1;
        self.tree.nodes.push(Node { span, next, kind });
        NodeId(id)
    }

    fn leaf(&mut self, mut span: Span, kind: Kind) {
        let text = self.tree.text;
        let end;
        if span.start < span.end {
            // What is written in a block goes on to the next thing in the text.
            end = span.start + text[span.range()].trim_end_matches(SPACE).len() as u32;
            span.end = end;
        } else {
            // Nothing stands at the sign behind which it is missing, or else behind what came before.
            let parent = self.tree.open.last();
            let before = parent.map_or(span, |parent| self.tree.span(*parent)).end;
            let signs = &text[before.min(span.start) as usize..span.range().start];
            let last = signs.len().saturating_sub(1);
            let sign = if signs.ends_with([':', '-', '?']) {
                Some(last)
            } else {
                signs.find(':')
            };
            let at = before + sign.unwrap_or_default() as u32;
            end = at + u32::from(sign.is_some());
            span = Span { start: at, end: at };
        }
        self.push(span, kind);
        self.grow(end);
    }

    fn start(&mut self, span: Span, tag: Option<&str>, kind: Kind) {
        let kind = match tag {
            None | Some(SEQ_TAG | MAP_TAG) => kind,
            Some(_) => Kind::Tagged,
        };
        let node = self.push(span, kind);
        self.tree.open.push(node);
        // A pair in a list has none of its own, as in `[a: b]`.
        let opens = &self.tree.text[span.range()];
        self.brackets.push(opens.ends_with(['[', '{']));
    }

    fn end(&mut self, event: Span) {
        let Some(node) = self.tree.open.pop() else {
            return;
        };
        let next = self.tree.nodes.len() as u32;
        let node = &mut self.tree.nodes[node.0 as usize];
        node.next = next;
        // What is written in brackets ends with one; elsewhere the event stands at whatever comes next.
        if self.brackets.pop() == Some(true) {
            node.span.end = event.end;
        }
        let end = node.span.end;
        self.grow(end);
    }

    /// What a node is in ends where the node does, so far.
    fn grow(&mut self, end: u32) {
        if let Some(parent) = self.tree.open.last() {
            let span = &mut self.tree.nodes[parent.0 as usize].span;
            span.end = span.end.max(end);
        }
    }

    fn byte(&self, mark: Mark) -> usize {
        let index = mark.index as usize;
        let longer = 2 * self.pairs.partition_point(|pair| *pair < index);
        (self.start + index + longer).min(self.tree.text.len())
    }

    fn syntax(&self, error: &Error) -> Fault {
        let problem = error.problem();
        let Some(mark) = error.problem_mark() else {
            // A character that the parser does not even take in.
            let refused = self
                .tree
                .text
                .char_indices()
                .find(|(_, it)| is_refused(*it));
            let at = refused.map_or(0, |(at, _)| at);
            return fault(at, FaultKind::Syntax(problem));
        };
        let is_of_quotes = error.context() == Some("while scanning a quoted scalar");
        match error.context_mark() {
            Some(mark) if is_of_quotes && problem == "found unexpected end of stream" => {
                fault(self.byte(mark), FaultKind::UnclosedQuote)
            }
            _ => fault(self.byte(mark), FaultKind::Syntax(problem)),
        }
    }

    /// The parser panics at a tag that a comma follows at once, as in `[!tag,]`. Where there may be one, it gets a text
    /// with another character instead of the `!`: one that this text has nowhere, neither written nor escaped.
    fn without_tags_before_commas<'t>(&mut self, text: &'t str) -> Result<Cow<'t, str>, Fault> {
        let bytes = text.as_bytes();
        let mut marks = Vec::new();
        if memchr::memchr(b'!', bytes).is_some() {
            let mut before_comma = false;
            for (at, byte) in text.bytes().enumerate().rev() {
                before_comma = byte == b',' || before_comma && is_of_tag(byte);
                if byte == b'!' && (before_comma || is_long_tag(&bytes[at..])) {
                    marks.push(at);
                }
            }
        }
        marks.reverse();
        let Some(first) = marks.first() else {
            return Ok(Cow::Borrowed(text));
        };
        let Some(seen) = self.stand_ins.put(text, &marks, "+;$=()_/~^") else {
            let problem = "a `!` stands in a word that ends with a `,`";
            return Err(fault(self.start + first, FaultKind::Syntax(problem)));
        };
        Ok(Cow::Owned(seen))
    }

    /// Texts that lack quotes begin with a character of which YAML thinks nothing special. Where there is none that the
    /// text has nowhere, it stays as it is.
    fn without_unquoted<'t>(&mut self, mut text: Cow<'t, str>) -> Cow<'t, str> {
        // Where the pairs are in the whole text.
        let pairs: Vec<_> = (self.pairs.iter().enumerate())
            .map(|(count, pair)| pair + 2 * count)
            .collect();
        let seen_at = |at: &usize| {
            let at = at - self.start;
            at - 2 * pairs.partition_point(|pair| *pair < at)
        };
        for character in ['@', '`', '*'] {
            let starts = self.unquoted.iter().map(seen_at);
            let starts: Vec<_> = starts
                .filter(|at| text[*at..].starts_with(character))
                .collect();
            if let Some(seen) = self.stand_ins.put(&text, &starts, "") {
                text = Cow::Owned(seen);
            }
        }
        text
    }
}

fn fault(at: usize, kind: FaultKind) -> Fault {
    Fault { at, kind }
}

/// What YAML takes for white space and for ends of lines. Any other space, such as U+00A0, is text.
const SPACE: [char; 7] = [' ', '\t', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Whether the byte may stand in a tag.
fn is_of_tag(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b";/?:@&=+$.%!~*'()_-".contains(&byte)
}

/// Whether a tag such as `!<tag:example.org,2026:x>` starts here, and a comma follows it.
fn is_long_tag(bytes: &[u8]) -> bool {
    let Some(name) = bytes.strip_prefix(b"!<") else {
        return false;
    };
    let end = name
        .iter()
        .position(|byte| !is_of_tag(*byte) && !b",[]".contains(byte));
    end.is_some_and(|end| name[end..].starts_with(b">,"))
}

/// Characters that YAML does not have.
fn is_refused(character: char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
