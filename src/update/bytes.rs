//! What single bytes mean to JSON, sixteen of them at a time.

use wide::u8x16;

/// Whether JSON calls this byte white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// How many bytes a plain run of a string has, which ends before a quote, a backslash or a control character.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    unmarked_length(bytes, |sixteen| {
        // No control character is changed by this.
        let control = sixteen.min(u8x16::splat(0x1F)).simd_eq(sixteen);
        let quote = sixteen.simd_eq(u8x16::splat(b'"'));
        let backslash = sixteen.simd_eq(u8x16::splat(b'\\'));
        control | quote | backslash
    })
}

/// How many digits the bytes start with.
#[inline]
pub(crate) fn digits_length(bytes: &[u8]) -> usize {
    unmarked_length(bytes, |sixteen| {
        let from_zero = sixteen - u8x16::splat(b'0');
        from_zero.max(u8x16::splat(10)).simd_eq(from_zero)
    })
}

/// How many bytes there are before the first one that `mark` sets all bits of; it sets none of the others.
#[inline]
fn unmarked_length(bytes: &[u8], mark: impl Fn(u8x16) -> u8x16) -> usize {
    let mut rest = bytes;
    while let Some((sixteen, after)) = rest.split_first_chunk::<16>() {
        let marks = mark(u8x16::new(*sixteen)).to_bitmask();
        if marks != 0 {
            return bytes.len() - rest.len() + marks.trailing_zeros() as usize;
        }
        rest = after;
    }
    bytes.len() - rest.len() + unmarked_length_of_last(rest, mark)
}

/// The same for fewer than sixteen bytes.
#[cold]
fn unmarked_length_of_last(bytes: &[u8], mark: impl Fn(u8x16) -> u8x16) -> usize {
    let mut sixteen = [0; 16];
    sixteen[..bytes.len()].copy_from_slice(bytes);
    let marks = mark(u8x16::new(sixteen)).to_bitmask();
    bytes.len().min(marks.trailing_zeros() as usize)
}

/// A text that others are compared with, 32 bytes at a time.
pub(crate) struct Text {
    all: Box<[u8]>,
    first: [u8x16; 2],
    /// Bit *n* tells whether the text has a byte *n*.
    bits: u32,
}

impl From<&[u8]> for Text {
    fn from(text: &[u8]) -> Self {
        let mut first = [0; 32];
        let length = text.len().min(32);
        first[..length].copy_from_slice(&text[..length]);
        let (sixteens, _) = first.as_chunks::<16>();
        Self {
            all: text.into(),
            first: [u8x16::new(sixteens[0]), u8x16::new(sixteens[1])],
            bits: u32::try_from((1_u64 << length) - 1).expect("32 bits"),
        }
    }
}

impl Text {
    /// What follows the text, if `bytes` start with it.
    #[inline]
    pub fn strip<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        match bytes.first_chunk::<32>() {
            Some(first) if self.all.len() <= 32 => {
                let (sixteens, _) = first.as_chunks::<16>();
                let same = |n: usize| u8x16::new(sixteens[n]).simd_eq(self.first[n]).to_bitmask();
                let same = same(0) | same(1) << 16;
                (same & self.bits == self.bits).then(|| &bytes[self.all.len()..])
            }
            _ => bytes.strip_prefix(&*self.all),
        }
    }
}
