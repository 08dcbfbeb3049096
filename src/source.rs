//! Rule files as text, and places in them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Names one file among the [`Sources`] that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// Every file that was read, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    passed_over: Vec<PassedOver>,
}

/// A file in a folder that looks like those that were read, and was not read itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
}

/// Why a file was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Its name begins with a dot.
    Hidden,
    /// Its name ends otherwise, as in `rules.YAML`.
    Ending,
    /// It is a link to nowhere.
    Nowhere,
    /// It is not a regular file.
    Kind,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hidden => "its name begins with a dot",
            Self::Ending => "its name ends neither in `.yaml` nor in `.yml`",
            Self::Nowhere => "it is a link to nowhere",
            Self::Kind => "it is not a regular file",
        })
    }
}

impl Reason {
    /// What to do for the file to be read.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Hidden => "rename it, or name it on the command line, if it is meant",
            Self::Ending => {
                "write the ending in small letters, or name the file on the command line, if it is meant"
            }
            Self::Nowhere => "remove the link, or correct it",
            Self::Kind => "name it on the command line, if it is meant",
        }
    }
}

/// What keeps the rest of a file from being text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoText {
    /// All of it is UTF-16.
    Utf16,
    /// A byte that is not in UTF-8.
    NotUtf8,
    /// The character U+0000, which no text has.
    Nul,
}

impl NoText {
    /// What is wrong, at the place where the text ends.
    pub fn message(self) -> &'static str {
        match self {
            Self::Utf16 => "this is UTF-16, and not UTF-8 text",
            Self::NotUtf8 => "this is not UTF-8 text from here on",
            Self::Nul => "this is not text from here on: there is a NUL character",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Utf16 | Self::NotUtf8 => "save the file as UTF-8",
            Self::Nul => "save the file as UTF-8 text, or copy it again",
        }
    }
}

/// The text of a file without its byte order mark, up to where it is no text any more.
///
/// ```
/// use presence_router::source::{NoText, decode};
///
/// assert_eq!(decode(b"\xEF\xBB\xBFtext".to_vec()), ("text".to_owned(), None));
/// assert_eq!(decode(b"caf\xE9".to_vec()), ("caf".to_owned(), Some(NoText::NotUtf8)));
/// assert_eq!(decode(b"@\0a\0".to_vec()), (String::new(), Some(NoText::Utf16)));
/// ```
pub fn decode(mut bytes: Vec<u8>) -> (String, Option<NoText>) {
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [_, 0, _, 0, ..] | [0, _, 0, _, ..] =
        bytes.as_slice()
    {
        return (String::new(), Some(NoText::Utf16));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    let nul = memchr::memchr(0, &bytes);
    bytes.truncate(nul.unwrap_or(bytes.len()));
    // Lines that end as on old Macs are lines as well.
    if memchr::memchr(b'\n', &bytes).is_none() {
        for end in bytes.iter_mut().filter(|byte| **byte == b'\r') {
            *end = b'\n';
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, nul.map(|_| NoText::Nul)),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(end);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (text, Some(NoText::NotUtf8))
        }
    }
}

/// A file's text under the name that messages call it by.
#[derive(Debug)]
pub struct Source {
    name: String,
    /// `None` for what comes from no file, such as a pipe.
    path: Option<PathBuf>,
    /// Shared with who keeps pieces of it.
    text: Arc<str>,
    /// Why `text` is not all of the file, if it is not.
    end: Option<NoText>,
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
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let name = name.into();
        let path = PathBuf::from(&name);
        self.add_read(name, Some(path), (text.into(), None))
    }

    /// Adds what was read of a file, as [`decode`] gives it, or of something that has no path, such as a pipe.
    pub fn add_read(
        &mut self,
        name: String,
        path: Option<PathBuf>,
        (text, end): (impl Into<Arc<str>>, Option<NoText>),
    ) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Source {
            name,
            path,
            text: text.into(),
            end,
            lines: OnceLock::new(),
            blocks: OnceLock::new(),
        });
        id
    }

    /// The files that look like those that were looked for, and were not read.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Adds to [`Self::passed_over`].
    pub fn pass_over(&mut self, files: Vec<PassedOver>) {
        self.passed_over.extend(files);
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

    /// Its path, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The folder that the paths in it are relative to: its own, or for what has none, the one where the program runs.
    pub fn folder(&self) -> &Path {
        (self.path.as_deref())
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
    }

    /// What the rest of the file is, if the text is only its beginning.
    pub fn end(&self) -> Option<NoText> {
        self.end
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
