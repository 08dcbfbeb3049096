//! From updates to what Python gets: sets that recipients share, or lists.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PySet, PyString, PyTuple};

use crate::engine::Update;
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

/// Reads updates, each field once, and only what matters to whom they go.
fn read<'py>(
    rules: &RuleSet,
    updates: &Bound<'py, PyAny>,
    field: Field<'py>,
) -> PyResult<Given<'py>> {
    let py = updates.py();
    let needs_states = rules.engine.needs_states();
    let count = updates.len().unwrap_or(0);
    let mut given = Given {
        objects: Vec::with_capacity(count),
        senders: Vec::with_capacity(count),
        conditions: Vec::with_capacity(if needs_states { count } else { 0 }),
    };
    for object in updates.try_iter()? {
        let object = object?;
        (given.senders).push(text(&object, intern!(py, "user_id"), field)?);
        if needs_states {
            let state = text(&object, intern!(py, "state"), field)?;
            let active = field(&object, intern!(py, "currently_active"))?;
            let active = active.and_then(|active| active.extract::<bool>().ok());
            given.conditions.push((state, active));
        }
        given.objects.push(object);
    }
    Ok(given)
}

fn deliver<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    given: &Given<'py>,
) -> PyResult<Deliveries<Bound<'py, PyString>>> {
    // A text that UTF-8 cannot say is no user ID, and no state that a rule could name.
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
    // A text is made without running any code of Python's.
    let name = |user: &str| PyString::new(py, user);
    let deliveries = rules.engine.lock().deliver(&updates, known, name);
    Ok(deliveries.map_err(RulesError::from)?)
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

/// For each recipient the set of states that it gets, the number of states, and that of deliveries.
pub fn sets<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    states: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, usize, usize)> {
    let given = read(rules, states, attribute)?;
    let deliveries = deliver(rules, py, &given)?;
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
        for number in states {
            first.add(&given.objects[*number as usize])?;
        }
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
        count += states.len();
        answer.set_item(recipient, states)?;
    }
    Ok((answer, given.objects.len(), count))
}

/// For each recipient the list of updates that it gets, in their order.
pub fn lists<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    updates: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let given = read(rules, updates, field)?;
    let repeated = repeated(py, &given)?;
    let deliveries = deliver(rules, py, &given)?;
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
