//! The ends of lines, which many updates share.

use std::ops::Range;

use crate::output::by_update;
use crate::router::{AnswerId, Answers};

/// How many bytes of ends are kept, all together.
const MOST_KEPT: usize = 32 * 1024 * 1024;

/// For each answer the end of the lines that give it.
#[derive(Default)]
pub struct Ends {
    text: Vec<u8>,
    /// Where each answer's end stands; an empty range where it was not asked for.
    of: Vec<Range<usize>>,
    /// The last end that is not kept.
    once: Vec<u8>,
}

impl Ends {
    /// The end of a line for an answer, with the routes if these are asked for.
    pub fn of(&mut self, id: Option<AnswerId>, answers: &Answers<'_>, why: bool) -> &[u8] {
        let index = id.map(|id| id.0 as usize);
        if let Some(index) = index
            && let Some(range) = self.of.get(index)
            && !range.is_empty()
        {
            return &self.text[range.clone()];
        }
        self.once.clear();
        render(id, answers, why, &mut self.once);
        if let Some(index) = index
            && self.text.len() + self.once.len() <= MOST_KEPT
        {
            if index >= self.of.len() {
                self.of.resize(index + 1, 0..0);
            }
            let start = self.text.len();
            self.text.extend_from_slice(&self.once);
            self.of[index] = start..self.text.len();
        }
        &self.once
    }

    /// Forgets all, since names mean other answers from now on.
    pub fn clear(&mut self) {
        self.text.clear();
        self.of.clear();
    }
}

fn render(id: Option<AnswerId>, answers: &Answers<'_>, why: bool, out: &mut Vec<u8>) {
    let answer = answers.answer(id);
    let recipients = answer.users.iter().map(|user| answers.name(*user));
    let routes = why.then(|| {
        let router = answers.routing().router();
        let names = answer.sent.iter();
        let names = names.map(|(route, _)| router.route_name(*route).to_string());
        names.collect::<Vec<_>>()
    });
    by_update::end(recipients, routes.as_deref(), out);
}
