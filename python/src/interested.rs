//! Whose presence a user may see. Synapse asks at nearly every sync, so large answers are kept: one set for all users who
//! see the same, to which those are added who become known later.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use foldhash::fast::RandomState;
use presence_router::router::{Progress, Router, Scratch, Since, UserIndex, View, Viewed};
use presence_router::user_id::UserId;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PySet, PyString};

use crate::engine::Follow;
use crate::error::RulesError;
use crate::let_go::let_go;
use crate::rules::RuleSet;

/// The word for everyone, as Synapse has it.
const ALL: &str = "ALL";

/// Answers with fewer users are made as quickly as they are found.
const FEWEST_KEPT: usize = 32;

/// How many users the answers have that are kept, all together: 20 different ones of 200,000 users, and more. A user takes
/// 30 to 60 bytes in each.
const MOST_KEPT: usize = 5_000_000;

/// Large answers.
#[derive(Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    answers: HashMap<Key, Answer, RandomState>,
    /// How many users these have, all together, and some more for what each takes beside them.
    size: usize,
    /// How often somebody asked.
    asked: u64,
    /// The user IDs in them, by number, so that each is one text, however many sets it is in.
    names: Vec<Option<Py<PyString>>>,
}

/// For whom an answer is kept.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    /// All users of whom the same lists are made.
    View(View),
    /// One alone, since templates tell much of what it may see.
    User(Box<str>),
}

struct Answer {
    users: Py<PySet>,
    size: usize,
    /// What was read of the view.
    progress: Progress,
    /// Of the answer of one user: the view that is a part of it, and how far the rest was asked for.
    own: Option<(View, Since)>,
    /// How many changes of the known users had been followed.
    followed: usize,
    /// When somebody last asked for it, and who.
    asked: u64,
    asker: Box<str>,
}

/// How many answers are made anew for another rule set before anybody asks.
const MOST_MADE: usize = 200;

/// How many users are put into a set before others get Python's lock.
const PORTION: usize = 5_000;

impl Answers {
    /// Somebody for each answer to whom it was given, the last ones first.
    fn askers(&self) -> Vec<Box<str>> {
        let kept = self.lock();
        let mut askers: Vec<_> = (kept.answers.values())
            .map(|answer| (answer.asked, answer.asker.clone()))
            .collect();
        askers.sort_unstable_by_key(|(asked, _)| std::cmp::Reverse(*asked));
        let askers = askers.into_iter().map(|(_, asker)| asker);
        askers.take(MOST_MADE).collect()
    }

    /// Held over no code of Python's: texts can be made, and put into sets that are there, without running any.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let kept = std::mem::take(self.0.get_mut().unwrap_or_else(PoisonError::into_inner));
        let_go(kept.answers.into_values());
        let mut names = kept.names;
        let_go(std::iter::from_fn(move || {
            let some = names.split_off(names.len().saturating_sub(PORTION));
            (!some.is_empty()).then_some(some)
        }));
    }
}

impl Kept {
    /// Keeps an answer. What it takes the place of goes to `outdated`, to be let go of when no lock is held.
    fn keep(&mut self, key: Key, answer: Answer, outdated: &mut Vec<Answer>) {
        self.size += answer.size;
        if let Some(before) = self.answers.get(&key) {
            self.size -= before.size;
            let is_same = before.users.is(&answer.users);
            let before = self.answers.insert(key, answer);
            outdated.extend(before.filter(|_| !is_same));
        } else {
            self.answers.insert(key, answer);
        }
        if self.size <= MOST_KEPT {
            return;
        }
        // Those whom nobody asked for lately go, many at a time, so that this is rare. The last one stays.
        let answers = self.answers.values();
        let mut sizes: Vec<_> = answers.map(|answer| (answer.asked, answer.size)).collect();
        sizes.sort_unstable();
        sizes.pop();
        let mut until = 0;
        for (asked, size) in sizes {
            if self.size <= MOST_KEPT / 4 * 3 {
                break;
            }
            until = asked;
            self.size -= size;
        }
        let old = self.answers.extract_if(|_, answer| answer.asked <= until);
        outdated.extend(old.map(|(_, answer)| answer));
    }

    /// Puts users into a set.
    fn put(
        &mut self,
        users: &[UserIndex],
        (router, scratch): (&Router, &Scratch),
        set: &Bound<'_, PySet>,
    ) -> PyResult<()> {
        let py = set.py();
        let count = router.user_count();
        let new = |user| PyString::new(py, router.user(user, scratch));
        for user in users {
            let number = user.0 as usize;
            if number >= count {
                set.add(new(*user))?;
                continue;
            }
            if number >= self.names.len() {
                self.names.resize_with(count, || None);
            }
            let name = self.names[number].get_or_insert_with(|| new(*user).unbind());
            set.add(name.bind(py))?;
        }
        Ok(())
    }
}

/// What is found out under the locks.
enum Found<'py> {
    All,
    Users(Bound<'py, PySet>),
    /// The users of a set that others see as well, and those of another one; and for what the sum is to be kept.
    Both(Bound<'py, PySet>, Bound<'py, PySet>, Key, Answer),
    /// A part of them.
    Some,
}

