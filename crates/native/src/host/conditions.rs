//! Conditions of `{% if %}`, by the rules of Django's `smartif`.

use std::cmp::Ordering;

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyInt;
use pyo3::{Borrowed, intern};

use super::values::is_plain;
use super::{Failure, PyHost, Result};
use crate::program::{Base, Comparison, Condition, Expression};
use crate::value::{Value, small_integer};

impl<'p, 'py> PyHost<'p, 'py> {
    pub(super) fn truth(&mut self, condition: &'p Condition) -> Result<bool> {
        Ok(match condition {
            Condition::Value(expression)
                if let Some(item) = self.bare_item(expression)
                    && is_plain(item.get_type_ptr()) =>
            {
                item.is_truthy()?
            }
            Condition::Compare(..) | Condition::Not(_) | Condition::Changed(..) => {
                match self.condition(condition)? {
                    Value::Bool(flag) => flag,
                    value => value.is_true()?,
                }
            }
            condition => {
                let value = self.condition(condition)?;
                value.is_true()?
            }
        })
    }

    /// The value of a condition. Each operator takes every exception for false; a value without
    /// an operator does not.
    pub(super) fn condition(&mut self, condition: &'p Condition) -> Result<Value<'py>> {
        let result = match condition {
            Condition::Value(expression) => return self.expression(expression, true),
            Condition::Python(node) => {
                let eval = intern!(self.py, "eval");
                return Ok(Value::Object(
                    node.bind(self.py).call_method1(eval, (self.context()?,))?,
                ));
            }
            Condition::Changed(values, remembered) => {
                return self.have_changed(values, remembered).map(Value::Bool);
            }
            Condition::Not(inner) => self.truth(inner).map(|flag| Value::Bool(!flag)),
            Condition::Or(first, second) => self.either(first, second, true),
            Condition::And(first, second) => self.either(first, second, false),
            Condition::Compare(comparison, first, second) => {
                self.compare(*comparison, first, second).map(Value::Bool)
            }
        };
        match result {
            Err(Failure::Raised(error)) if !error.is_instance_of::<PyException>(self.py) => {
                Err(Failure::Raised(error))
            }
            Err(_) => Ok(Value::Bool(false)),
            value => value,
        }
    }

    /// `or` stops at a true value, `and` at a false one; both give the value itself.
    pub(super) fn either(
        &mut self,
        first: &'p Condition,
        second: &'p Condition,
        stop: bool,
    ) -> Result<Value<'py>> {
        let value = self.condition(first)?;
        let value = match value {
            Value::Bool(flag) if flag == stop => return Ok(value),
            Value::Bool(_) => return self.condition(second),
            value => self.object(value)?,
        };
        if value.is_truthy()? == stop {
            return Ok(Value::Object(value));
        }
        self.condition(second)
    }

    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        first: &'p Condition,
        second: &'p Condition,
    ) -> Result<bool> {
        if let (Some(first), Some(second)) = (self.integer_item(first), self.integer_item(second))
            && let Some(holds) = compare_integers(comparison, first, second)
        {
            return Ok(holds);
        }
        // Django evaluates `x in y` from left to right, too.
        let (first, second) = (self.condition(first)?, self.condition(second)?);
        if let (Some(first), Some(second)) = (first.integer(), second.integer())
            && let Some(holds) = compare_integers(comparison, first, second)
        {
            return Ok(holds);
        }
        let (first, second) = (self.object(first)?, self.object(second)?);
        let operator = match comparison {
            Comparison::In => return Ok(second.contains(first)?),
            Comparison::NotIn => return Ok(!second.contains(first)?),
            Comparison::Is => return Ok(first.is(&second)),
            Comparison::IsNot => return Ok(!first.is(&second)),
            Comparison::Equal => CompareOp::Eq,
            Comparison::Unequal => CompareOp::Ne,
            Comparison::Greater => CompareOp::Gt,
            Comparison::GreaterEqual => CompareOp::Ge,
            Comparison::Less => CompareOp::Lt,
            Comparison::LessEqual => CompareOp::Le,
        };
        Ok(first.rich_compare(second, operator)?.is_truthy()?)
    }

    /// A constant number, or one that stands in a dictionary.
    fn integer_item(&self, condition: &Condition) -> Option<i64> {
        let Condition::Value(expression) = condition else { return None };
        if let Base::Integer(number) = expression.base
            && expression.filters.is_empty()
        {
            return Some(number);
        }
        let item = self.bare_item(expression)?;
        if item.is_exact_instance_of::<PyInt>() { small_integer(&item) } else { None }
    }

    #[inline]
    fn bare_item(&self, expression: &Expression) -> Option<Borrowed<'_, 'py, PyAny>> {
        if expression.filters.is_empty() { self.item(&expression.base) } else { None }
    }
}

fn compare_integers(comparison: Comparison, first: i64, second: i64) -> Option<bool> {
    let order = first.cmp(&second);
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::Unequal => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessEqual => order != Ordering::Greater,
        _ => return None,
    })
}
