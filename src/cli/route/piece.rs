//! A piece of the input, routed by one thread.

use std::ops::Range;

use crate::finding::Severity;
use crate::output::by_recipient::GroupId;
use crate::output::by_update;
use crate::router::{AnswerId, Answers, ClassId, RouteId, Routing, UserIndex};
use crate::update::{Bytes, Cutter, Fault, Item, Listener, Place, Record, Update};
use crate::user_id::UserIdError;

use super::ends::Ends;
use super::{Arguments, By};
use crate::cli::terminal;

/// How many records are cut before the first of them is routed, so that their senders can be looked up together.
const ITEMS_AT_ONCE: usize = 32;

/// When more than this has come of a piece, it is written before the next update: each may reach many thousands of users.
const MOST_HELD_BYTES: usize = 4 * 1024 * 1024;

/// What a thread keeps from one piece to the next.
pub struct Worker<'r> {
    pub answers: Answers<'r>,
    /// The lines for standard output that came of the last piece. Here, their memory is used again.
    pub out: Vec<u8>,
    /// For each answer the group of those whom it names, as the results have it.
    pub groups: Vec<Option<GroupId>>,
    ends: Ends,
    /// For each answer, how many updates of the piece got it; only for the summary.
    counts: Vec<u64>,
}

/// What came of a piece.
#[derive(Default)]
pub struct Outcome<'b> {
    /// Lines for standard error.
    pub messages: Vec<u8>,
    /// The refused records.
    pub rejects: Vec<u8>,
    pub records: u64,
    pub refused: u64,
    /// For `--by recipient`: the updates with their answers.
    pub routed: Vec<Routed<'b>>,
    /// For the summary, unless updates are routed above: the answers that are kept, and how many updates got each.
    pub counted: Vec<(AnswerId, u64)>,
    /// The answers that are not kept.
    pub once: Vec<Once>,
    /// The recipients and routes of those.
    pub recipients: Vec<UserIndex>,
    pub sent: Vec<(RouteId, usize)>,
    /// What was left, if so much came of the piece that it has to be written before the piece goes on.
    pub left: Option<Left<'b>>,
    /// Whether the piece was left at a refused record, as `--fail-fast` wants it.
    pub stopped: bool,
    /// Whether the last refused record goes on after the piece.
    pub goes_on: bool,
}

/// Records, or what is no record, that were cut and not gone through.
#[derive(Default)]
pub struct Left<'b> {
    items: Vec<Item<'b>>,
    /// How many updates and faults of the first one were told.
    told: usize,
}

/// An update that is still to be compared with the others of the batch.
pub struct Routed<'b> {
    pub update: Update<'b>,
    /// Whether it is known to have no white space between its tokens.
    pub is_compact: bool,
    pub answer: Result<AnswerId, Once>,
}

/// An answer that is not kept.
#[derive(Clone)]
pub struct Once {
    pub recipients: Range<usize>,
    pub sent: Range<usize>,
}

/// What is to be done with pieces.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    pub arguments: &'j Arguments,
    /// What messages call the input.
    pub name: &'j str,
    pub indented: bool,
}

/// One piece on its way.
struct Piece<'w, 'r, 'b> {
    job: Job<'w>,
    worker: &'w mut Worker<'r>,
    outcome: Outcome<'b>,
}

impl<'r> Worker<'r> {
    pub fn new(routing: Routing<'r>) -> Self {
        Self {
            answers: Answers::new(routing),
            out: Vec::new(),
            groups: Vec::new(),
            ends: Ends::default(),
            counts: Vec::new(),
        }
    }

    /// Routes the records of these bytes, after those that were `left` of them. If `stopped`, only what is left of the
    /// record that was refused is looked at.
    pub fn route<'b>(
        &mut self,
        job: Job<'_>,
        cutter: &mut Cutter,
        bytes: &'b [u8],
        at_end: bool,
        stopped: bool,
        left: Left<'b>,
    ) -> Outcome<'b> {
        if self.answers.trim() {
            self.ends.clear();
            self.groups.clear();
        }
        self.out.clear();
        let piece = Piece {
            job,
            worker: self,
            outcome: Outcome {
                stopped,
                goes_on: stopped,
                ..Outcome::default()
            },
        };
        piece.route(cutter, bytes, at_end, left)
    }

    fn count(&mut self, answer: AnswerId) {
        let index = answer.0 as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
    }
}

