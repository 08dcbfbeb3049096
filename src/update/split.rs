//! Where records start and end in the bytes of an input, as a machine that does no reading itself.
//!
//! It never holds bytes: it says which ones must be kept until more have come. Since it goes over any slice, whoever
//! has a piece of input that is known to start and end between records can give it a machine of its own.

use memchr::memchr;

use crate::update::bytes::is_space;
use crate::update::fields::{Fields, Noted};
use crate::update::message;
use crate::update::scan::{Broken, Scanner, Unwatched, Verdict};
use crate::update::shape::{Fitting, Shapes};

/// What the bytes at hand come to. All offsets count from the first of them.
pub(crate) enum Step {
    /// More bytes are needed. Those before `keep` are done with.
    More { keep: usize },
    /// The array that starts at this byte is one of records. Those up to it are done with.
    Array { at: usize },
    /// A complete value, whose texts may still turn out not to be UTF-8.
    Record {
        start: usize,
        end: usize,
        noted: Noted,
        /// Whether it is known that no white space stands between its tokens.
        is_compact: bool,
    },
    /// Bytes that are no record, with the place of the fault. If they are not the `whole` of what is refused, the
    /// bytes follow from `end` on, as rests.
    Refused {
        start: usize,
        end: usize,
        fault: usize,
        message: String,
        whole: bool,
    },
    /// The input ends inside an array of records.
    OpenArray { at: usize },
    /// The bytes before `end` belong to what was refused, too.
    Rest { end: usize, last: bool },
    /// There are no more records.
    End { at: usize },
}

/// The machine.
pub(crate) struct Splitter {
    max_record_bytes: usize,
    array: Array,
    pending: Pending,
    shapes: Shapes,
}

/// Where in an array of records the input is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Array {
    Outside,
    Start,
    AfterRecord,
    AfterComma,
    /// After broken JSON in an array, which may have held the array's end: commas and brackets are neither missed nor
    /// refused until the next `[` or `]`, since they would be faults that follow from the first.
    Unknown,
}

/// What has begun in bytes that were to be kept, and starts with the first of them.
enum Pending {
    Nothing,
    Record(Box<(Scanner, Fields)>),
    /// A record with a fault, up to the end of the line that it starts on, which isn't before `searched`.
    BrokenLine {
        broken: Broken,
        searched: usize,
    },
    /// A record that is too long. Its scanner counts from the first byte at hand.
    LongRecord(Box<Scanner>),
    LongLine,
}

impl Splitter {
    /// A machine before the first record of an input.
    pub fn new(max_record_bytes: usize) -> Self {
        Self {
            max_record_bytes,
            array: Array::Outside,
            pending: Pending::Nothing,
            shapes: Shapes::default(),
        }
    }

    /// Whether a machine before its first record would go on in the same way.
    pub fn could_start_anew(&self) -> bool {
        let forgets_nothing = matches!(self.pending, Pending::Nothing | Pending::Record(_));
        self.array == Array::Outside && forgets_nothing
    }

    /// Goes back to before the first record. What records looked like stays known.
    pub fn start_anew(&mut self) {
        self.array = Array::Outside;
        self.pending = Pending::Nothing;
    }

    /// The record that comes next on a line of its own, and where it starts, if it looks like one before. The machine
    /// stays where it is.
    #[inline]
    pub fn known(&mut self, bytes: &[u8]) -> Option<(usize, Fitting)> {
        if self.array != Array::Outside || !matches!(self.pending, Pending::Nothing) {
            return None;
        }
        let start = usize::from(bytes.first() == Some(&b'\n'));
        Some((start, self.fitting(&bytes[start..])?))
    }

    /// The record that `bytes` start with, if it looks like one before and is not too long.
    #[inline]
    fn fitting(&mut self, bytes: &[u8]) -> Option<Fitting> {
        let fitting = self.shapes.read(bytes)?;
        (fitting.length <= self.max_record_bytes).then_some(fitting)
    }

