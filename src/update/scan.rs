//! A JSON grammar (RFC 8259) as a machine that can stop after any byte and go on with the next ones.
//!
//! It is the only JSON grammar of the crate: the reader cuts records with it, and records are taken apart with it, so
//! that the two can't disagree. `shape` and `canonical` go through texts that it has taken, and judge none. It holds no text and needs the same memory for every input. It accepts what
//! `serde_json` accepts as a `RawValue`, nesting limit included; a test compares the two.
//!
//! It doesn't look at the bytes of a string beyond ASCII: whether they are UTF-8 is asked of the whole record, once.

use std::ops::Range;

use crate::update::bytes::{digits_length, is_space, plain_length};

/// How many arrays and objects may stand inside each other in one record, itself included: as many as `serde_json`
/// reads by default, so that what is written can be read again.
pub const MAX_DEPTH: u8 = 127;

/// Where the machine stands.
#[derive(Clone, Copy)]
enum State {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Text,
    Escape,
    /// How many hexadecimal digits of `\uXXXX` are still to come.
    Hex(u8),
    Minus,
    Zero,
    Int,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// What is still to come of `true`, `false` or `null`.
    Literal(&'static [u8]),
}

/// What the grammar asks for where it found something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// `{"a":}`
    Value,
    /// `{"a":1,}`
    Key,
    /// `{a:1}`
    KeyOrEnd,
    /// `{"a" 1}`
    Colon,
    /// `{"a":1 "b":2}`
    CommaOrBrace,
    /// `[1 2]`
    CommaOrBracket,
    /// a line break or another control character in a string
    TextWithoutControls,
    /// `"\x"`
    Escape,
    /// `"\u12x4"`
    Hex,
    /// `-`, `1.`, `1e`
    Digit,
    /// `01`
    NoLeadingZero,
    /// `nul`
    Literal,
    /// `[[[[…`
    LessDepth,
    /// `{"a":1` at the end of the input
    More,
}

/// A fault in the grammar: at which byte, and what should have been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub at: usize,
    pub expected: Expected,
}

/// How far the bytes at hand have led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The value isn't complete yet.
    More,
    /// The value ends before this byte.
    Done(usize),
    /// No byte that may follow makes this a value.
    Broken(Broken),
}

/// Gets the children of the outermost object or array, each as soon as it is complete.
pub(crate) trait Watch {
    /// `key` is the key with its quotes, and empty in an array; both ranges lie in `bytes`.
    fn child(&mut self, bytes: &[u8], key: Range<usize>, value: Range<usize>);
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn child(&mut self, _: &[u8], _: Range<usize>, _: Range<usize>) {}
}

impl<F: FnMut(Range<usize>)> Watch for F {
    fn child(&mut self, _: &[u8], _: Range<usize>, value: Range<usize>) {
        self(value);
    }
}

/// The machine, for one value.
#[derive(Clone, Copy)]
pub(crate) struct Scanner {
    state: State,
    at: usize,
    depth: u8,
    /// Bit *n* tells whether the container at depth *n* is an object.
    objects: u128,
    in_key: bool,
    key: (usize, usize),
    value: usize,
}

impl Scanner {
    /// A machine that reads a value from byte `at` on.
    pub fn at(at: usize) -> Self {
        Self {
            state: State::Value,
            at,
            depth: 0,
            objects: 0,
            in_key: false,
            key: (0, 0),
            value: 0,
        }
    }