impl<'b> Piece<'_, '_, 'b> {
    fn route(
        mut self,
        cutter: &mut Cutter,
        bytes: &'b [u8],
        at_end: bool,
        left: Left<'b>,
    ) -> Outcome<'b> {
        let Left {
            mut items,
            mut told,
        } = left;
        let mut senders = Vec::with_capacity(ITEMS_AT_ONCE);
        let mut classes = Vec::with_capacity(ITEMS_AT_ONCE);
        let input = Bytes::checked(bytes);
        while !self.is_over() {
            while items.len() < ITEMS_AT_ONCE
                && let Some(item) = cutter.next(input, at_end)
            {
                items.push(item);
            }
            if items.is_empty() {
                break;
            }
            senders.clear();
            senders.extend(items.iter().map(|item| match item {
                Item::Record(record) => record.likely_sender().unwrap_or_default(),
                _ => "",
            }));
            classes.clear();
            (self.worker.answers).remembered_all(&senders, |class| classes.push(class));
            let refused_before = self.outcome.refused;
            let mut left_at = None;
            let remembered = senders.iter().zip(&classes);
            for (index, (item, (sender, class))) in items.iter().zip(remembered).enumerate() {
                if self.is_over() {
                    break;
                }
                let remembered = class.map(|class| (*sender, class));
                let left = self.item(item, remembered, std::mem::take(&mut told));
                if let Some(told) = left {
                    left_at = Some((index, told));
                    break;
                }
            }
            if let Some((index, told)) = left_at {
                items.drain(..index);
                self.outcome.left = Some(Left { items, told });
                break;
            }
            items.clear();
            if self.outcome.refused > refused_before {
                cutter.note_place(bytes);
            }
        }
        let counts = (0..).map(AnswerId).zip(&mut self.worker.counts);
        let counted = counts.filter(|(_, count)| **count > 0);
        (self.outcome.counted).extend(counted.map(|(id, count)| (id, std::mem::take(count))));
        self.outcome
    }

    /// Whether nothing more is to be looked at.
    fn is_over(&self) -> bool {
        self.outcome.stopped && !self.outcome.goes_on
    }

    /// Goes through an item, of which so many updates and faults have been `told`; says how many it is then, if it was
    /// left because of what is held.
    fn item(
        &mut self,
        item: &Item<'b>,
        remembered: Option<(&'b str, ClassId)>,
        told: usize,
    ) -> Option<usize> {
        match item {
            // What is left of a refused record is refused, even where nothing more is routed.
            Item::Rest(rest) => {
                self.outcome.rejects.extend_from_slice(rest.bytes);
                if rest.last {
                    self.outcome.rejects.push(b'\n');
                }
                self.outcome.goes_on = !rest.last;
            }
            Item::Record(record) => {
                let mut updates = Updates {
                    job: self.job,
                    record,
                    remembered,
                    worker: &mut *self.worker,
                    outcome: &mut self.outcome,
                    told,
                    met: 0,
                    left_at: None,
                };
                record.tell(&mut updates);
                return updates.left_at;
            }
            Item::Refused(refusal) => {
                let text = refusal.whole.then_some(refusal.bytes);
                self.outcome
                    .refuse(self.job.name, refusal.place, &refusal.message, text);
                self.outcome.stopped = self.job.arguments.fail_fast;
            }
        }
        None
    }
}

