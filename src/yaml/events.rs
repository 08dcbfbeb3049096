//! The tree from the parser's events, and what the parser must not be given.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use libyaml_safer::{
    Encoding, Error, Event, EventData, MAP_TAG, Mark, Parser, SEQ_TAG, STR_TAG, ScalarStyle,
};

use super::{Fault, FaultKind, Kind, LINE_ENDS, MAX_DEPTH, Node, NodeId, Tree};
use crate::source::Span;

/// The parser takes all that it is offered, and keeps characters of four bytes.
const CHUNK: usize = 4096;

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn read(text: &str) -> Tree<'_> {
    let mut building = Building {
        tree: Tree {
            text,
            nodes: Vec::new(),
            decoded: Vec::new(),
            open: Vec::new(),
            fault: None,
        },
        start: 0,
        stand_in: None,
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

struct Building<'t> {
    tree: Tree<'t>,
    /// Where the text starts that the parser sees.
    start: usize,
    /// What the parser sees instead of some `!`.
    stand_in: Option<char>,
    /// For each list and mapping that is open, whether it is written in brackets.
    brackets: Vec<bool>,
}

impl Building<'_> {
    fn text(&mut self) -> Result<(), Fault> {
        let whole = self.tree.text;
        if u32::try_from(whole.len()).is_err() {
            return Err(fault(0, FaultKind::TooLarge));
        }
        let text = whole.strip_prefix(BYTE_ORDER_MARK).unwrap_or(whole);
        self.start = whole.len() - text.len();
        let text = self.without_tags_before_commas(text)?;
        // The parser panics where a text ends in the middle of a line.
        let bytes = text.as_bytes().chain(&b"\n"[..]);
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
                let value = match self.stand_in {
                    Some(stand_in) => value.replace(stand_in, "!"),
                    None => value,
                };
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
        (self.start + mark.index as usize).min(self.tree.text.len())
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
        let Some(first) = marks.last() else {
            return Ok(Cow::Borrowed(text));
        };
        let lower = text.to_ascii_lowercase();
        let is_free = |stand_in: &char| {
            !text.contains(*stand_in) && !lower.contains(&format!("{:02x}", u32::from(*stand_in)))
        };
        let stand_in =
            ('+'..='~').filter(|it| it.is_ascii_alphanumeric() || "^;$=+()_/~".contains(*it));
        let Some(stand_in) = stand_in.rev().find(is_free) else {
            let problem = "a `!` stands in a word that ends with a `,`";
            return Err(fault(self.start + first, FaultKind::Syntax(problem)));
        };
        self.stand_in = Some(stand_in);
        let mut seen = String::with_capacity(text.len());
        let mut rest = 0;
        for at in marks.into_iter().rev() {
            seen.push_str(&text[rest..at]);
            seen.push(stand_in);
            rest = at + 1;
        }
        seen.push_str(&text[rest..]);
        Ok(Cow::Owned(seen))
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
