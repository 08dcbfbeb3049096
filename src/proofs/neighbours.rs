//! Which sets of a list may share users with a set? In a long list, nearly all are told apart by what their patterns
//! start and end with, and are never looked at.
//!
//! Each set is taken down to its patterns and lists. Say these are four sets of a list, and their places:
//!
//! ```text
//! 0: @dept1-*:x   1: @dept12-*:x   2: [@dept2-*:x, @ann:x]   3: everyone of x but @dept1-*:x
//! ```
//!
//! 1. Their *starts* in order: `@` (of 3), `@ann:x`, `@dept1-`, `@dept12-`, `@dept2-`. What is excluded plays no part: it
//!    only takes users away.
//! 2. Who may share users with `@dept1-x*:x`? An ID that starts with `@dept1-x` starts with all that this text starts
//!    with, so a start of the list has to be one of these (`@` and `@dept1-`, which are looked up), or to go on from it
//!    (a range in the order, here an empty one). So sets 3 and 0 are neighbours.
//! 3. The same is done with the *ends*, from the back. They are all `:x` here, so all four would be neighbours. Both
//!    answers are right, and the one with fewer neighbours is taken.
//! 4. From patterns and lists, the way leads *up* to the sets that they are parts of, and to the places of these. A group
//!    that many sets contain is there once.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::sets::{Set, SetId, Sets};

/// Sets by what their users start and end with.
#[derive(Debug, Default)]
pub struct Neighbours {
    starts: Texts,
    ends: Texts,
    /// The sets that a set is a part of.
    above: HashMap<SetId, Vec<SetId>, RandomState>,
    places: HashMap<SetId, Vec<usize>, RandomState>,
    /// How many places there are.
    all: usize,
}

/// In lists of up to so many sets, each is a neighbour of each.
const FEW: usize = 4;

/// The neighbours of a set, not looked up yet.
#[derive(Debug)]
pub struct Found<'n> {
    of: &'n Neighbours,
    ranges: Vec<(&'n Texts, Range<usize>)>,
    /// How many places there are at most.
    pub count: usize,
}

impl Neighbours {
    /// These sets, whose places are those in their order.
    pub fn new(listed: impl Iterator<Item = SetId>, sets: &mut Sets) -> Self {
        let mut neighbours = Self::default();
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for (at, set) in listed.enumerate() {
            neighbours.all += 1;
            neighbours.places.entry(set).or_default().push(at);
        }
        if neighbours.all <= FEW {
            return neighbours;
        }
        let mut open: Vec<SetId> = neighbours.places.keys().copied().collect();
        // In the order of the sets, so that each run does the same.
        open.sort_unstable();
        let mut seen: HashSet<SetId, RandomState> = open.iter().copied().collect();
        while let Some(set) = open.pop() {
            for part in parts(sets, set) {
                neighbours.above.entry(part).or_default().push(set);
                if seen.insert(part) {
                    open.push(part);
                }
            }
            for (start, end) in texts(sets, set) {
                starts.push((start, set));
                ends.push((end, set));
            }
        }
        let mut weights = HashMap::default();
        for (_, set) in &starts {
            neighbours.weigh(*set, &mut weights);
        }
        neighbours.starts = Texts::new(starts, false, &weights);
        neighbours.ends = Texts::new(ends, true, &weights);
        neighbours
    }

    /// How many places are found by a set, those that are found in two ways twice.
    fn weigh(&self, set: SetId, known: &mut HashMap<SetId, usize, RandomState>) -> usize {
        if let Some(weight) = known.get(&set) {
            return *weight;
        }
        let mut weight = self.places.get(&set).map_or(0, Vec::len);
        for above in self.above.get(&set).into_iter().flatten() {
            weight += self.weigh(*above, known);
        }
        // There are no more than all.
        weight = weight.min(self.all);
        known.insert(set, weight);
        weight
    }