    /// Goes on in `bytes`, which start with those that it got before.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each state, and all of them in one loop"
    )]
    pub fn run(&mut self, bytes: &[u8], watch: &mut impl Watch) -> Verdict {
        let mut at = self.at;
        let mut state = self.state;
        loop {
            let Some(&byte) = bytes.get(at) else {
                (self.at, self.state) = (at, state);
                return Verdict::More;
            };
            let broken = |expected| Verdict::Broken(Broken { at, expected });
            // Set where a value ends: before this byte.
            let mut ended = None;
            match state {
                State::Value | State::ValueOrEnd => {
                    if is_space(byte) {
                        at += 1;
                        continue;
                    }
                    if byte == b']' && matches!(state, State::ValueOrEnd) {
                        at += 1;
                        self.depth -= 1;
                        ended = Some(at);
                    } else {
                        if self.depth == 1 {
                            self.value = at;
                        }
                        state = match byte {
                            b'"' => State::Text,
                            b'{' | b'[' => {
                                if self.depth == MAX_DEPTH {
                                    return broken(Expected::LessDepth);
                                }
                                self.open(byte == b'{')
                            }
                            b'-' => State::Minus,
                            b'0' => State::Zero,
                            b'1'..=b'9' => {
                                at += digits_length(&bytes[at..]);
                                state = State::Int;
                                continue;
                            }
                            b't' => State::Literal(b"rue"),
                            b'f' => State::Literal(b"alse"),
                            b'n' => State::Literal(b"ull"),
                            _ => return broken(Expected::Value),
                        };
                        at += 1;
                    }
                }
                State::Key | State::KeyOrEnd => match byte {
                    b'"' => {
                        self.in_key = true;
                        if self.depth == 1 {
                            self.key.0 = at;
                        }
                        state = State::Text;
                        at += 1;
                    }
                    b'}' if matches!(state, State::KeyOrEnd) => {
                        at += 1;
                        self.depth -= 1;
                        ended = Some(at);
                    }
                    _ if is_space(byte) => at += 1,
                    _ if matches!(state, State::Key) => return broken(Expected::Key),
                    _ => return broken(Expected::KeyOrEnd),
                },
                State::Colon => match byte {
                    b':' => {
                        state = State::Value;
                        at += 1;
                    }
                    _ if is_space(byte) => at += 1,
                    _ => return broken(Expected::Colon),
                },
                State::CommaOrEnd => {
                    let object = (self.objects >> self.depth) & 1 == 1;
                    match byte {
                        b',' => {
                            state = if object { State::Key } else { State::Value };
                            at += 1;
                        }
                        b'}' | b']' if object == (byte == b'}') => {
                            at += 1;
                            self.depth -= 1;
                            ended = Some(at);
                        }
                        _ if is_space(byte) => at += 1,
                        _ if object => return broken(Expected::CommaOrBrace),
                        _ => return broken(Expected::CommaOrBracket),
                    }
                }
                State::Text => {
                    at += plain_length(&bytes[at..]);
                    match bytes.get(at) {
                        Some(b'"') => {
                            at += 1;
                            if self.in_key {
                                self.in_key = false;
                                if self.depth == 1 {
                                    self.key.1 = at;
                                }
                                state = State::Colon;
                            } else {
                                ended = Some(at);
                            }
                        }
                        Some(b'\\') => {
                            state = State::Escape;
                            at += 1;
                        }
                        Some(_) => {
                            let expected = Expected::TextWithoutControls;
                            return Verdict::Broken(Broken { at, expected });
                        }
                        None => {}
                    }
                }
                State::Escape => {
                    state = match byte {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text,
                        b'u' => State::Hex(4),
                        _ => return broken(Expected::Escape),
                    };
                    at += 1;
                }
                State::Hex(left) => {
                    if !byte.is_ascii_hexdigit() {
                        return broken(Expected::Hex);
                    }
                    state = if left == 1 {
                        State::Text
                    } else {
                        State::Hex(left - 1)
                    };
                    at += 1;
                }
                State::Literal(rest) => {
                    if bytes[at..].starts_with(rest) {
                        at += rest.len();
                        ended = Some(at);
                    } else if byte != rest[0] {
                        return broken(Expected::Literal);
                    } else {
                        at += 1;
                        state = State::Literal(&rest[1..]);
                    }
                }
                _ => match number(state, byte) {
                    Number::On(next) => {
                        state = next;
                        at += 1;
                        if matches!(state, State::Int | State::Fraction) {
                            at += digits_length(&bytes[at..]);
                        }
                    }
                    Number::Ended => ended = Some(at),
                    Number::Broken(expected) => return broken(expected),
                },
            }
            if let Some(end) = ended {
                match self.depth {
                    0 => return Verdict::Done(end),
                    1 => watch.child(bytes, self.key.0..self.key.1, self.value..end),
                    _ => {}
                }
                state = State::CommaOrEnd;
            }
        }
    }

    fn open(&mut self, object: bool) -> State {
        self.depth += 1;
        let bit = 1 << self.depth;
        if object {
            self.objects |= bit;
            State::KeyOrEnd
        } else {
            self.objects &= !bit;
            State::ValueOrEnd
        }
    }

    /// What the end of the input makes of a value that isn't complete: a number ends there, all else is cut off.
    pub fn at_end_of_input(&self) -> Verdict {
        match self.state {
            State::Zero | State::Int | State::Fraction | State::ExponentDigits
                if self.depth == 0 =>
            {
                Verdict::Done(self.at)
            }
            _ => Verdict::Broken(Broken {
                at: self.at,
                expected: Expected::More,
            }),
        }
    }

    /// Forgets the first `count` bytes: the next ones to [`run`](Self::run) start after them. For unwatched values.
    pub fn discard(&mut self, count: usize) {
        self.at -= count;
    }
}

/// Reads a value that is known to stand whole in `bytes` from `start` on.
pub(crate) fn whole(bytes: &[u8], start: usize, watch: &mut impl Watch) -> Verdict {
    let mut scanner = Scanner::at(start);
    match scanner.run(bytes, watch) {
        Verdict::More => scanner.at_end_of_input(),
        verdict => verdict,
    }
}

enum Number {
    On(State),
    Ended,
    Broken(Expected),
}

fn number(state: State, byte: u8) -> Number {
    use State::{Exponent, ExponentDigits, ExponentSign, Fraction, Int, Minus, Point, Zero};
    match (state, byte) {
        (Minus, b'0') => Number::On(Zero),
        (Minus, b'1'..=b'9') | (Int, b'0'..=b'9') => Number::On(Int),
        (Point | Fraction, b'0'..=b'9') => Number::On(Fraction),
        (Exponent | ExponentSign | ExponentDigits, b'0'..=b'9') => Number::On(ExponentDigits),
        (Exponent, b'+' | b'-') => Number::On(ExponentSign),
        (Zero | Int, b'.') => Number::On(Point),
        (Zero | Int | Fraction, b'e' | b'E') => Number::On(Exponent),
        (Zero, b'0'..=b'9') => Number::Broken(Expected::NoLeadingZero),
        (Zero | Int | Fraction | ExponentDigits, _) => Number::Ended,
        _ => Number::Broken(Expected::Digit),
    }
}
