//! What each kind of finding means, at length: for `check --explain`, and for the page of findings.
//!
//! There is a page for each code, `code_pages/CODE.md`, which this module takes apart. The first line says what the
//! finding is. Some paragraphs say why it matters. Then follow the files of an example to avoid, and those of one to
//! prefer, each in a block of its own. A block that begins with `# NAME` is the file of this name.

use crate::finding::Code;

/// What a kind of finding means.
///
/// ```
/// use presence_router::code_pages::CodePage;
/// use presence_router::finding::Code;
///
/// let page = CodePage::of(Code::DuplicateKey);
/// assert_eq!(page.summary, "A key is written twice in one mapping.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePage {
    /// What it is, in a sentence.
    pub summary: &'static str,
    /// What it means and why it matters: paragraphs with an empty line between them.
    pub text: &'static str,
    /// Files that have such a finding.
    pub avoid: Vec<Example>,
    /// The same files without it.
    pub prefer: Vec<Example>,
}

/// A file of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its name, where the example gives one.
    pub name: Option<&'static str>,
    /// What it says, a line with its name included.
    pub text: &'static str,
}

const AVOID: &str = "\n\nAvoid:\n\n";
const PREFER: &str = "\n\nPrefer:\n\n";

impl CodePage {
    /// The page of a code.
    pub fn of(code: Code) -> Self {
        let page = code.page();
        let parts = page.split_once("\n\n").and_then(|(summary, rest)| {
            let (text, rest) = rest.split_once(AVOID)?;
            let (avoid, prefer) = rest.split_once(PREFER)?;
            Some(Self {
                summary,
                text,
                avoid: examples(avoid),
                prefer: examples(prefer),
            })
        });
        parts.expect("the tests read every page")
    }
}

/// Where the page of a code is to be read, in the repository of this version.
pub(crate) fn url(code: Code) -> String {
    format!(
        "{REPOSITORY}/blob/v{}/docs/findings.md#{code}",
        env!("CARGO_PKG_VERSION")
    )
}

const REPOSITORY: &str = "https://github.com/presence-router/presence-router";

/// The contents of the blocks between lines of three backticks.
fn examples(blocks: &'static str) -> Vec<Example> {
    let inside = blocks.split("```").skip(1).step_by(2);
    inside
        .filter_map(|block| block.split_once('\n'))
        .map(|(_, text)| {
            let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
            Example {
                name: first.filter(|name| name.contains('.') && !name.contains(' ')),
                text,
            }
        })
        .collect()
}

impl Example {
    /// What the file says, without the line that names it: JSON has no comments.
    pub fn content(&self) -> &'static str {
        match (self.name, self.text.split_once('\n')) {
            (Some(_), Some((_, content))) => content,
            _ => self.text,
        }
    }
}