/// The updates of one record on their way.
struct Updates<'u, 'r, 'b> {
    job: Job<'u>,
    record: &'u Record<'b>,
    /// A text of the record, and the class of a sender who is called so.
    remembered: Option<(&'b str, ClassId)>,
    worker: &'u mut Worker<'r>,
    outcome: &'u mut Outcome<'b>,
    /// How many updates and faults of the record were told before.
    told: usize,
    /// How many came up to now.
    met: usize,
    /// The first one that was not told, because of what is held.
    left_at: Option<usize>,
}

impl Updates<'_, '_, '_> {
    /// Whether the next update or fault is to be told.
    fn is_due(&mut self) -> bool {
        let number = self.met;
        self.met += 1;
        if self.outcome.stopped || number < self.told || self.left_at.is_some() {
            return false;
        }
        // A record is read again to go on with it, which should be rare beside writing what comes of it.
        let most = MOST_HELD_BYTES.max(16 * self.record.text().len());
        let held = self.worker.out.len() + size_of_val(self.outcome.recipients.as_slice());
        if held > most {
            self.left_at = Some(number);
        }
        self.left_at.is_none()
    }
}

impl<'b> Listener<'b> for Updates<'_, '_, 'b> {
    type Sender = ClassId;

    fn sender(&mut self, sender: &str) -> Result<ClassId, UserIdError> {
        match self.remembered {
            // The very text, most likely: to compare the places is enough.
            Some((text, class)) if std::ptr::eq(text, sender) => Ok(class),
            _ => self.worker.answers.class(sender),
        }
    }

    fn update(&mut self, update: Update<'b>, class: ClassId) {
        if !self.is_due() {
            return;
        }
        let Self {
            worker, outcome, ..
        } = self;
        outcome.records += 1;
        let answers = &mut worker.answers;
        let (state, currently_active) = (&update.state, update.currently_active);
        let id = answers.route(class, &update.sender, state, currently_active);
        let Arguments {
            by, why, summary, ..
        } = *self.job.arguments;
        match by {
            By::Recipient => {
                // Who asks for no summary need not know whether what nobody gets came before.
                if summary || !answers.answer(id).users.is_empty() {
                    let answer = id.ok_or_else(|| outcome.once(answers));
                    let is_compact = self.record.is_compact();
                    outcome.routed.push(Routed {
                        update,
                        is_compact,
                        answer,
                    });
                }
                return;
            }
            By::Update => {
                let end = worker.ends.of(id, answers, why);
                let out = &mut worker.out;
                if self.job.indented {
                    by_update::indented(update.json, end, out);
                } else {
                    let is_compact = self.record.is_compact();
                    by_update::line(update.json, is_compact, end, out);
                }
            }
            By::None => {}
        }
        if summary {
            if let Some(id) = id {
                worker.count(id);
            } else {
                let once = outcome.once(answers);
                outcome.once.push(once);
            }
        }
    }

    fn fault(&mut self, fault: Fault<'b>) {
        if self.is_due() {
            let place = self.record.place(fault.offset);
            let text = Some(fault.text.as_bytes());
            self.outcome
                .refuse(self.job.name, place, &fault.message, text);
            self.outcome.stopped = self.job.arguments.fail_fast;
        }
    }
}

impl Outcome<'_> {
    /// Takes the last answer with it, which is not kept.
    fn once(&mut self, answers: &Answers<'_>) -> Once {
        let answer = answers.answer(None);
        let (recipients, sent) = (self.recipients.len(), self.sent.len());
        self.recipients.extend_from_slice(answer.users);
        self.sent.extend_from_slice(answer.sent);
        Once {
            recipients: recipients..self.recipients.len(),
            sent: sent..self.sent.len(),
        }
    }

    /// Refuses a record. Without `text`, its bytes follow.
    fn refuse(&mut self, name: &str, place: Place, message: &str, text: Option<&[u8]>) {
        self.records += 1;
        self.refused += 1;
        self.goes_on = text.is_none();
        let message = terminal::at(&format!("{name}:{place}"), Severity::Error, message);
        self.messages.extend_from_slice(message.as_bytes());
        self.messages.push(b'\n');
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.rejects.extend_from_slice(text);
            self.rejects.push(b'\n');
        }
    }
}
