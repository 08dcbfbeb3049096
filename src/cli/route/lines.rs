//! Where a block may be cut, so that each thread has a piece.

use std::ops::Range;

use crate::update::{Cutter, Place};

use super::run::LEAST_PIECE_BYTES;

/// Cuts blocks at the ends of lines, for most inputs have a record a line. Whether no record goes on there is known
/// when the piece before has been gone through; where one does, what came of the later pieces is thrown away, and the
/// next blocks are not cut.
#[derive(Default)]
pub struct Lines {
    /// How many blocks are still not to be cut.
    wait: u32,
    /// How many that will be the next time.
    next_wait: u32,
}

impl Lines {
    /// At most so many pieces, each with the place where it starts. The first one is the cutter's.
    pub fn cut(
        &mut self,
        bytes: &[u8],
        most: usize,
        cutter: &Cutter,
    ) -> Vec<(Range<usize>, Place)> {
        let mut place = cutter.place();
        let count = (bytes.len() / LEAST_PIECE_BYTES).clamp(1, most);
        if count == 1 || self.wait > 0 {
            self.wait = self.wait.saturating_sub(1);
            return vec![(0..bytes.len(), place)];
        }
        let mut pieces = Vec::with_capacity(count);
        let mut start = 0;
        for index in 1..count {
            let about = (index * bytes.len() / count).max(start);
            let Some(line_end) = memchr::memchr(b'\n', &bytes[about..]) else {
                break;
            };
            let end = about + line_end + 1;
            pieces.push((start..end, place));
            place.advance(&bytes[start..end]);
            start = end;
        }
        if start < bytes.len() {
            pieces.push((start..bytes.len(), place));
        }
        pieces
    }

    /// Notes whether the cuts were between records.
    pub fn were_records(&mut self, were: bool) {
        if were {
            self.next_wait = 0;
        } else {
            self.next_wait = (2 * self.next_wait + 1).min(1024);
            self.wait = self.next_wait;
        }
    }
}
