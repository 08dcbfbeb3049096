//! The walk through several automata at once, along the texts that read best.
//!
//! A *node* is what a text has come to: its place in the grammar, and the state of each automaton. Two texts that have
//! come to the same node go on alike, so the better one stands for both (Dijkstra's algorithm). What holds of a node is
//! known in part before the text ends: an automaton from whose state nothing can match says no, and one from whose state
//! everything matches says yes. Where these suffice for the whole program to say no, the walk ends.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use super::grammar::Place;
use super::program::{Op, Universe};
use super::readers::{DEAD, FULL, Readers, WAITING};
use super::{Automata, Budget, Undecided};
use crate::user_id::MAX_BYTES;

/// Whether a text is in a set, as far as its start tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Maybe,
    Yes,
}

struct Node {
    before: u32,
    byte: u8,
    /// The length of the text.
    length: u16,
    cost: u32,
    place: Place,
    /// The state of each reader.
    states: Box<[u32]>,
    is_closed: bool,
}

struct Search<'a> {
    readers: Readers<'a>,
    budget: &'a mut Budget,
    program: &'a [Op],
    /// What each step of the program reads, if it reads.
    reads: Vec<Option<usize>>,
    /// Whether all bytes cost the same.
    is_plain: bool,
    nodes: Vec<Node>,
    index: Index,
    truths: Vec<Truth>,
    was_cut: bool,
}

pub(super) fn find(
    automata: &mut Automata,
    program: &[Op],
    universe: &Universe<'_>,
    budget: &mut Budget,
) -> Result<Option<String>, Undecided> {
    // The walk along the best text may come to a node by a text that is too long to go on. That is rare, and then the
    // shortest texts are walked along.
    for is_plain in [false, true] {
        let mut search = Search::new(automata, program, universe, budget, is_plain)?;
        let found = search.run().map_err(|error| search.readers.blame(error))?;
        if found.is_some() || !search.was_cut {
            return Ok(found);
        }
    }
    Ok(None)
}

impl<'a> Search<'a> {
    fn new(
        automata: &'a mut Automata,
        program: &'a [Op],
        universe: &Universe<'_>,
        budget: &'a mut Budget,
        is_plain: bool,
    ) -> Result<Self, Undecided> {
        let (readers, reads) = Readers::new(automata, program, universe)?;
        Ok(Self {
            readers,
            budget,
            program,
            reads,
            is_plain,
            nodes: Vec::new(),
            index: Index::default(),
            truths: Vec::new(),
            was_cut: false,
        })
    }

    fn run(&mut self) -> Result<Option<String>, Undecided> {
        // Of equal costs, the node that came first goes first, and an end before a node.
        let mut open = BinaryHeap::new();
        let states = self.readers.start()?;
        let root = Node {
            before: u32::MAX,
            byte: 0,
            length: 0,
            cost: 0,
            place: Place::Start,
            states: states.into(),
            is_closed: false,
        };
        if let Some(first) = self.visit(0, b'@', root.place, &root.states, 0, 0)? {
            // The `@` has no node before it: the text starts there.
            open.push(Reverse((first.1, false, first.0)));
        }
        let mut candidates = Vec::new();
        while let Some(Reverse((cost, is_end, node))) = open.pop() {
            if is_end {
                return Ok(Some(self.text(node)));
            }
            let index = node as usize;
            if self.nodes[index].is_closed || self.nodes[index].cost != cost {
                continue;
            }
            self.nodes[index].is_closed = true;
            let (place, byte, length) = {
                let node = &self.nodes[index];
                (node.place, node.byte, node.length)
            };
            let states = self.nodes[index].states.clone();
            if self.ends(place, &states)? {
                let more = self.readers.tail.as_ref().map_or(0, Vec::len);
                if usize::from(length) + more <= MAX_BYTES {
                    let end = if self.is_plain {
                        0
                    } else {
                        place.end_cost(byte)
                    };
                    open.push(Reverse((cost + end, true, node)));
                } else {
                    self.was_cut = true;
                }
            }
            if usize::from(length) == MAX_BYTES {
                self.was_cut = true;
                continue;
            }
            self.readers.candidates(&states, &mut candidates);
            for next in candidates.iter().copied() {
                if self.readers.tail.is_some() && next == b':' {
                    continue;
                }
                if let Some((node, cost)) = self.visit(node, next, place, &states, cost, length)? {
                    open.push(Reverse((cost, false, node)));
                }
            }
        }
        Ok(None)
    }

