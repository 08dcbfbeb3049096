//! The parts of a regular expression that lints point at, found in its syntax tree and not in its text.

use std::ops::Range;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    self, AssertionKind, Ast, Flag, GroupKind, LiteralKind, RepetitionKind, Span,
};

use crate::pattern::Pattern;

/// What a regular expression has that it should not.
#[derive(Default)]
pub(super) struct Flaws {
    /// `^` and `\A` at the start, `$` and `\z` at the end.
    pub anchors: Vec<Range<usize>>,
    /// Each `.` in a server name that stands for any character.
    pub dots: Vec<Range<usize>>,
    /// Each capital letter in a server name, where the case of letters counts.
    pub capitals: Vec<Range<usize>>,
    /// Each class in a server name that looks like an IPv6 address.
    pub addresses: Vec<Range<usize>>,
    /// A dot that begins a server name, and one that ends it.
    pub edge_dots: [Option<Range<usize>>; 2],
    /// Each `*` after a letter or a mark, with that one, as in `bot-*`.
    pub stars: Vec<Range<usize>>,
}

impl Flaws {
    /// The flaws of a valid expression.
    pub fn of(text: &str) -> Self {
        let mut flaws = Self::default();
        if let Ok(ast) = Parser::new().parse(text) {
            flaws.find_anchors(&ast, true, true);
            flaws.find_dots(&ast, false);
            flaws.find_in_server(&ast, &mut Server::default());
            flaws
                .addresses
                .retain(|range| looks_like_address(&text[range.clone()]));
            flaws.find_stars(&ast);
        }
        flaws.anchors.sort_by_key(|range| range.start);
        flaws
    }

    /// The expression without its flaws, if that is one.
    pub fn mended(&self, text: &str) -> Option<String> {
        let anchors = self.anchors.iter().map(|range| (range.clone(), ""));
        let dots = self.dots.iter().map(|range| (range.clone(), "\\."));
        regex(replaced(text, anchors.chain(dots).collect()))
    }

    /// The expression without its anchors, if that is one.
    pub fn without_anchors(&self, text: &str) -> Option<String> {
        let anchors = self.anchors.iter().map(|range| (range.clone(), ""));
        regex(replaced(text, anchors.collect()))
    }

    /// `at_start` and `at_end` say whether nothing but anchors can come before and after.
    fn find_anchors(&mut self, ast: &Ast, at_start: bool, at_end: bool) {
        match ast {
            Ast::Assertion(assertion) => {
                let is_redundant = match assertion.kind {
                    AssertionKind::StartLine | AssertionKind::StartText => at_start,
                    AssertionKind::EndLine | AssertionKind::EndText => at_end,
                    _ => false,
                };
                if is_redundant {
                    self.anchors.push(bytes(&assertion.span));
                }
            }
            Ast::Group(group) => self.find_anchors(&group.ast, at_start, at_end),
            Ast::Alternation(alternation) => {
                for ast in &alternation.asts {
                    self.find_anchors(ast, at_start, at_end);
                }
            }
            Ast::Concat(concat) => {
                let is_empty = |ast: &Ast| matches!(ast, Ast::Flags(_) | Ast::Assertion(_));
                let asts = concat.asts.as_slice();
                let first = asts.iter().position(|ast| !is_empty(ast));
                let last = asts.iter().rposition(|ast| !is_empty(ast));
                for (index, ast) in asts.iter().enumerate() {
                    let at_start = at_start && first.is_none_or(|first| index <= first);
                    let at_end = at_end && last.is_none_or(|last| index >= last);
                    self.find_anchors(ast, at_start, at_end);
                }
            }
            _ => {}
        }
    }

    fn find_stars(&mut self, ast: &Ast) {
        match ast {
            Ast::Repetition(repetition) => match (&*repetition.ast, &repetition.op.kind) {
                // `0*` is seen in numbers.
                (Ast::Literal(literal), RepetitionKind::ZeroOrMore)
                    if !literal.c.is_numeric() && repetition.greedy =>
                {
                    self.stars.push(bytes(&repetition.span));
                }
                (ast, _) => self.find_stars(ast),
            },
            Ast::Group(group) => self.find_stars(&group.ast),
            Ast::Alternation(alternation) => {
                for ast in &alternation.asts {
                    self.find_stars(ast);
                }
            }
            Ast::Concat(concat) => {
                for ast in &concat.asts {
                    self.find_stars(ast);
                }
            }
            _ => {}
        }
    }

