//! A piece of the input, routed by one thread.

use std::io::{self, Write as _};
use std::ops::Range;

use crate::finding::Severity;
use crate::output::by_update::ByUpdate;
use crate::output::findings::style;
use crate::output::summary::Summary;
use crate::router::{RouteId, Routing, Scratch, Trace, UserIndex};
use crate::update::{Item, Place, Update};
use crate::user_id::UserId;

use super::{Arguments, By};

/// What a thread needs from one piece to the next.
#[derive(Default)]
pub struct Worker {
    pub scratch: Scratch,
    by_update: ByUpdate,
    routes: Vec<String>,
}

/// What came of a piece.
#[derive(Default)]
pub struct Outcome<'b> {
    /// Lines for standard output.
    pub out: Vec<u8>,
    /// Lines for standard error.
    pub messages: Vec<u8>,
    /// The refused records.
    pub rejects: Vec<u8>,
    pub summary: Summary,
    /// For `--by recipient`: the updates, with their recipients and routes among those below.
    pub routed: Vec<Routed<'b>>,
    pub recipients: Vec<UserIndex>,
    /// The routes that sent an update, each with the number of users; only for the summary.
    pub sent: Vec<(RouteId, usize)>,
    /// Whether the piece was left at a refused record, as `--fail-fast` wants it.
    pub stopped: bool,
    /// Whether the last refused record goes on after the piece.
    pub goes_on: bool,
}

/// An update that is still to be compared with the others of the batch.
pub struct Routed<'b> {
    pub update: Update<'b>,
    pub recipients: Range<usize>,
    pub sent: Range<usize>,
}

/// One piece on its way.
pub struct Piece<'w, 'b> {
    pub arguments: &'w Arguments,
    pub routing: Routing<'w>,
    /// What messages call the input.
    pub name: &'w str,
    pub indented: bool,
    pub worker: &'w mut Worker,
    pub outcome: Outcome<'b>,
}

/// Notes the routes that send an update, if somebody asks for them.
struct Watch<'w> {
    sent: Option<&'w mut Vec<(RouteId, usize)>>,
}

impl Trace for Watch<'_> {
    fn sent(&mut self, route: RouteId, recipients: usize) {
        if let Some(sent) = &mut self.sent {
            sent.push((route, recipients));
        }
    }
}

impl<'b> Piece<'_, 'b> {
    /// Routes the items.
    pub fn route(mut self, items: impl Iterator<Item = Item<'b>>) -> Outcome<'b> {
        self.worker.by_update.indented = self.indented;
        for item in items {
            match item {
                // What is left of a later record is none of the one at which routing stopped.
                Item::Rest(_) if self.outcome.stopped && !self.outcome.goes_on => {}
                // What is left of a refused record is refused, even where nothing more is routed.
                Item::Rest(rest) => {
                    self.outcome.rejects.extend_from_slice(rest.bytes);
                    if rest.last {
                        self.outcome.rejects.push(b'\n');
                    }
                    self.outcome.goes_on = !rest.last;
                }
                _ if self.outcome.stopped => {}
                Item::Record(record) => record.updates(|update| match update {
                    _ if self.outcome.stopped => {}
                    Ok(update) => self.update(update),
                    Err(fault) => {
                        let place = record.place(fault.offset);
                        self.refuse(place, &fault.message, fault.text.as_bytes(), true);
                    }
                }),
                Item::Refused(refusal) => {
                    self.refuse(
                        refusal.place,
                        &refusal.message,
                        refusal.bytes,
                        refusal.whole,
                    );
                }
            }
        }
        self.outcome
    }

    fn update(&mut self, update: Update<'b>) {
        let Outcome {
            summary,
            recipients: all_recipients,
            sent,
            routed,
            out,
            ..
        } = &mut self.outcome;
        let Worker {
            scratch,
            by_update,
            routes,
        } = &mut *self.worker;
        summary.records += 1;
        let by = self.arguments.by;
        if by != By::Recipient {
            scratch.forget_made_users();
            sent.clear();
        }
        let sent_before = sent.len();
        let mut watch = Watch {
            sent: (self.arguments.why || self.arguments.summary).then_some(&mut *sent),
        };
        let sender = UserId::parse(&update.sender).expect("updates have valid senders");
        let (state, currently_active) = (&update.state, update.currently_active);
        let recipients = (self.routing).route(sender, state, currently_active, scratch, &mut watch);
        if by == By::Recipient {
            // Of equal updates one counts, which only the whole batch can tell.
            let start = all_recipients.len();
            all_recipients.extend_from_slice(recipients);
            routed.push(Routed {
                update,
                recipients: start..all_recipients.len(),
                sent: sent_before..sent.len(),
            });
            return;
        }
        all_recipients.clear();
        all_recipients.extend_from_slice(recipients);
        let router = self.routing.router();
        if by == By::Update {
            routes.clear();
            let names = sent
                .iter()
                .map(|(route, _)| router.route_name(*route).to_string());
            routes.extend(names);
            let routes = self.arguments.why.then_some(routes.as_slice());
            let names = all_recipients
                .iter()
                .map(|user| router.user(*user, scratch));
            let written = by_update.write(update.json, names, routes, out);
            written.expect("memory takes what is written");
        }
        if self.arguments.summary {
            summary.sent(sent);
            summary.delivered(all_recipients, router, scratch);
        }
    }

    fn refuse(&mut self, place: Place, message: &str, bytes: &[u8], whole: bool) {
        let outcome = &mut self.outcome;
        outcome.summary.records += 1;
        outcome.summary.refused += 1;
        outcome.stopped = self.arguments.fail_fast;
        outcome.goes_on = !whole;
        let style = style(Severity::Error);
        let written: io::Result<()> = writeln!(
            outcome.messages,
            "{}:{place}: {style}error{style:#}: {message}",
            self.name
        );
        written.expect("memory takes what is written");
        if whole && !bytes.is_empty() {
            outcome.rejects.extend_from_slice(bytes);
            outcome.rejects.push(b'\n');
        }
    }
}
