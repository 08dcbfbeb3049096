//! What reads the text of a search: patterns, and lists of users and of servers.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::automaton::State;
use super::grammar::{Place, classes};
use super::prefixes::Prefixes;
use super::program::{Op, Universe};
use super::{Automata, AutomatonId, Undecided};

/// The state of an automaton from which nothing matches.
pub(super) const DEAD: u32 = u32::MAX;
/// The state from which everything matches.
pub(super) const FULL: u32 = u32::MAX - 1;
/// The state of the list of servers before the server name.
pub(super) const WAITING: u32 = u32::MAX - 2;

/// A set that reads the text.
enum Reader {
    Pattern {
        automaton: AutomatonId,
        /// States by their number here, for all that is known of them.
        states: Vec<Known>,
        index: HashMap<State, u32, RandomState>,
    },
    Users(Prefixes),
    /// The servers of [`Universe::Elsewhere`].
    Servers(Prefixes),
}

#[derive(Clone, Copy)]
struct Known {
    state: State,
    accepts: Option<bool>,
}

/// All that read the text of one search.
pub(super) struct Readers<'a> {
    automata: &'a mut Automata,
    all: Vec<Reader>,
    /// What follows the localpart, where that is known.
    pub tail: Option<Vec<u8>>,
    /// Bytes that no reader of a pattern tells apart, the best to read first.
    classes: Vec<Vec<u8>>,
}

impl<'a> Readers<'a> {
    /// The readers of a program, and which of them each step reads by.
    pub fn new(
        automata: &'a mut Automata,
        program: &[Op],
        universe: &Universe<'_>,
    ) -> Result<(Self, Vec<Option<usize>>), Undecided> {
        let mut readers = Vec::new();
        let mut of_automaton: HashMap<AutomatonId, usize> = HashMap::new();
        let mut reads = Vec::with_capacity(program.len());
        for op in program {
            reads.push(match op {
                Op::Automaton(automaton) => {
                    Some(*of_automaton.entry(*automaton).or_insert_with(|| {
                        readers.push(Reader::Pattern {
                            automaton: *automaton,
                            states: Vec::new(),
                            index: HashMap::default(),
                        });
                        readers.len() - 1
                    }))
                }
                Op::Users(users) => {
                    readers.push(Reader::Users(Prefixes::new(users.clone())));
                    Some(readers.len() - 1)
                }
                _ => None,
            });
        }
        if let Universe::Elsewhere(servers) = universe
            && !servers.is_empty()
        {
            readers.push(Reader::Servers(Prefixes::new(servers.clone())));
        }
        let classes = joint_classes(automata, &readers)?;
        let tail = match universe {
            Universe::Server(name) => Some([b":", name.as_bytes()].concat()),
            Universe::Elsewhere(_) => None,
        };
        let readers = Self {
            automata,
            all: readers,
            tail,
            classes,
        };
        Ok((readers, reads))
    }

    /// The states before the text.
    pub fn start(&mut self) -> Result<Vec<u32>, Undecided> {
        (0..self.all.len())
            .map(|reader| self.start_of(reader))
            .collect()
    }

    fn start_of(&mut self, reader: usize) -> Result<u32, Undecided> {
        match &mut self.all[reader] {
            Reader::Pattern { automaton, .. } => {
                let state = self.automata.get(*automaton)?.start()?;
                Ok(self.number(reader, state))
            }
            Reader::Users(users) => Ok(users.start().unwrap_or(DEAD)),
            Reader::Servers(_) => Ok(WAITING),
        }
    }

    /// The state of a reader after one more byte, with which the text comes to `place`.
    pub fn next(
        &mut self,
        reader: usize,
        state: u32,
        byte: u8,
        place: Place,
    ) -> Result<u32, Undecided> {
        if state == DEAD || state == FULL {
            return Ok(state);
        }
        match &mut self.all[reader] {
            Reader::Pattern {
                automaton, states, ..
            } => {
                let state = states[state as usize].state;
                match self.automata.get(*automaton)?.next(state, byte)? {
                    Some(next) => self.full_or(reader, next, place),
                    None => Ok(DEAD),
                }
            }
            Reader::Users(users) => Ok(users.next(state, byte).unwrap_or(DEAD)),
            Reader::Servers(servers) => Ok(match (state, place) {
                (WAITING, Place::Server(_)) => servers.start().unwrap_or(DEAD),
                (WAITING, _) => WAITING,
                (state, _) => servers.next(state, byte).unwrap_or(DEAD),
            }),
        }
    }

