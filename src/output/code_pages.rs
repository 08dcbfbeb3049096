//! The pages of codes, for a terminal.

use std::io::{self, Write};

use anstyle::Style;

use super::findings::style;
use crate::code_pages::{CodePage, Example};
use crate::finding::Code;

/// Writes what a code means. Colours come as ANSI sequences, which the writer may strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn page(code: Code, out: &mut dyn Write) -> io::Result<()> {
    let CodePage {
        summary,
        text,
        avoid,
        prefer,
    } = CodePage::of(code);
    let color = style(code.severity());
    writeln!(out, "{color}{}[{code}]{color:#}", code.severity())?;
    writeln!(out, "\n{summary}\n\n{text}")?;
    examples("Avoid:", &avoid, out)?;
    examples("Prefer:", &prefer, out)
}

/// Writes a line for each code.
///
/// # Errors
///
/// If `out` cannot be written to.
pub(crate) fn codes(out: &mut dyn Write) -> io::Result<()> {
    let widest = Code::ALL.iter().map(|code| code.name().len()).max();
    let width = widest.unwrap_or_default();
    for code in Code::ALL {
        let color = style(code.severity());
        let severity = code.severity().to_string();
        let summary = CodePage::of(*code).summary;
        let name = code.name();
        writeln!(
            out,
            "{name:width$}  {color}{severity:7}{color:#}  {summary}"
        )?;
    }
    Ok(())
}

fn examples(heading: &str, examples: &[Example], out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "\n{bold}{heading}{bold:#}")?;
    for example in examples {
        writeln!(out)?;
        for line in example.text.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}
