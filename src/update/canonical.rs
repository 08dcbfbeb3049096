//! One form for all JSON texts of one value.
//!
//! Two texts have the same form exactly if they are equal as JSON values: the order of keys, white space and escapes
//! don't count, numbers are equal if their mathematical values are, and of equal keys the last one counts.
//!
//! The form is no JSON. Texts and keys are unescaped and end with a byte that UTF-8 never has; numbers are a sign,
//! digits without zeros at either end, and the exponent of `0.DIGITS`, exact however large they are.

use std::ops::Range;

use crate::update::bytes::is_space;
use crate::update::scan::MAX_DEPTH;

/// Ends a text; stands in no UTF-8, nor in what becomes of half a surrogate pair.
const END: u8 = 0xFF;

/// Appends the form of a JSON text to `out`; nothing if it is no JSON text.
///
/// What follows the value isn't looked at, and what is written leniently is read so: only texts that are known to be
/// JSON have a form that means something.
pub(crate) fn canonical(json: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut parser = Parser {
        bytes: json.as_bytes(),
        at: 0,
    };
    parser.value(out, 0)
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while is_space(*self.bytes.get(self.at)?) {
            self.at += 1;
        }
        Some(self.bytes[self.at])
    }

    /// Passes over this byte if it comes next.
    fn next_is(&mut self, byte: u8) -> Option<bool> {
        let is = self.peek()? == byte;
        self.at += usize::from(is);
        Some(is)
    }

    fn value(&mut self, out: &mut Vec<u8>, depth: u8) -> Option<()> {
        match self.peek()? {
            b'{' | b'[' if depth == MAX_DEPTH => None,
            b'{' => self.object(out, depth + 1),
            b'[' => self.array(out, depth + 1),
            b'"' => self.text(out),
            first @ (b't' | b'f' | b'n') => {
                self.at += if first == b'f' { 5 } else { 4 };
                out.push(first);
                Some(())
            }
            _ => {
                let start = self.at;
                while matches!(
                    self.bytes.get(self.at),
                    Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
                ) {
                    self.at += 1;
                }
                number(&self.bytes[start..self.at], out)
            }
        }
    }

    fn array(&mut self, out: &mut Vec<u8>, depth: u8) -> Option<()> {
        self.at += 1;
        out.push(b'[');
        while !self.next_is(b']')? {
            self.value(out, depth)?;
            self.next_is(b',')?;
        }
        out.push(b']');
        Some(())
    }

    fn object(&mut self, out: &mut Vec<u8>, depth: u8) -> Option<()> {
        self.at += 1;
        out.push(b'{');
        let start = out.len();
        let mut entries: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        while !self.next_is(b'}')? {
            let key_start = out.len();
            if self.peek()? != b'"' {
                return None;
            }
            self.text(out)?;
            let key_end = out.len();
            if !self.next_is(b':')? {
                return None;
            }
            self.value(out, depth)?;
            entries.push((key_start..key_end, key_end..out.len()));
            self.next_is(b',')?;
        }
        let key = |entry: &(Range<usize>, Range<usize>)| entry.0.clone();
        if !entries
            .windows(2)
            .all(|pair| out[key(&pair[0])] < out[key(&pair[1])])
        {
            // Stable, so that of equal keys the last one stays last.
            entries.sort_by(|a, b| out[key(a)].cmp(&out[key(b)]));
            let mut sorted = Vec::with_capacity(out.len() - start);
            for (index, entry) in entries.iter().enumerate() {
                let next = entries.get(index + 1);
                if next.is_none_or(|next| out[key(next)] != out[key(entry)]) {
                    sorted.extend_from_slice(&out[entry.0.start..entry.1.end]);
                }
            }
            out.truncate(start);
            out.append(&mut sorted);
        }
        out.push(b'}');
        Some(())
    }

    fn text(&mut self, out: &mut Vec<u8>) -> Option<()> {
        out.push(b'"');
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let plain = memchr::memchr2(b'"', b'\\', rest)?;
            out.extend_from_slice(&rest[..plain]);
            self.at += plain + 1;
            if rest[plain] == b'"' {
                out.push(END);
                return Some(());
            }
            let escape = *self.bytes.get(self.at)?;
            self.at += 1;
            out.push(match escape {
                b'b' => 0x08,
                b'f' => 0x0C,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    self.character(out)?;
                    continue;
                }
                other => other,
            });
        }
    }

    /// `\uXXXX`, or two of them that make one character, after the `u`.
    fn character(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let mut code = self.code_unit()?;
        if (0xD800..0xDC00).contains(&code) && self.bytes[self.at..].starts_with(b"\\u") {
            let after_first = self.at;
            self.at += 2;
            match self.code_unit()? {
                low @ 0xDC00..0xE000 => code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00),
                _ => self.at = after_first,
            }
        }
        match char::from_u32(code) {
            Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            // Half a pair: as UTF-8 would write it, which no character is written like.
            None => out.extend([
                0xED,
                0x80 | (code >> 6 & 0x3F) as u8,
                0x80 | (code & 0x3F) as u8,
            ]),
        }
        Some(())
    }

    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    }
}

