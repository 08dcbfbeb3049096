//! From updates to what Python gets: sets that recipients share, or lists.

use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyMapping, PySet, PyString, PyTuple};

use crate::engine::{Follow, Update};
use crate::error::RulesError;
use crate::parcels::Deliveries;
use crate::rules::RuleSet;

/// Updates that were given, with what is read of them. Python code runs while they are read, so no lock is held then.
struct Given<'py> {
    objects: Vec<Bound<'py, PyAny>>,
    senders: Vec<Bound<'py, PyString>>,
    /// State and `currently_active` of each, if the rules need them.
    conditions: Vec<(Bound<'py, PyString>, Option<bool>)>,
}

/// How a field of an update is read.
type Field<'py> =
    fn(&Bound<'py, PyAny>, &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>>;

fn attribute<'py>(
    update: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    update.getattr(name).map(Some)
}

/// A field of a mapping, or an attribute.
fn field<'py>(
    update: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match update.cast::<PyMapping>() {
        Ok(update) if update.contains(name)? => update.get_item(name).map(Some),
        Ok(_) => Ok(None),
        Err(_) => update.getattr_opt(name),
    }
}

fn text<'py>(
    update: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    field: Field<'py>,
) -> PyResult<Bound<'py, PyString>> {
    let Some(value) = field(update, name)? else {
        return Err(PyValueError::new_err(format!("an update has no `{name}`")));
    };
    value
        .cast_into()
        .map_err(|_| PyTypeError::new_err(format!("the `{name}` of an update is not text")))
}

/// What is done with an update that cannot be read.
#[derive(Clone, Copy, PartialEq)]
enum Unusable {
    Raises,
    IsLeftOut,
}

/// Reads updates, each field once. If an unusable one raises, only what matters to whom they go is read.
fn read<'py>(
    rules: &RuleSet,
    updates: &Bound<'py, PyAny>,
    field: Field<'py>,
    unusable: Unusable,
    left_out: &mut LeftOut,
) -> PyResult<Given<'py>> {
    let py = updates.py();
    let needs_states = rules.engine.needs_states();
    let count = updates.len().unwrap_or(0);
    let mut given = Given {
        objects: Vec::with_capacity(count),
        senders: Vec::with_capacity(count),
        conditions: Vec::with_capacity(if needs_states { count } else { 0 }),
    };
    let read_one = |object: &Bound<'py, PyAny>| -> PyResult<_> {
        let sender = text(object, intern!(py, "user_id"), field)?;
        if !needs_states && unusable == Unusable::Raises {
            return Ok((sender, None));
        }
        let state = text(object, intern!(py, "state"), field)?;
        let name = intern!(py, "currently_active");
        let active = if needs_states {
            field(object, name)?
        } else {
            object.getattr_opt(name)?
        };
        if unusable == Unusable::IsLeftOut {
            can_be_sent(name, active.as_ref())?;
            for name in [intern!(py, "last_active_ts"), intern!(py, "status_msg")] {
                can_be_sent(name, object.getattr_opt(name)?.as_ref())?;
            }
        }
        if !needs_states {
            return Ok((sender, None));
        }
        let active = active.and_then(|active| active.extract::<bool>().ok());
        Ok((sender, Some((state, active))))
    };
    for object in updates.try_iter()? {
        let object = object?;
        match read_one(&object) {
            Ok((sender, condition)) => {
                given.senders.push(sender);
                given.conditions.extend(condition);
                given.objects.push(object);
            }
            Err(error) if unusable == Unusable::IsLeftOut => {
                left_out.add(py, error, || object.getattr(intern!(py, "user_id")).ok())?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(given)
}

/// Whether Synapse can write a field as JSON, as it does for the whole sync at once, with each field that is beside the
/// sender and the state: a number of any length comes from a remote server, and Python writes none of more than 4,300
/// digits, nor an infinite one.
fn can_be_sent<'py>(
    name: &Bound<'py, PyString>,
    value: Option<&Bound<'py, PyAny>>,
) -> PyResult<()> {
    let Some(value) = value else {
        return Ok(());
    };
    let is_bounded = if value.is_instance_of::<PyInt>() {
        value.extract::<i64>().is_ok()
    } else if let Ok(number) = value.cast::<PyFloat>() {
        number.value().is_finite()
    } else {
        true
    };
    if is_bounded {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "the `{name}` of a state is no number that can be sent"
    )))
}