    /// Goes on in bytes that start where the step before ended, or with those that it wanted kept.
    pub fn step(&mut self, bytes: &[u8], at_end: bool) -> Step {
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => self.between(bytes, at_end),
            Pending::Record(begun) => self.record(bytes, 0, begun.0, begun.1, at_end),
            Pending::BrokenLine { broken, searched } => {
                self.broken_line(bytes, 0, broken, searched, at_end)
            }
            Pending::LongRecord(scanner) => self.long_record(bytes, *scanner, at_end),
            Pending::LongLine => self.long_line(bytes, 0, at_end),
        }
    }

    /// Between records: white space, and the commas and brackets of arrays of records.
    fn between(&mut self, bytes: &[u8], at_end: bool) -> Step {
        let mut at = 0;
        loop {
            match bytes.get(at) {
                None if !at_end => return Step::More { keep: at },
                None => return self.end(at),
                Some(&byte) if is_space(byte) => at += 1,
                Some(b'[') if matches!(self.array, Array::Outside | Array::Unknown) => {
                    self.array = Array::Start;
                    return Step::Array { at };
                }
                Some(b',') => {
                    let message = match self.array {
                        Array::AfterRecord => {
                            self.array = Array::AfterComma;
                            at += 1;
                            continue;
                        }
                        Array::Unknown => {
                            at += 1;
                            continue;
                        }
                        Array::Start | Array::AfterComma => {
                            self.array = Array::AfterComma;
                            "expected a record before `,`"
                        }
                        Array::Outside => "records outside an array have no `,` between them",
                    };
                    return punctuation(at, 1, message);
                }
                Some(b']') => {
                    let message = match std::mem::replace(&mut self.array, Array::Outside) {
                        Array::AfterComma => "expected a record between `,` and `]`",
                        Array::Outside => "`]` ends no array",
                        Array::Start | Array::AfterRecord | Array::Unknown => {
                            at += 1;
                            continue;
                        }
                    };
                    return punctuation(at, 1, message);
                }
                Some(_) if self.array == Array::AfterRecord => {
                    self.array = Array::AfterComma;
                    return punctuation(at, 0, "expected `,` or `]` after the record before this");
                }
                Some(_) => {
                    if let Some(known) = self.fitting(&bytes[at..]) {
                        self.after_record();
                        return Step::Record {
                            start: at,
                            end: at + known.length,
                            noted: known.noted,
                            is_compact: known.is_compact,
                        };
                    }
                    return self.record(bytes, at, Scanner::at(0), Fields::default(), at_end);
                }
            }
        }
    }

    fn end(&mut self, at: usize) -> Step {
        match std::mem::replace(&mut self.array, Array::Outside) {
            Array::Outside | Array::Unknown => Step::End { at },
            Array::Start | Array::AfterRecord | Array::AfterComma => Step::OpenArray { at },
        }
    }

    fn record(
        &mut self,
        bytes: &[u8],
        start: usize,
        mut scanner: Scanner,
        mut fields: Fields,
        at_end: bool,
    ) -> Step {
        let record = &bytes[start..];
        let mut verdict = scanner.run(record, &mut fields);
        if verdict == Verdict::More && at_end {
            verdict = scanner.at_end_of_input();
        }
        // A record that is long and broken is long: which is seen first must not depend on how the bytes come in.
        let length = match verdict {
            Verdict::Done(length) | Verdict::Broken(Broken { at: length, .. }) => length,
            Verdict::More => record.len(),
        };
        if length > self.max_record_bytes {
            self.pending = Pending::LongRecord(Box::new(Scanner::at(0)));
            let message = format!(
                "the record is longer than the limit of {} bytes",
                self.max_record_bytes
            );
            return too_long(start, 0, message);
        }
        match verdict {
            Verdict::More => {
                self.pending = Pending::Record(Box::new((scanner, fields)));
                Step::More { keep: start }
            }
            Verdict::Broken(broken) => self.broken_line(bytes, start, broken, 0, at_end),
            Verdict::Done(length) => {
                self.after_record();
                self.shapes.learn(&record[..length], &fields);
                Step::Record {
                    start,
                    end: start + length,
                    noted: Noted::Fields(Box::new(fields)),
                    is_compact: false,
                }
            }
        }
    }

    /// Refuses the line on which a broken record starts, and no more: the next one may be a good record.
    fn broken_line(
        &mut self,
        bytes: &[u8],
        start: usize,
        broken: Broken,
        searched: usize,
        at_end: bool,
    ) -> Step {
        let record = &bytes[start..];
        let line_end = match memchr(b'\n', &record[searched..]) {
            Some(newline) => Some(searched + newline),
            None if at_end || record.len() > self.max_record_bytes => Some(record.len()),
            None => None,
        };
        // The message names the character at fault, which may have come in part.
        let is_cut = !at_end && characters_end(record) <= broken.at;
        let Some(line_end) = line_end.filter(|_| !is_cut) else {
            let searched = line_end.unwrap_or(record.len());
            self.pending = Pending::BrokenLine { broken, searched };
            return Step::More { keep: start };
        };
        self.after_broken();
        let (fault, message) = message::broken(record, broken);
        if line_end > self.max_record_bytes {
            self.pending = Pending::LongLine;
            return too_long(start, fault, message);
        }
        Step::Refused {
            start,
            end: start + line_end,
            fault: start + fault,
            message,
            whole: true,
        }
    }

    fn long_record(&mut self, bytes: &[u8], mut scanner: Scanner, at_end: bool) -> Step {
        match scanner.run(bytes, &mut Unwatched) {
            Verdict::Done(end) => {
                self.after_record();
                Step::Rest { end, last: true }
            }
            Verdict::Broken(Broken { at, .. }) => {
                self.after_broken();
                self.long_line(bytes, at, at_end)
            }
            Verdict::More if at_end => {
                match scanner.at_end_of_input() {
                    Verdict::Done(_) => self.after_record(),
                    _ => self.after_broken(),
                }
                Step::Rest {
                    end: bytes.len(),
                    last: true,
                }
            }
            Verdict::More => {
                let end = characters_end(bytes);
                scanner.discard(end);
                self.pending = Pending::LongRecord(Box::new(scanner));
                rest_so_far(end)
            }
        }
    }

    /// What is left of a line that is refused, whose end isn't before `searched`.
    fn long_line(&mut self, bytes: &[u8], searched: usize, at_end: bool) -> Step {
        match memchr(b'\n', &bytes[searched..]) {
            Some(newline) => Step::Rest {
                end: searched + newline,
                last: true,
            },
            None if at_end => Step::Rest {
                end: bytes.len(),
                last: true,
            },
            None => {
                self.pending = Pending::LongLine;
                rest_so_far(characters_end(bytes))
            }
        }
    }

    fn after_record(&mut self) {
        if matches!(self.array, Array::Start | Array::AfterComma) {
            self.array = Array::AfterRecord;
        }
    }

    fn after_broken(&mut self) {
        if self.array != Array::Outside {
            self.array = Array::Unknown;
        }
    }
}

fn punctuation(at: usize, length: usize, message: &str) -> Step {
    Step::Refused {
        start: at,
        end: at + length,
        fault: at,
        message: message.to_owned(),
        whole: true,
    }
}

fn too_long(start: usize, fault: usize, message: String) -> Step {
    Step::Refused {
        start,
        end: start,
        fault: start + fault,
        message,
        whole: false,
    }
}

fn rest_so_far(end: usize) -> Step {
    if end == 0 {
        Step::More { keep: 0 }
    } else {
        Step::Rest { end, last: false }
    }
}

/// Where the last complete character ends: columns are counted in pieces, which mustn't cut one in two.
fn characters_end(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    (tail..bytes.len())
        .rev()
        .find(|&at| bytes[at] >= 0xC0)
        .filter(|&at| {
            std::str::from_utf8(&bytes[at..]).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(bytes.len())
}
