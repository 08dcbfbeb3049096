//! What single bytes mean to JSON.

/// Whether JSON calls this byte white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// The first byte from `at` on that ends a plain run of a string: a quote, a backslash or a control character.
///
/// Eight bytes at a time: in each step the lowest byte that is marked is truly one of these, whatever the borrow of
/// the subtractions does to the bytes above it.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let (eights, _) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
    for eight in eights {
        let word = u64::from_le_bytes(*eight);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let marks = (control
            | (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash))
            & HIGHS;
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

/// The first byte from `at` on that is no digit.
///
/// Eight bytes at a time: a digit's high half is 3, and stays so when 6 is added. A carry only reaches bytes after the
/// first one that is no digit.
#[inline]
pub(crate) fn digits_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_HALVES: u64 = ONES * 0xF0;
    const THREES: u64 = ONES * 0x30;
    let (eights, _) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
    for eight in eights {
        let word = u64::from_le_bytes(*eight);
        let marks = ((word & HIGH_HALVES) ^ THREES)
            | ((word.wrapping_add(ONES * 6) & HIGH_HALVES) ^ THREES);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
    at + digits.count()
}

/// Whether `bytes` start with a text, which is short: comparing eight bytes at a time here is quicker than a call.
#[inline]
pub(crate) fn starts_with(bytes: &[u8], text: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..text.len()) else {
        return false;
    };
    let (Some(last), Some(last_of_text)) = (bytes.last_chunk::<8>(), text.last_chunk()) else {
        return bytes.iter().zip(text).all(|(byte, other)| byte == other);
    };
    let eights = bytes.as_chunks::<8>().0.iter();
    let mut pairs = eights.zip(text.as_chunks().0);
    last == last_of_text && pairs.all(|(eight, other)| eight == other)
}