/// The form of a number: sign, digits, exponent.
fn number(written: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (negative, written) = match written.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    let exponent_at = written
        .iter()
        .position(|byte| matches!(byte, b'e' | b'E'))
        .unwrap_or(written.len());
    let (mantissa, exponent) = written.split_at(exponent_at);
    let point = mantissa
        .iter()
        .position(|&byte| byte == b'.')
        .unwrap_or(mantissa.len());
    let digits = || mantissa.iter().copied().filter(|&byte| byte != b'.');
    let leading = digits().take_while(|&digit| digit == b'0').count();
    let trailing = digits().rev().take_while(|&digit| digit == b'0').count();
    let count = digits().count();
    if mantissa.is_empty() {
        return None;
    }
    if leading == count {
        // Zero is zero, whatever its sign and exponent.
        out.extend_from_slice(b"0;");
        return Some(());
    }
    out.push(if negative { b'-' } else { b'+' });
    out.extend(digits().skip(leading).take(count - leading - trailing));
    out.push(b'e');
    let (exponent_negative, exponent) = match exponent.get(1) {
        Some(b'-') => (true, &exponent[2..]),
        Some(b'+') => (false, &exponent[2..]),
        Some(_) => (false, &exponent[1..]),
        None => (false, &b""[..]),
    };
    sum(
        exponent_negative,
        exponent,
        i64::try_from(point).ok()? - i64::try_from(leading).ok()?,
        out,
    );
    out.push(b';');
    Some(())
}

/// Writes the sum of a decimal number of any length and a small one.
fn sum(negative: bool, digits: &[u8], small: i64, out: &mut Vec<u8>) {
    const LOW_DIGITS: usize = 18;
    const LOW_LIMIT: i64 = 1_000_000_000_000_000_000;
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[zeros..];
    let (high, low) = digits.split_at(digits.len().saturating_sub(LOW_DIGITS));
    let value = |digits: &[u8]| {
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    };
    // The sum of the magnitude's last digits and of what is added to the magnitude; `small` is far below the limit,
    // since it counts bytes.
    let mut low = value(low) + if negative { -small } else { small };
    if high.is_empty() {
        let total = if negative { -low } else { low };
        out.extend_from_slice(total.to_string().as_bytes());
        return;
    }
    let mut high = high.to_vec();
    if low >= LOW_LIMIT {
        low -= LOW_LIMIT;
        let nines = high
            .iter()
            .rev()
            .take_while(|&&digit| digit == b'9')
            .count();
        let kept = high.len() - nines;
        high[kept..].fill(b'0');
        match kept.checked_sub(1) {
            Some(last) => high[last] += 1,
            None => high.insert(0, b'1'),
        }
    } else if low < 0 {
        low += LOW_LIMIT;
        let zeros = high
            .iter()
            .rev()
            .take_while(|&&digit| digit == b'0')
            .count();
        let kept = high.len() - zeros;
        high[kept..].fill(b'9');
        high[kept - 1] -= 1;
    }
    // A borrow may have left zeros in front: `10…0` becomes `09…9`.
    let zeros = high.iter().take_while(|&&digit| digit == b'0').count();
    let high = &high[zeros..];
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(high);
    if high.is_empty() {
        out.extend_from_slice(low.to_string().as_bytes());
    } else {
        out.extend_from_slice(format!("{low:018}").as_bytes());
    }
}
