//! `{% blocktranslate %}`: a text with values in it, translated.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{PyHost, Result};
use crate::program::Block;
use crate::value::Value;

impl<'p, 'py> PyHost<'p, 'py> {
    /// A translation that has no place for the values makes Django start again without translations.
    pub(super) fn translated(&mut self, block: &'p Block) -> Result<Value<'py>> {
        if let Some(text) = self.attempt_translation(block, false)? {
            return Ok(Value::Object(text));
        }
        let without = block.without.bind(self.py).call0()?;
        without.call_method0(intern!(self.py, "__enter__"))?;
        self.doubt();
        let text = self.attempt_translation(block, true);
        let none = self.py.None();
        without.call_method1(intern!(self.py, "__exit__"), (&none, &none, &none))?;
        self.doubt();
        Ok(match text? {
            Some(text) => Value::Object(text),
            None => self.invalid(),
        })
    }

    fn attempt_translation(
        &mut self,
        block: &'p Block,
        is_second: bool,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        let mut message_context = self.py.None().into_bound(self.py);
        if let Some(expression) = &block.message_context {
            let value = self.expression(expression, false)?;
            message_context = self.object(value)?;
        }
        self.bind_all(&block.bindings, None)?;
        let text = self.text_of(block, is_second, message_context);
        // What fails the second time fails after Django has popped its names.
        if text.is_err() && !is_second {
            self.leave_behind(block.left.as_ref())?;
        }
        text
    }

    fn text_of(
        &mut self,
        block: &'p Block,
        is_second: bool,
        message_context: Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        let mut count = self.py.None().into_bound(self.py);
        if let Some((slot, expression)) = &block.count {
            // It may have a value from another time.
            self.slots[*slot] = None;
            let value = self.expression(expression, false)?;
            count = self.object(value)?;
            self.slots[*slot] = Some(count.clone());
        }
        let mut values = Vec::with_capacity(block.names.len());
        for name in &block.names {
            values.push(match self.raw(name)? {
                Some(value) => value,
                None => self.object(self.invalid())?,
            });
        }
        let values = PyTuple::new(self.py, values)?;
        let arguments = (self.context()?, is_second, message_context, count, values);
        let text = block.function.bind(self.py).call1(arguments)?;
        Ok((!text.is_none()).then_some(text))
    }
}