    /// Goes through an expression from its start to its end; `server` is where in a server name this is.
    fn find_in_server(&mut self, ast: &Ast, server: &mut Server) {
        match ast {
            Ast::Flags(flags) => server.set(&flags.flags),
            Ast::Literal(literal) => {
                let at = bytes(&literal.span);
                if server.is_in && literal.c.is_ascii_uppercase() && !server.ignores_case {
                    self.capitals.push(at.clone());
                }
                if server.is_start && literal.c == '.' {
                    self.edge_dots[0] = Some(at.clone());
                }
                let is_dot = server.is_in && !server.is_start && literal.c == '.';
                self.edge_dots[1] = is_dot.then_some(at);
                server.is_start = !server.is_in && literal.c == ':';
                server.is_in |= literal.c == ':';
            }
            Ast::ClassBracketed(class) => {
                if server.is_in {
                    self.addresses.push(bytes(&class.span));
                }
                server.is_start = false;
                self.edge_dots[1] = None;
            }
            Ast::Group(group) => {
                let before = server.ignores_case;
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    server.set(flags);
                }
                self.find_in_server(&group.ast, server);
                server.ignores_case = before;
            }
            Ast::Alternation(alternation) => {
                let before = *server;
                let mut after = Vec::new();
                for ast in &alternation.asts {
                    let mut server = before;
                    self.find_in_server(ast, &mut server);
                    after.push(server);
                }
                server.is_in = after.iter().all(|after| after.is_in);
                server.is_start = false;
            }
            Ast::Concat(concat) => {
                for ast in &concat.asts {
                    self.find_in_server(ast, server);
                }
            }
            Ast::Repetition(repetition) => {
                // What may be missing is no fault.
                let first = self.edge_dots[0].clone();
                self.find_in_server(&repetition.ast, server);
                server.is_start = false;
                self.edge_dots = [first, None];
            }
            Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) => {
                server.is_start = false;
                self.edge_dots[1] = None;
            }
            Ast::Empty(_) | Ast::Assertion(_) => {}
        }
    }

    /// Whether a `:` has come before the end of what was searched; `in_server` says so of its start.
    fn find_dots(&mut self, ast: &Ast, in_server: bool) -> bool {
        match ast {
            Ast::Literal(literal) => in_server || literal.c == ':',
            Ast::Group(group) => self.find_dots(&group.ast, in_server),
            Ast::Alternation(alternation) => {
                let ends = alternation.asts.iter();
                let ends: Vec<_> = ends.map(|ast| self.find_dots(ast, in_server)).collect();
                ends.into_iter().all(|end| end)
            }
            Ast::Concat(concat) => {
                let asts = concat.asts.as_slice();
                let mut in_server = in_server;
                for (index, ast) in asts.iter().enumerate() {
                    if let Ast::Dot(dot) = ast {
                        let before = index.checked_sub(1).and_then(|before| asts.get(before));
                        let after = asts.get(index + 1);
                        if in_server
                            && before.is_some_and(ends_label)
                            && after.is_some_and(starts_label)
                        {
                            self.dots.push(bytes(dot));
                        }
                    }
                    in_server = self.find_dots(ast, in_server);
                }
                in_server
            }
            _ => in_server,
        }
    }
}

/// The characters that an expression has by their numbers, as in `\x{200b}`.
pub(super) fn escapes(text: &str) -> Vec<(Range<usize>, char)> {
    let mut found = Vec::new();
    let whole = Parser::new().parse(text).ok();
    let mut open: Vec<&Ast> = whole.iter().collect();
    while let Some(ast) = open.pop() {
        match ast {
            Ast::Literal(literal) => {
                if let LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_) = literal.kind {
                    found.push((bytes(&literal.span), literal.c));
                }
            }
            Ast::Repetition(repetition) => open.push(&repetition.ast),
            Ast::Group(group) => open.push(&group.ast),
            Ast::Alternation(alternation) => open.extend(&alternation.asts),
            Ast::Concat(concat) => open.extend(&concat.asts),
            _ => {}
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// A place in an expression.
#[derive(Clone, Copy, Default)]
struct Server {
    /// Whether it is in the server name.
    is_in: bool,
    /// Whether it is where that begins.
    is_start: bool,
    ignores_case: bool,
}

impl Server {
    fn set(&mut self, flags: &ast::Flags) {
        if let Some(state) = flags.flag_state(Flag::CaseInsensitive) {
            self.ignores_case = state;
        }
    }
}

/// Whether a class of characters looks like an IPv6 address in brackets.
fn looks_like_address(class: &str) -> bool {
    let inner = class.trim_start_matches('[').trim_end_matches(']');
    let of_address = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '*');
    // `[:alnum:]`, `[^:]` and `[0-9a-f:]` are classes.
    inner.matches(':').count() >= 2 && inner.chars().all(of_address)
}

fn regex(text: String) -> Option<String> {
    (!text.is_empty() && Pattern::regex(&text).is_ok()).then_some(text)
}

/// The text with some of its ranges replaced.
pub(super) fn replaced(text: &str, mut replacements: Vec<(Range<usize>, &str)>) -> String {
    replacements.sort_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, replacement) in replacements {
        out.push_str(&text[at..range.start]);
        out.push_str(replacement);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether a label of a host name ends here, so that a `.` after it was meant as one.
fn ends_label(ast: &Ast) -> bool {
    match ast {
        Ast::Literal(literal) => is_of_label(literal.c),
        Ast::ClassPerl(_) | Ast::ClassBracketed(_) | Ast::ClassUnicode(_) => true,
        Ast::Repetition(repetition) => {
            matches!(*repetition.ast, Ast::Dot(_)) || ends_label(&repetition.ast)
        }
        Ast::Group(group) => ends_label(&group.ast),
        Ast::Concat(concat) => concat.asts.last().is_some_and(ends_label),
        Ast::Alternation(alternation) => alternation.asts.iter().all(ends_label),
        _ => false,
    }
}

/// Whether a label of a host name starts here, with a character that is fixed.
fn starts_label(ast: &Ast) -> bool {
    match ast {
        Ast::Literal(literal) => {
            is_of_label(literal.c) && matches!(literal.kind, LiteralKind::Verbatim)
        }
        Ast::Group(group) => starts_label(&group.ast),
        Ast::Concat(concat) => concat.asts.first().is_some_and(starts_label),
        Ast::Alternation(alternation) => alternation.asts.iter().all(starts_label),
        _ => false,
    }
}

fn is_of_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn bytes(span: &Span) -> Range<usize> {
    span.start.offset..span.end.offset
}