    /// The number of a pattern's state, or [`FULL`] if every text that may follow matches.
    fn full_or(&mut self, reader: usize, state: State, place: Place) -> Result<u32, Undecided> {
        /// A state that matches all has few after it; of others it is not asked for long.
        const MOST: usize = 48;
        let Reader::Pattern {
            automaton, index, ..
        } = &self.all[reader]
        else {
            unreachable!("lists of users have no such states");
        };
        let automaton = *automaton;
        if let Some(number) = index.get(&state) {
            return Ok(*number);
        }
        if matches!(place, Place::Missing(_) | Place::After(_)) {
            return Ok(self.number(reader, state));
        }
        // All texts that can follow a whole character: where the server is known, no `:` comes before it.
        let mut seen = vec![(state, Place::Localpart)];
        let mut is_full = true;
        let mut at = 0;
        'walk: while let Some(&(state, place)) = seen.get(at) {
            at += 1;
            if place == Place::Localpart {
                let automaton = self.automata.get(automaton)?;
                let accepts = match &self.tail {
                    Some(tail) => automaton.accepts_after(state, tail)?,
                    None => automaton.accepts(state)?,
                };
                if !accepts {
                    is_full = false;
                    break;
                }
            }
            for class in &self.classes {
                let byte = class[0];
                let next_place = match (place, byte) {
                    (Place::Localpart, b':') if self.tail.is_none() => Place::Localpart,
                    (Place::Localpart, b':') => continue,
                    _ => match place.next(byte) {
                        Some(next) => next,
                        None => continue,
                    },
                };
                let Some(next) = self.automata.get(automaton)?.next(state, byte)? else {
                    is_full = false;
                    break 'walk;
                };
                if !seen.contains(&(next, next_place)) {
                    if seen.len() == MOST {
                        is_full = false;
                        break 'walk;
                    }
                    seen.push((next, next_place));
                }
            }
        }
        if is_full {
            let Reader::Pattern { index, .. } = &mut self.all[reader] else {
                unreachable!("it was a pattern above");
            };
            index.insert(state, FULL);
            return Ok(FULL);
        }
        Ok(self.number(reader, state))
    }

    fn number(&mut self, reader: usize, state: State) -> u32 {
        let Reader::Pattern { states, index, .. } = &mut self.all[reader] else {
            unreachable!("only patterns have states to number");
        };
        *index.entry(state).or_insert_with(|| {
            states.push(Known {
                state,
                accepts: None,
            });
            states.len() as u32 - 1
        })
    }

    /// Which readers hold the text that ends here, or `None` if its server is one of those that are left out.
    pub fn accept(&mut self, states: &[u32]) -> Result<Option<Vec<bool>>, Undecided> {
        let mut accepted = Vec::with_capacity(states.len());
        for (reader, state) in states.iter().enumerate() {
            let accepts = self.accepts(reader, *state)?;
            if accepts && matches!(self.all[reader], Reader::Servers(_)) {
                return Ok(None);
            }
            accepted.push(accepts);
        }
        Ok(Some(accepted))
    }

    fn accepts(&mut self, reader: usize, state: u32) -> Result<bool, Undecided> {
        match (state, &mut self.all[reader]) {
            (DEAD | WAITING, _) => Ok(false),
            (FULL, _) => Ok(true),
            (
                state,
                Reader::Pattern {
                    automaton, states, ..
                },
            ) => {
                let known = &mut states[state as usize];
                if let Some(accepts) = known.accepts {
                    return Ok(accepts);
                }
                let automaton = self.automata.get(*automaton)?;
                let accepts = match &self.tail {
                    Some(tail) => automaton.accepts_after(known.state, tail)?,
                    None => automaton.accepts(known.state)?,
                };
                known.accepts = Some(accepts);
                Ok(accepts)
            }
            (state, Reader::Users(users)) => {
                Ok(users.accepts_after(state, self.tail.as_deref().unwrap_or_default()))
            }
            (state, Reader::Servers(servers)) => Ok(servers.accepts_after(state, &[])),
        }
    }

    /// The bytes to go on with: of each class the best, and those with which a listed user goes on.
    pub fn candidates(&self, states: &[u32], bytes: &mut Vec<u8>) {
        bytes.clear();
        for (reader, state) in self.all.iter().zip(states) {
            if *state < WAITING
                && let Reader::Users(texts) | Reader::Servers(texts) = reader
            {
                texts.next_bytes(*state, bytes);
            }
        }
        bytes.sort_unstable();
        bytes.dedup();
        let listed = bytes.len();
        for class in &self.classes {
            let best = (class.iter()).find(|byte| bytes[..listed].binary_search(byte).is_err());
            bytes.extend(best);
        }
        // Of equal texts the first is found: one that nobody was thinking of.
        bytes.rotate_left(listed);
    }

    /// Names the pattern that most of the states belong to.
    pub(crate) fn blame(&mut self, error: Undecided) -> Undecided {
        let Undecided::Budget { budget, .. } = error else {
            return error;
        };
        let most = (self.all.iter()).filter_map(|reader| match reader {
            Reader::Pattern {
                automaton, states, ..
            } => Some((states.len(), *automaton)),
            _ => None,
        });
        let most = most.max_by_key(|(states, _)| *states);
        Undecided::Budget {
            budget,
            pattern: most
                .map(|(_, automaton)| self.automata.pattern(automaton).as_str().to_owned()),
        }
    }
}

/// The bytes by what the grammar and all patterns tell apart.
fn joint_classes(automata: &mut Automata, readers: &[Reader]) -> Result<Vec<Vec<u8>>, Undecided> {
    let mut joint: [u32; 256] = classes().map(u32::from);
    for reader in readers {
        let Reader::Pattern { automaton, .. } = reader else {
            continue;
        };
        let of_pattern = automata.get(*automaton)?.classes();
        let mut numbers: HashMap<(u32, u8), u32, RandomState> = HashMap::default();
        for (byte, class) in (0..=u8::MAX).zip(&mut joint) {
            let next = numbers.len() as u32;
            *class = *numbers
                .entry((*class, of_pattern.get(byte)))
                .or_insert(next);
        }
    }
    let mut bytes: Vec<u8> = (0..=u8::MAX).collect();
    bytes.sort_by_key(|byte| (Place::Localpart.cost(b'a', *byte), *byte));
    let mut classes: Vec<Vec<u8>> = Vec::new();
    let mut places: HashMap<u32, usize, RandomState> = HashMap::default();
    for byte in bytes {
        let place = *places.entry(joint[usize::from(byte)]).or_insert_with(|| {
            classes.push(Vec::new());
            classes.len() - 1
        });
        classes[place].push(byte);
    }
    Ok(classes)
}
