//! Loops, by the rules of Django's `ForNode`.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use pyo3::{ffi, intern};
use template::LoopId;

use super::{Entered, Items, Pushed, PyHost, Result, Rounds};

impl<'p, 'py> PyHost<'p, 'py> {
    pub(super) fn begin_loop(&mut self, id: LoopId) -> Result<bool> {
        let lowered = &self.program.loops[id.0 as usize];
        let mut parent = None;
        if lowered.lazy.is_none() {
            let forloop = intern!(self.py, "forloop").clone().unbind();
            parent = Some(match self.name(&forloop)? {
                Some(parent) => parent,
                None => PyDict::new(self.py).into_any(),
            });
            self.context()?.call_method0(intern!(self.py, "push"))?;
        }
        let (items, length) = match self.items(id) {
            Ok(Some(items)) => items,
            Ok(None) => {
                // The body for no items runs inside the pushed context, too.
                let pushed = parent.map(|_| Pushed { forloop: None });
                let items = Items::None;
                self.entered.push(Entered::Loop { items, pushed, state: 0, id, names: false });
                return Ok(false);
            }
            Err(failure) => {
                if lowered.lazy.is_none() {
                    self.context()?.call_method0(intern!(self.py, "pop"))?;
                }
                return Err(failure);
            }
        };
        let rounds = Rounds { done: 0, length };
        let state = match &lowered.lazy {
            Some((_, number)) => {
                self.rounds[*number] = rounds;
                *number
            }
            None => {
                self.rounds.push(rounds);
                self.rounds.len() - 1
            }
        };
        let pushed = match parent {
            Some(parent) => {
                let forloop = PyDict::new(self.py);
                forloop.set_item(intern!(self.py, "parentloop"), parent)?;
                if self.django.has_loop_length {
                    forloop.set_item(intern!(self.py, "length"), length)?;
                }
                self.context()?.set_item(intern!(self.py, "forloop"), &forloop)?;
                Some(Pushed { forloop: Some(forloop) })
            }
            None => None,
        };
        self.entered.push(Entered::Loop { items, pushed, state, id, names: false });
        Ok(true)
    }

    pub(super) fn items(&mut self, id: LoopId) -> Result<Option<(Items<'py>, usize)>> {
        let lowered = &self.program.loops[id.0 as usize];
        let values = self.expression(&lowered.sequence, true)?;
        let mut values = self.object(values)?;
        if values.is_none() {
            return Ok(None);
        }
        values = self.planned_loop(&lowered.node, values)?;
        let class = values.get_type_ptr();
        let is_list = class == &raw mut ffi::PyList_Type;
        let is_tuple = class == &raw mut ffi::PyTuple_Type;
        if !is_list && !is_tuple && !values.hasattr(intern!(self.py, "__len__"))? {
            values = self.py.get_type::<PyList>().call1((values,))?;
        }
        let length = values.len()?;
        if length == 0 {
            return Ok(None);
        }
        let items = if lowered.is_reversed {
            let reversed = self.py.import("builtins")?.getattr("reversed")?;
            Items::Any(reversed.call1((values,))?.try_iter()?)
        } else if let (true, Ok(list)) = (is_list, values.cast::<PyList>()) {
            Items::List(list.clone(), 0)
        } else if let (true, Ok(tuple)) = (is_tuple, values.cast::<PyTuple>()) {
            Items::Tuple(tuple.clone(), 0)
        } else {
            Items::Any(values.try_iter()?)
        };
        Ok(Some((items, length)))
    }

    pub(super) fn next_round(&mut self, id: LoopId) -> Result<bool> {
        let lowered = &self.program.loops[id.0 as usize];
        if let Some(Entered::Loop { pushed, names, .. }) = self.entered.last_mut()
            && std::mem::take(names)
            && pushed.is_some()
        {
            self.context()?.call_method0(intern!(self.py, "pop"))?;
        }
        let Some(Entered::Loop { items, pushed, state, names: has_names, .. }) =
            self.entered.last_mut()
        else {
            return Ok(false);
        };
        let item = match items {
            Items::List(list, index) => {
                *index += 1;
                if *index > list.len() {
                    return Ok(false);
                }
                list.get_item(*index - 1)?
            }
            Items::Tuple(tuple, index) => {
                *index += 1;
                if *index > tuple.len() {
                    return Ok(false);
                }
                tuple.get_item(*index - 1)?
            }
            Items::Any(iterator) => match iterator.next() {
                Some(item) => item?,
                None => return Ok(false),
            },
            Items::None => return Ok(false),
        };
        let rounds = &mut self.rounds[*state];
        rounds.done += 1;
        let Rounds { done, length } = *rounds;
        if let Some(Pushed { forloop: Some(forloop) }) = pushed {
            let (done, length) = (done as i64, length as i64);
            forloop.set_item(intern!(self.py, "counter0"), done - 1)?;
            forloop.set_item(intern!(self.py, "counter"), done)?;
            forloop.set_item(intern!(self.py, "revcounter"), length - done + 1)?;
            forloop.set_item(intern!(self.py, "revcounter0"), length - done)?;
            forloop.set_item(intern!(self.py, "first"), done == 1)?;
            forloop.set_item(intern!(self.py, "last"), done == length)?;
        }
        if let [name] = &lowered.names[..] {
            match &lowered.lazy {
                Some((slots, _)) => self.slots[slots[0]] = Some(item),
                None => self.context()?.set_item(name, item)?,
            }
            return Ok(true);
        }
        let length = match item.len() {
            Ok(length) => length,
            Err(error) if error.is_instance_of::<PyTypeError>(self.py) => 1,
            Err(error) => return Err(error.into()),
        };
        if length != lowered.names.len() {
            return Err(PyValueError::new_err(format!(
                "Need {} values to unpack in for loop; got {length}. ",
                lowered.names.len()
            ))
            .into());
        }
        let mut values = item.try_iter()?;
        match &lowered.lazy {
            Some((slots, _)) => {
                for slot in slots {
                    self.slots[*slot] = values.next().transpose()?;
                }
                *has_names = true;
            }
            None => {
                let names = PyDict::new(self.py);
                for (name, value) in lowered.names.iter().zip(values) {
                    names.set_item(name, value?)?;
                }
                *has_names = true;
                self.context()?.call_method1(intern!(self.py, "update"), (names,))?;
            }
        }
        Ok(true)
    }

    pub(super) fn end_loop(&mut self) -> PyResult<()> {
        if let Some(Entered::Loop { pushed: Some(pushed), names, .. }) = self.entered.pop() {
            if pushed.forloop.is_some() {
                self.rounds.pop();
            }
            if names {
                self.context()?.call_method0(intern!(self.py, "pop"))?;
            }
            self.context()?.call_method0(intern!(self.py, "pop"))?;
        }
        Ok(())
    }

    /// Ends a loop that an exception passes: Django pops one scope, and that of the names comes
    /// first.
    pub(super) fn abandon_loop(&mut self) -> PyResult<()> {
        if let Some(Entered::Loop { id, names, pushed, .. }) = self.entered.last_mut() {
            let id = *id;
            if std::mem::take(names) && pushed.is_none() {
                self.leave_behind(self.program.loops[id.0 as usize].left.as_ref())?;
            }
        }
        self.end_loop()
    }
}