/// States that cannot be used.
#[derive(Default)]
struct LeftOut {
    count: usize,
    /// What is wrong with the first of them.
    fault: Option<String>,
}

impl LeftOut {
    /// One more. Whatever is no `Exception`, such as an interrupt, is not about the state, and goes on.
    fn add<'py>(
        &mut self,
        py: Python<'py>,
        error: PyErr,
        sender: impl FnOnce() -> Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        self.count += 1;
        if self.fault.is_none() {
            let sender = sender().and_then(|sender| sender.extract::<String>().ok());
            let fault: String = error.to_string().chars().take(MOST_OF_A_FAULT).collect();
            self.fault = Some(match sender {
                // Who sent it chose its ID. As a literal, it is one line.
                Some(sender) => format!("{sender:?}: {fault:?}"),
                None => format!("{fault:?}"),
            });
        }
        Ok(())
    }
}

/// How many characters of a fault are told.
const MOST_OF_A_FAULT: usize = 200;

fn deliver<R>(
    rules: &RuleSet,
    given: &Given<'_>,
    how: Follow,
    name: impl Fn(&str) -> R,
) -> PyResult<Deliveries<R>> {
    // A text that UTF-8 cannot say is not a user ID, and no state that a rule could name.
    let updates = given.senders.iter().enumerate().map(|(number, sender)| {
        let condition = given.conditions.get(number);
        Update {
            sender: sender.to_str().unwrap_or_default(),
            state: condition.map_or("", |(state, _)| state.to_str().unwrap_or_default()),
            currently_active: condition.and_then(|(_, active)| *active),
        }
    });
    let updates: Vec<_> = updates.collect();
    let known = rules.homeserver.as_ref().map(Py::get);
    let deliveries = rules.engine.lock().deliver(&updates, known, how, name);
    Ok(deliveries.map_err(RulesError::from)?)
}

/// What delivering states has counted.
#[pyclass(frozen, get_all, module = "presence_router")]
pub struct Delivered {
    /// States that were routed.
    states: usize,
    /// Pairs of a state and a recipient.
    deliveries: usize,
    /// States that cannot be read or hashed, and are left out.
    unusable: usize,
    /// What is wrong with the first of those.
    fault: Option<String>,
}

/// What recipients get.
struct Parcel<'py> {
    states: Bound<'py, PySet>,
    /// The method of the set that adds another one. Looking it up takes longer than calling it.
    update: Bound<'py, PyAny>,
}

impl<'py> Parcel<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let states = PySet::empty(py)?;
        let update = states.getattr(intern!(py, "update"))?;
        Ok(Self { states, update })
    }
}

/// Adds states to a set. Those that Python cannot hash are left out.
fn add_states(
    given: &Given<'_>,
    numbers: &[u32],
    to: &Bound<'_, PySet>,
    left_out: &mut LeftOut,
) -> PyResult<()> {
    for number in numbers {
        if let Err(error) = to.add(&given.objects[*number as usize]) {
            let sender = &given.senders[*number as usize];
            left_out.add(to.py(), error, || Some(sender.clone().into_any()))?;
        }
    }
    Ok(())
}

/// For each recipient the set of states that it gets, or for `only` one of them.
pub fn sets<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    states: &Bound<'py, PyAny>,
    only: Option<&Bound<'py, PyString>>,
) -> PyResult<(Bound<'py, PyDict>, Delivered)> {
    let mut left_out = LeftOut::default();
    let given = read(rules, states, attribute, Unusable::IsLeftOut, &mut left_out)?;
    let (answer, deliveries) = match only {
        Some(only) => set_of_one(rules, py, &given, only, &mut left_out)?,
        None => sets_of_all(rules, py, &given, &mut left_out)?,
    };
    let delivered = Delivered {
        states: given.objects.len(),
        deliveries,
        unusable: left_out.count,
        fault: left_out.fault,
    };
    Ok((answer, delivered))
}

