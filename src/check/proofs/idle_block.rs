//! `idle-block`: a block about nobody whom a route or an interest connects.

use std::collections::BTreeSet;

use super::Proving;
use super::dead_rule::{Dead, stopping};
use crate::finding::{Code, Finding};
use crate::proofs::{Answers, Relation, Roles};

pub(super) fn check(proving: &mut Proving<'_, '_>, dead: &Dead, blocks: &Relation) {
    let mut busy: BTreeSet<usize> = dead.busy_blocks.clone();
    if busy.len() == blocks.pairs().len() {
        return;
    }
    // Where both are known, and the recipient receives, rules list the most.
    let [roles, ..] = Roles::ALL;
    let answers = Answers::to_interested(&proving.model, &mut proving.prover, roles);
    for pair in answers.relation.pairs() {
        // A block is about senders and recipients, and this pair is of who sees and who is seen.
        let sent = pair.turned();
        match stopping(&mut proving.prover, &[sent], blocks) {
            Ok(stopping) => busy.extend(stopping),
            Err(_) => return,
        }
    }
    for at in 0..blocks.pairs().len() {
        let rule = proving.model.blocks[at].rule;
        if busy.contains(&at) || dead.rules.contains(&rule) {
            continue;
        }
        let message =
            "this block does nothing: no route and no interest connects anybody whom it is about";
        proving.findings.push(
            Finding::new(Code::IdleBlock, rule.location(), message).help(
                "a block stops only what rules give, not what room-mates see: remove it, or correct it if it was meant \
                 to stop a rule",
            ),
        );
    }
}