    /// Those that may share users with a set.
    pub fn of(&self, set: SetId, sets: &mut Sets) -> Found<'_> {
        self.of_few(set, sets, usize::MAX)
            .expect("no set has so many parts")
    }

    /// The same, if it takes no more than to look at so many patterns, users and sets.
    fn of_few(&self, set: SetId, sets: &mut Sets, most: usize) -> Option<Found<'_>> {
        let mut found = self.nobody();
        if self.all <= FEW {
            return Some(found);
        }
        let mut left = most;
        let (mut open, mut seen) = (vec![set], HashSet::<_, RandomState>::default());
        while let Some(set) = open.pop() {
            if seen.insert(set) {
                left = left.checked_sub(size(sets, set))?;
                open.extend(parts(sets, set));
                for (start, end) in texts(sets, set) {
                    found.add(&start, &end);
                }
            }
        }
        Some(found)
    }

    /// Those that may hold a user.
    pub fn of_user(&self, user: &str) -> Found<'_> {
        let mut found = self.nobody();
        if self.all > FEW {
            found.add(user, user);
        }
        found
    }

    /// Of two sides of products, the neighbours on the one that has fewer.
    pub(super) fn fewer<'n>(sides: [(&'n Self, SetId); 2], sets: &mut Sets) -> Found<'n> {
        let mut most = 64_usize;
        loop {
            let [one, other] = sides.map(|(side, set)| side.of_few(set, sets, most));
            match (one, other) {
                (Some(one), Some(other)) => {
                    return if one.count <= other.count { one } else { other };
                }
                // To look further at the other side would take longer than it can gain.
                (Some(found), None) | (None, Some(found)) if found.count <= most => return found,
                _ => most = most.saturating_mul(4),
            }
        }
    }

    fn nobody(&self) -> Found<'_> {
        Found {
            of: self,
            ranges: Vec::new(),
            count: if self.all <= FEW { self.all } else { 0 },
        }
    }
}

impl Found<'_> {
    /// Adds those whose users can start and end so.
    fn add(&mut self, start: &str, end: &str) {
        let sides = [(&self.of.starts, start), (&self.of.ends, end)];
        let ranges = sides.map(|(texts, text)| {
            let ranges = texts.fitting(text);
            let count: usize = ranges.iter().map(|range| texts.weight(range)).sum();
            (count, texts, ranges)
        });
        let [by_start, by_end] = ranges;
        let (count, texts, ranges) = if by_start.0 <= by_end.0 {
            by_start
        } else {
            by_end
        };
        self.count += count;
        self.ranges
            .extend(ranges.into_iter().map(|range| (texts, range)));
    }

    /// Their places, in order.
    pub fn places(&self) -> Vec<usize> {
        if self.of.all <= FEW {
            return (0..self.of.all).collect();
        }
        let mut seen: HashSet<SetId, RandomState> = HashSet::default();
        let mut open = Vec::new();
        for (texts, range) in &self.ranges {
            open.extend(texts.all[range.clone()].iter().map(|(_, set)| *set));
        }
        let mut places = Vec::new();
        while let Some(set) = open.pop() {
            if seen.insert(set) {
                places.extend(self.of.places.get(&set).into_iter().flatten());
                open.extend(self.of.above.get(&set).into_iter().flatten());
            }
        }
        places.sort_unstable();
        places
    }
}

/// The sets, one of which holds each user of a set; none of a pattern and of a list.
fn parts(sets: &mut Sets, set: SetId) -> Vec<SetId> {
    match sets.get(set) {
        Set::Union(parts) => parts.to_vec(),
        Set::Difference(include, _) => vec![*include],
        &Set::Intersection(one, other) => {
            // All of its users are in both, and so the one that tells more suffices.
            let is_first = sets.bounds(one).told >= sets.bounds(other).told;
            vec![if is_first { one } else { other }]
        }
        Set::Nobody | Set::Everyone | Set::Pattern(_) | Set::Users(_) => Vec::new(),
    }
}

