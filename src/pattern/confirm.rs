//! A second opinion on whether a pattern matches, from another engine than the one that matching and proofs share.

use ::regex::Regex;

use super::Pattern;

impl Pattern {
    /// Whether the pattern matches this user ID, as the regex crate sees it. It is asked about single IDs that a proof
    /// or a remedy names, so that a fault in the automata cannot confirm itself.
    ///
    /// What the regex crate finds too large (it builds an automaton for reading backwards as well) is left to the
    /// [`Program`](super::Program) that matching runs.
    ///
    /// ```
    /// use presence_router::pattern::Pattern;
    ///
    /// let bots = Pattern::regex(r"@bot-\d+:example\.org").unwrap();
    /// assert!(bots.confirms("@bot-7:example.org"));
    /// assert!(!bots.confirms("@bot-7:example.organic"));
    /// ```
    pub fn confirms(&self, user: &str) -> bool {
        match Regex::new(&format!("^(?:{})$", self.language())) {
            Ok(regex) => regex.is_match(user),
            Err(_) => self.compile().is_match(user),
        }
    }
}