fn set_of_one<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    given: &Given<'py>,
    only: &Bound<'py, PyString>,
    left_out: &mut LeftOut,
) -> PyResult<(Bound<'py, PyDict>, usize)> {
    let states = PySet::empty(py)?;
    let user = only.to_str().unwrap_or_default();
    let deliveries = deliver(rules, given, Follow::InPassing, |recipient| {
        recipient == user
    })?;
    let is_it = |(is_it, _): &&(bool, u32)| *is_it;
    if let Some((_, parcel)) = deliveries.recipients.iter().find(is_it) {
        for (numbers, holders) in deliveries.groups() {
            if holders.contains(parcel) {
                add_states(given, numbers, &states, left_out)?;
            }
        }
    }
    let answer = PyDict::new(py);
    answer.set_item(only, &states)?;
    Ok((answer, states.len()))
}

fn sets_of_all<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    given: &Given<'py>,
    left_out: &mut LeftOut,
) -> PyResult<(Bound<'py, PyDict>, usize)> {
    // A text is made without running any code of Python's.
    let deliveries = deliver(rules, given, Follow::InPassing, |user| {
        PyString::new(py, user)
    })?;
    let parcels = (0..deliveries.parcel_count).map(|_| Parcel::new(py));
    let parcels = parcels.collect::<PyResult<Vec<_>>>()?;
    // Adding a state hashes it, which is slow; adding a set that has it does not. So each state is hashed once.
    let group = PySet::empty(py)?;
    let just_group = PyTuple::new(py, [&group])?;
    for (states, holders) in deliveries.groups() {
        let first = match holders {
            [] => continue,
            [only] => &parcels[*only as usize].states,
            _ => &group,
        };
        add_states(given, states, first, left_out)?;
        if holders.len() > 1 {
            for parcel in holders {
                parcels[*parcel as usize].update.call1(&just_group)?;
            }
            group.clear();
        }
    }
    let answer = PyDict::new(py);
    let mut count = 0;
    for (recipient, parcel) in &deliveries.recipients {
        let states = &parcels[*parcel as usize].states;
        // All that it would get may have been left out.
        if !states.is_empty() {
            count += states.len();
            answer.set_item(recipient, states)?;
        }
    }
    Ok((answer, count))
}

/// For each recipient the list of updates that it gets, in their order.
pub fn lists<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    updates: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut none = LeftOut::default();
    let given = read(rules, updates, field, Unusable::Raises, &mut none)?;
    let repeated = repeated(py, &given)?;
    let deliveries = deliver(rules, &given, Follow::All, |user| PyString::new(py, user))?;
    let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); deliveries.parcel_count];
    for (updates, parcels) in deliveries.groups() {
        let once = || updates.iter().filter(|number| !repeated[**number as usize]);
        for parcel in parcels {
            numbers[*parcel as usize].extend(once());
        }
    }
    for numbers in &mut numbers {
        numbers.sort_unstable();
    }
    let answer = PyDict::new(py);
    for (recipient, parcel) in &deliveries.recipients {
        let numbers = numbers[*parcel as usize].iter();
        let updates = numbers.map(|number| &given.objects[*number as usize]);
        answer.set_item(recipient, PyList::new(py, updates.collect::<Vec<_>>())?)?;
    }
    Ok(answer)
}

/// Which updates are equal to an earlier one. Equal updates have equal senders.
fn repeated<'py>(py: Python<'py>, given: &Given<'py>) -> PyResult<Vec<bool>> {
    let by_sender = PyDict::new(py);
    let mut repeated = Vec::with_capacity(given.objects.len());
    for (update, sender) in given.objects.iter().zip(&given.senders) {
        let earlier = if let Some(earlier) = by_sender.get_item(sender)? {
            earlier.cast_into::<PyList>()?
        } else {
            let earlier = PyList::empty(py);
            by_sender.set_item(sender, &earlier)?;
            earlier
        };
        let is_repeated = earlier.contains(update)?;
        if !is_repeated {
            earlier.append(update)?;
        }
        repeated.push(is_repeated);
    }
    Ok(repeated)
}