/// How much there is to look at in a set, its parts aside.
fn size(sets: &Sets, set: SetId) -> usize {
    match sets.get(set) {
        Set::Users(users) => users.len(),
        Set::Union(parts) => parts.len(),
        _ => 1,
    }
}

/// What users of a pattern start and end with; of a list, each of its users.
fn texts(sets: &mut Sets, set: SetId) -> Vec<(Rc<str>, Rc<str>)> {
    match sets.get(set) {
        Set::Users(users) => (users.iter().cloned())
            .map(|user| (user.clone(), user))
            .collect(),
        Set::Pattern(_) | Set::Everyone => {
            let bounds = sets.bounds(set);
            vec![(bounds.prefix, bounds.suffix)]
        }
        _ => Vec::new(),
    }
}

/// Texts in order, each with the set that it is of.
#[derive(Debug, Default)]
struct Texts {
    all: Vec<(Rc<str>, SetId)>,
    /// Whether texts are read from the back.
    are_ends: bool,
    /// The lengths of the texts.
    lengths: BTreeSet<usize>,
    /// How many places are found by the texts before each, together.
    weights: Vec<usize>,
}

impl Texts {
    fn new(
        mut all: Vec<(Rc<str>, SetId)>,
        are_ends: bool,
        weights: &HashMap<SetId, usize, RandomState>,
    ) -> Self {
        let lengths = all.iter().map(|(text, _)| text.len()).collect();
        if are_ends {
            all.sort_unstable_by(|(one, _), (other, _)| one.bytes().rev().cmp(other.bytes().rev()));
        } else {
            all.sort_unstable();
        }
        let mut before = 0;
        let each = all.iter().map(|(_, set)| {
            before += weights[set];
            before
        });
        Self {
            weights: std::iter::once(0).chain(each).collect(),
            all,
            are_ends,
            lengths,
        }
    }

    /// How many places are found by a range.
    fn weight(&self, range: &Range<usize>) -> usize {
        self.weights[range.end] - self.weights[range.start]
    }

    /// The texts that this one goes on from, and those that go on from it.
    fn fitting(&self, text: &str) -> Vec<Range<usize>> {
        let mut fitting = Vec::new();
        // Those that start with more of the text are among those that start with less, so what these share is compared once.
        let (mut range, mut shared) = (0..self.all.len(), 0);
        for length in self.lengths.range(..text.len()) {
            range = self.starting_with(text, shared..*length, range);
            shared = *length;
            if range.is_empty() {
                return fitting;
            }
            // Those that are no longer come first.
            let same = self.all[range.clone()].partition_point(|(text, _)| text.len() == shared);
            if same > 0 {
                fitting.push(range.start..range.start + same);
                range.start += same;
            }
        }
        range = self.starting_with(text, shared..text.len(), range);
        if !range.is_empty() {
            fitting.push(range);
        }
        fitting
    }

    /// Of texts in a range, those that have these bytes of a text in the same place. They share all bytes before.
    fn starting_with(&self, text: &str, bytes: Range<usize>, range: Range<usize>) -> Range<usize> {
        let part = |text: &str| {
            let (start, end) = (bytes.start.min(text.len()), bytes.end.min(text.len()));
            if self.are_ends {
                text.len() - end..text.len() - start
            } else {
                start..end
            }
        };
        let text = &text.as_bytes()[part(text)];
        let compare = |other: &str| {
            let other = &other.as_bytes()[part(other)];
            if self.are_ends {
                other.iter().rev().cmp(text.iter().rev())
            } else {
                other.cmp(text)
            }
        };
        let all = &self.all[range.clone()];
        let before = all.partition_point(|(other, _)| compare(other) == Ordering::Less);
        let start = range.start + before;
        let same = all[before..].partition_point(|(other, _)| compare(other) == Ordering::Equal);
        start..start + same
    }
}
