//! From updates to what Python gets: sets that recipients share, or lists.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PySet, PyString, PyTuple};

use crate::engine::{About, Deliveries, Update};
use crate::rules::RuleSet;

/// An update that was given, with what is read of it. Python code runs while it is read, so no lock is held then.
struct Given<'py> {
    object: Bound<'py, PyAny>,
    sender: Bound<'py, PyString>,
    about: Option<About>,
    condition: Option<(Bound<'py, PyString>, Option<bool>)>,
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
) -> PyResult<Vec<Given<'py>>> {
    let py = updates.py();
    let mut given = Vec::with_capacity(updates.len().unwrap_or(0));
    for object in updates.try_iter()? {
        let object = object?;
        let sender = text(&object, intern!(py, "user_id"), field)?;
        given.push(Given {
            object,
            sender,
            about: None,
            condition: None,
        });
    }
    {
        let known = rules.known.as_ref().map(Py::get);
        let mut state = rules.engine.lock();
        known.inspect(|known| state.follow(known));
        state.trim();
        for update in &mut given {
            // A text that UTF-8 cannot say is no user ID.
            let sender = update.sender.to_str().unwrap_or_default();
            update.about = state
                .about(sender, known)
                .map_err(|error| PyValueError::new_err(error.to_string()))?;
        }
    }
    for update in &mut given {
        if update.about.is_some_and(|about| about.needs_state) {
            let state = text(&update.object, intern!(py, "state"), field)?;
            let active = field(&update.object, intern!(py, "currently_active"))?;
            let active = active.and_then(|active| active.extract::<bool>().ok());
            update.condition = Some((state, active));
        }
    }
    Ok(given)
}

fn deliver<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    given: &[Given<'py>],
) -> PyResult<Deliveries<Bound<'py, PyString>>> {
    let updates = (0..).zip(given).filter_map(|(number, given)| {
        let (state, currently_active) = match &given.condition {
            Some((state, active)) => (state.to_str().unwrap_or_default(), *active),
            None => ("", None),
        };
        let update = Update {
            about: given.about?,
            sender: given.sender.to_str().ok()?,
            state,
            currently_active,
        };
        Some((number, update))
    });
    // A text is made without running any code of Python's.
    let name = |user: &str| PyString::new(py, user);
    (rules.engine.lock().deliver(updates, name))
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

/// For each recipient the set of states that it gets, the number of states, and that of deliveries.
pub fn sets<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    states: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, usize, usize)> {
    let given = read(rules, states, attribute)?;
    let deliveries = deliver(rules, py, &given)?;
    let mut groups: Vec<Option<Bound<'py, PySet>>> = vec![None; deliveries.groups.len()];
    let mut parcels: Vec<Option<Bound<'py, PySet>>> = vec![None; deliveries.parcel_count()];
    let answer = PyDict::new(py);
    let mut count = 0;
    for (recipient, parcel) in &deliveries.recipients {
        let set = if let Some(set) = &parcels[*parcel as usize] {
            set.clone()
        } else {
            let mut parts = Vec::new();
            let mut in_parcel = deliveries.parcel(*parcel);
            // The largest one is copied at once.
            let largest = (0..in_parcel.len())
                .max_by_key(|at| deliveries.groups[in_parcel[*at] as usize].len());
            largest.inspect(|at| in_parcel.swap(0, *at));
            for group in in_parcel {
                let group = group as usize;
                if groups[group].is_none() {
                    // This hashes each state, which is slow, once.
                    let states = deliveries.groups[group].iter();
                    let states = states.map(|number| &given[*number as usize].object);
                    groups[group] = Some(PySet::new(py, states)?);
                }
                parts.extend(groups[group].clone());
            }
            let set = together(py, parts)?;
            parcels[*parcel as usize] = Some(set.clone());
            set
        };
        count += set.len();
        answer.set_item(recipient, set)?;
    }
    Ok((answer, given.len(), count))
}

/// One set of all. Sets are put together without hashing again what is in them.
fn together<'py>(py: Python<'py>, parts: Vec<Bound<'py, PySet>>) -> PyResult<Bound<'py, PySet>> {
    if let [part] = parts.as_slice() {
        return Ok(part.clone());
    }
    let all = PySet::empty(py)?;
    all.call_method1(intern!(py, "update"), PyTuple::new(py, parts)?)?;
    Ok(all)
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
    let answer = PyDict::new(py);
    for (recipient, parcel) in &deliveries.recipients {
        let groups = deliveries.parcel(*parcel);
        let numbers = groups
            .iter()
            .flat_map(|group| &deliveries.groups[*group as usize]);
        let mut numbers: Vec<_> = numbers
            .filter(|number| !repeated[**number as usize])
            .collect();
        numbers.sort_unstable();
        let updates = numbers
            .into_iter()
            .map(|number| &given[*number as usize].object);
        answer.set_item(recipient, PyList::new(py, updates.collect::<Vec<_>>())?)?;
    }
    Ok(answer)
}

/// Which updates are equal to an earlier one. Equal updates have equal senders.
fn repeated<'py>(py: Python<'py>, given: &[Given<'py>]) -> PyResult<Vec<bool>> {
    let by_sender = PyDict::new(py);
    let mut repeated = Vec::with_capacity(given.len());
    for update in given {
        let earlier = if let Some(earlier) = by_sender.get_item(&update.sender)? {
            earlier.cast_into::<PyList>()?
        } else {
            let earlier = PyList::empty(py);
            by_sender.set_item(&update.sender, &earlier)?;
            earlier
        };
        let is_repeated = earlier.contains(&update.object)?;
        if !is_repeated {
            earlier.append(&update.object)?;
        }
        repeated.push(is_repeated);
    }
    Ok(repeated)
}