/// Whose presence a user may see: a set of user IDs that may be given out again, or the word for everyone.
pub fn interested<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    user: &str,
    how: Follow,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match found(rules, py, user, how, usize::MAX)? {
        Found::All => PyString::intern(py, ALL).into_any(),
        Found::Users(users) => users.into_any(),
        Found::Both(shared, own, key, answer) => {
            let users = PySet::new(py, &shared)?;
            users.call_method1(intern!(py, "update"), (&own,))?;
            let answer = Answer {
                size: users.len() + FEWEST_KEPT,
                users: users.clone().unbind(),
                ..answer
            };
            let mut outdated = Vec::new();
            rules.answers.lock().keep(key, answer, &mut outdated);
            let_go(outdated.into_iter());
            users.into_any()
        }
        Found::Some => unreachable!("all were asked for"),
    })
}

/// Makes the large answers that others rules gave, a part at a time, so that whoever asks finds them.
pub fn make(rules: &RuleSet, py: Python<'_>, old: &RuleSet) -> PyResult<()> {
    for asker in old.answers.askers() {
        while let Found::Some = found(rules, py, &asker, Follow::InPassing, PORTION)? {
            // Whoever waits for Python's lock gets it now.
            py.detach(thread::yield_now);
        }
    }
    Ok(())
}

fn found<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    user: &str,
    how: Follow,
    most: usize,
) -> PyResult<Found<'py>> {
    // Making sets may run code of Python's, which nothing under a lock may.
    let empty = [PySet::empty(py)?, PySet::empty(py)?];
    let mut outdated = Vec::new();
    let found = find(rules, (user, how, most), empty, &mut outdated);
    let_go(outdated.into_iter());
    found
}

fn find<'py>(
    rules: &RuleSet,
    (user, how, most): (&str, Follow, usize),
    [new, own_users]: [Bound<'py, PySet>; 2],
    outdated: &mut Vec<Answer>,
) -> PyResult<Found<'py>> {
    let py = new.py();
    let Ok(id) = UserId::parse(user) else {
        return Ok(Found::Users(new));
    };
    let mut state = rules.engine.lock();
    if let Some(known) = rules.homeserver.as_ref().map(Py::get) {
        // Whoever asks is there.
        known.meet(user);
        state.follow(known, how);
        state.follow_one(known, id);
    }
    let followed = state.followed();
    let (router, scratch) = state.router_and_scratch();
    let kept = &mut *rules.answers.lock();
    kept.asked += 1;
    let asked = kept.asked;
    let of_user = Key::User(user.into());
    if let Some(answer) = kept.answers.get_mut(&of_user)
        && answer.followed == followed
    {
        answer.asked = asked;
        return Ok(Found::Users(answer.users.bind(py).clone()));
    }
    let before = kept.answers.get(&of_user);
    let (told, since) = before.and_then(|answer| answer.own.clone()).unzip();
    let viewed = router.view(id, since.unwrap_or_default(), scratch);
    let shares = match viewed.map_err(RulesError::from)? {
        Viewed::All(_) => return Ok(Found::All),
        Viewed::Users(shares) => shares,
    };
    let goes_on = !shares.is_anew && told.as_ref() == Some(&shares.view);
    let (own, looks) = (shares.own.to_vec(), shares.since.looks());
    let of_own = Some((shares.view.clone(), shares.since));
    let answer = |users: &Bound<'py, PySet>, progress, own| Answer {
        users: users.clone().unbind(),
        size: users.len() + FEWEST_KEPT,
        progress,
        own,
        followed,
        asked,
        asker: user.into(),
    };
    let view = Key::View(shares.view);
    // What is remembered of what is not kept is nothing.
    let before = kept.answers.get(if goes_on { &of_user } else { &view });
    let (mut progress, before) = match before {
        Some(answer) => (answer.progress.clone(), Some(answer.users.bind(py).clone())),
        None => (Progress::default(), None),
    };
    let Key::View(lists) = &view else {
        unreachable!("it was made just now");
    };
    let mut seen = Vec::new();
    let read = router.seen(lists, &mut progress, most, &mut seen);
    let users = before.filter(|_| !read.is_anew).unwrap_or(new);
    kept.put(&seen, (router, scratch), &users)?;
    if goes_on {
        kept.put(&own, (router, scratch), &users)?;
        kept.keep(of_user, answer(&users, progress, of_own), outdated);
        return Ok(if read.is_whole {
            Found::Users(users)
        } else {
            Found::Some
        });
    }
    if users.len() >= FEWEST_KEPT || !read.is_whole {
        kept.keep(view, answer(&users, progress.clone(), None), outdated);
        if !read.is_whole {
            return Ok(Found::Some);
        }
        if own.is_empty() && !looks {
            return Ok(Found::Users(users));
        }
        kept.put(&own, (router, scratch), &own_users)?;
        let answer = answer(&own_users, progress, of_own);
        return Ok(Found::Both(users, own_users, of_user, answer));
    }
    kept.put(&own, (router, scratch), &users)?;
    if users.len() >= FEWEST_KEPT || looks {
        kept.keep(of_user, answer(&users, progress, of_own), outdated);
    }
    Ok(Found::Users(users))
}
