//! Rule files as text, and places in them.

use std::ops::Range;
use std::sync::OnceLock;

/// Names one file among the [`Sources`] that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// Every file that was read, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A file's text under the name that messages call it by.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Whether `text` is all of the file.
    whole: bool,
    /// The byte at which each line starts; made when a place is first asked for.
    lines: OnceLock<Vec<usize>>,
    /// How many characters stand before each block of the text; made when a place is first asked for.
    blocks: OnceLock<Vec<usize>>,
}

/// Characters are counted from the start of a block of so many bytes, and not from the start of the line: a line may
/// hold the whole file, and a file a finding in every other byte.
const BLOCK: usize = 1024;

/// A range of bytes of a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

impl Span {
    /// From these bytes of a text that has less than 4 GiB.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end.max(start) as u32,
        }
    }

    /// The bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the other span is within this one.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The bytes of the file's text that it covers.
    pub range: Range<usize>,
}

impl Sources {
    /// Adds a file and says how to name it from now on.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.push(name.into(), text.into(), true)
    }

    /// Adds what could be read of a file, up to where it is no text any more.
    pub fn add_beginning(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.push(name.into(), text.into(), false)
    }

    fn push(&mut self, name: String, text: String, whole: bool) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Source {
            name,
            text,
            whole,
            lines: OnceLock::new(),
            blocks: OnceLock::new(),
        });
        id
    }

    /// The file of this ID.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// All files with their IDs, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }
}

impl Source {
    /// What messages call the file: its path as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is all of the file, and not only its beginning.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The bytes of a line, from 1, without its end. A line past the end of the text is empty.
    pub fn line(&self, line: usize) -> Range<usize> {
        let lines = self.lines();
        let start = line.checked_sub(1).and_then(|index| lines.get(index));
        let start = *start.unwrap_or(&self.text.len());
        let end = lines
            .get(line)
            .map_or(self.text.len(), |next| next.saturating_sub(1));
        let text = &self.text[start..end.max(start)];
        start..start + text.strip_suffix('\r').unwrap_or(text).len()
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(breaks.map(|at| at + 1)).collect()
        })
    }

    /// Line and column of a range of bytes. A range past the end of the text stands for the end.
    ///
    /// ```
    /// use presence_router::source::Sources;
    ///
    /// let mut sources = Sources::default();
    /// let file = sources.add("a.yaml", "version: 1\nrules: é!\n");
    /// let place = sources.get(file).place(20..21);
    /// assert_eq!((place.line, place.column), (2, 9));
    /// ```
    pub fn place(&self, range: Range<usize>) -> Place {
        let lines = self.lines();
        let start = self.text.floor_char_boundary(range.start);
        let end = self
            .text
            .floor_char_boundary(range.end.max(range.start))
            .max(start);
        let line = lines.partition_point(|&line_start| line_start <= start);
        let column = self.characters_before(start) - self.characters_before(lines[line - 1]) + 1;
        Place {
            line,
            column,
            range: start..end,
        }
    }

    fn characters_before(&self, byte: usize) -> usize {
        let blocks = self.blocks.get_or_init(|| {
            let mut before = 0;
            (self.text.as_bytes().chunks(BLOCK))
                .map(|block| {
                    let start = before;
                    before += characters(block);
                    start
                })
                .collect()
        });
        let block = byte / BLOCK;
        let Some(before) = blocks.get(block) else {
            // The end of a text whose last block is full, or of an empty text.
            let last = blocks.len().saturating_sub(1);
            let rest = &self.text.as_bytes()[last * BLOCK..byte];
            return blocks.last().map_or(0, |before| before + characters(rest));
        };
        before + characters(&self.text.as_bytes()[block * BLOCK..byte])
    }
}

/// How many characters start in these bytes.
fn characters(utf8: &[u8]) -> usize {
    (utf8.iter())
        .filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000)
        .count()
}
