//! `remote-recipient`, but for the servers of which `exclude` and blocks leave nobody.

use std::collections::HashSet;

use super::Proving;
use super::dead_rule::{is_stopped, stopping};
use crate::automata::Undecided;
use crate::check::remote_recipient::{candidates, finding};
use crate::finding::{Code, Finding};
use crate::pattern::Pattern;
use crate::proofs::{Answers, Relation};

/// Of one route, no more servers than these are looked at.
const MOST_SERVERS: usize = 64;

pub(super) fn check(proving: &mut Proving<'_, '_>, blocks: &Relation, findings: &mut Vec<Finding>) {
    // What was found without proof is found again, if it holds.
    findings.retain(|finding| finding.code != Code::RemoteRecipient);
    let cx = proving.cx;
    for (at, route) in cx.sets.routes.all.iter().enumerate() {
        let mut seen = HashSet::new();
        let mut servers = candidates(cx, route);
        servers.retain(|(server, _)| seen.insert(server.clone()));
        let reached = (servers.into_iter().take(MOST_SERVERS))
            .find(|(server, _)| reaches(proving, at, server, blocks).unwrap_or(true));
        if let Some((server, place)) = reached {
            proving.findings.push(finding(&server, place));
        }
    }
}

/// Whether a route reaches somebody of a server.
fn reaches(
    proving: &mut Proving<'_, '_>,
    route: usize,
    server: &str,
    blocks: &Relation,
) -> Result<bool, Undecided> {
    let Ok(server) = Pattern::server(server) else {
        return Ok(true);
    };
    let prover = &mut proving.prover;
    let there = prover.sets.pattern(&server);
    let mut parts = Vec::new();
    for mut pairs in Answers::of_route(&proving.model.routes[route]) {
        pairs.to = prover.sets.intersection(pairs.to, there);
        if !prover.is_empty(pairs.to)? {
            parts.push(pairs);
        }
    }
    if parts.is_empty() {
        return Ok(false);
    }
    let near = stopping(prover, &parts, blocks)?;
    Ok(!is_stopped(prover, parts, blocks, &near)?)
}
