//! Pages of the list of accounts that Synapse's admin API answers: whether all of them are there.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page, as the "List Accounts" call of Synapse's admin API answers.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub users: Option<Vec<&'a RawValue>>,
    /// How many users there are, on all pages: a number, which some programs write as a text.
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    /// Where the next page begins, if this is not the last one.
    #[serde(borrow)]
    next_token: Option<&'a RawValue>,
}

/// What the pages that were read say of each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    held: u64,
    total: Option<u64>,
    /// Whether some page has another one after it, and whether some has none.
    has_next: bool,
    has_last: bool,
}

impl Pages {
    pub fn add(&mut self, page: &Page<'_>) {
        let Some(users) = &page.users else { return };
        self.held += users.len() as u64;
        let total = page.total.map(|total| total.get().trim_matches('"').trim());
        self.total = self.total.max(total.and_then(|total| total.parse().ok()));
        if page.next_token.is_some_and(|token| token.get() != "null") {
            self.has_next = true;
        } else {
            self.has_last = true;
        }
    }

    /// Whether something shows that users are missing.
    pub fn lack_some(&self) -> bool {
        self.total_beyond().is_some() || self.break_off()
    }

    /// How many users there are, if that is more than the pages hold.
    fn total_beyond(&self) -> Option<u64> {
        self.total.filter(|total| *total > self.held)
    }

    /// Whether they go on, and nothing says how many users there are.
    fn break_off(&self) -> bool {
        self.total.is_none() && self.has_next && !self.has_last
    }

    /// What shows that users are missing, in words. `lack` says for whom they are.
    pub fn lacking(&self, lack: &str) -> Option<String> {
        if let Some(total) = self.total_beyond() {
            let held = match self.held {
                0 => "none of them".to_owned(),
                held => format!("{held} of them"),
            };
            return Some(format!(
                "this list says that there are {total} users, and holds {held}, so that {lack} the others"
            ));
        }
        self.break_off().then(|| {
            format!(
                "this list says that it goes on (`next_token`), so that {lack} the users of the next page"
            )
        })
    }
}