    /// Goes from a node along a byte, and gives the node there if it is new, or reached better than before.
    fn visit(
        &mut self,
        before: u32,
        byte: u8,
        place: Place,
        states: &[u32],
        cost: u32,
        length: u16,
    ) -> Result<Option<(u32, u32)>, Undecided> {
        let Some(next_place) = place.next(byte) else {
            return Ok(None);
        };
        let last = self.nodes.get(before as usize).map_or(0, |node| node.byte);
        let added = if self.is_plain {
            1
        } else {
            place.cost(last, byte)
        };
        let cost = cost + added;
        let mut next = Vec::with_capacity(states.len());
        for (reader, state) in states.iter().enumerate() {
            next.push(self.readers.next(reader, *state, byte, next_place)?);
        }
        let truth = |reader: usize| match next[reader] {
            DEAD => Truth::No,
            FULL => Truth::Yes,
            _ => Truth::Maybe,
        };
        if self.evaluate(truth) == Truth::No {
            return Ok(None);
        }
        let hash = self.index.hash(next_place, &next);
        let nodes = &self.nodes;
        let same = |node: u32| {
            let node: &Node = &nodes[node as usize];
            node.place == next_place && *node.states == *next
        };
        if let Some(known) = self.index.find(hash, same) {
            let node = &mut self.nodes[known as usize];
            if node.is_closed || node.cost <= cost {
                return Ok(None);
            }
            (node.before, node.byte, node.cost, node.length) = (before, byte, cost, length + 1);
            return Ok(Some((known, cost)));
        }
        let alive = next.iter().filter(|state| **state < WAITING).count();
        self.budget.take(alive.max(1))?;
        let known = self.nodes.len() as u32;
        self.nodes.push(Node {
            before,
            byte,
            length: length + 1,
            cost,
            place: next_place,
            states: next.into(),
            is_closed: false,
        });
        self.index.insert(hash, known);
        Ok(Some((known, cost)))
    }

    /// Whether the text of a node is a user ID for which the program holds.
    fn ends(&mut self, place: Place, states: &[u32]) -> Result<bool, Undecided> {
        let is_id = match &self.readers.tail {
            Some(_) => place.ends_localpart(),
            None => place.ends_id(),
        };
        if !is_id {
            return Ok(false);
        }
        let Some(accepted) = self.readers.accept(states)? else {
            return Ok(false);
        };
        let truth = |reader: usize| {
            if accepted[reader] {
                Truth::Yes
            } else {
                Truth::No
            }
        };
        Ok(self.evaluate(truth) == Truth::Yes)
    }

    /// The program, given what each reader says.
    fn evaluate(&mut self, reader: impl Fn(usize) -> Truth) -> Truth {
        self.truths.clear();
        for (op, reads) in self.program.iter().zip(&self.reads) {
            let of = |index: usize| self.truths[index];
            let not = |truth: Truth| match truth {
                Truth::No => Truth::Yes,
                Truth::Maybe => Truth::Maybe,
                Truth::Yes => Truth::No,
            };
            let truth = match op {
                Op::Everyone => Truth::Yes,
                Op::Nobody => Truth::No,
                Op::Automaton(_) | Op::Users(_) => reader(reads.expect("it reads")),
                Op::Union(parts) => {
                    (parts.iter().map(|part| of(*part))).fold(Truth::No, Truth::max)
                }
                Op::Intersection(one, other) => of(*one).min(of(*other)),
                Op::Difference(one, other) => of(*one).min(not(of(*other))),
            };
            self.truths.push(truth);
        }
        self.truths.last().copied().unwrap_or(Truth::No)
    }

    fn text(&self, node: u32) -> String {
        let mut bytes = Vec::new();
        let mut at = node;
        loop {
            let node = &self.nodes[at as usize];
            bytes.push(node.byte);
            if node.length == 1 {
                break;
            }
            at = node.before;
        }
        bytes.reverse();
        bytes.extend(self.readers.tail.iter().flatten());
        String::from_utf8(bytes).expect("the grammar takes UTF-8 alone")
    }
}

/// Nodes by what they have come to, without a second copy of their states.
#[derive(Default)]
struct Index {
    hasher: RandomState,
    nodes: HashMap<u64, Vec<u32>, RandomState>,
}

impl Index {
    fn hash(&self, place: Place, states: &[u32]) -> u64 {
        self.hasher.hash_one((place, states))
    }

    fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let nodes = self.nodes.get(&hash)?;
        nodes.iter().copied().find(|node| same(*node))
    }

    fn insert(&mut self, hash: u64, node: u32) {
        self.nodes.entry(hash).or_default().push(node);
    }
}
