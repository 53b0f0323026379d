//! Printing: a value goes in, text, source or a number comes out, as `render_value_in_context`
//! prints it.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use template::Out;

use super::{PyHost, text};
use crate::filters::write_date;
use crate::value::{Digits, Kind, Value, small_integer};

/// Longer decimals print in exponent notation, which is Django's business.
const MOST_DIGITS: usize = 100;

impl<'p, 'py> PyHost<'p, 'py> {
    pub(super) fn print(&self, value: Value<'py>, out: &mut Out<'_>) -> PyResult<()> {
        match value {
            Value::Text(text, true) => out.source(&text),
            Value::Text(text, false) => self.plain(&text, out),
            Value::Int(number) => self.integer(number, out)?,
            Value::Bool(flag) => out.text(if flag { "True" } else { "False" }),
            Value::Object(object) => self.print_object(&object, out)?,
        }
        Ok(())
    }

    /// Prints a borrowed object of a plain type, if Python does not run before it was read.
    #[inline]
    pub(super) fn print_plain(
        &self,
        object: &Bound<'py, PyAny>,
        out: &mut Out<'_>,
    ) -> PyResult<bool> {
        let class = object.get_type_ptr();
        if class == &raw mut ffi::PyUnicode_Type {
            let Ok(text) = object.cast_exact::<PyString>()?.to_str() else { return Ok(false) };
            self.plain(text, out);
        } else if class == &raw mut ffi::PyLong_Type {
            let Some(number) = small_integer(object) else { return Ok(false) };
            self.integer(number, out)?;
        } else if class == &raw mut ffi::PyFloat_Type {
            let mut digits = Digits::new();
            let Some(digits) = digits.of(object) else { return Ok(false) };
            self.number(digits, out)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn print_object(&self, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        match Kind::of(object, self.django) {
            Kind::Str => self.plain(&text(object)?, out),
            Kind::SafeString => out.source(&text(object)?),
            Kind::Int => match small_integer(object) {
                Some(number) => self.integer(number, out)?,
                None => {
                    let digits = object.str()?;
                    self.number(digits.to_str()?, out)?;
                }
            },
            Kind::Bool | Kind::None => out.text(object.str()?.to_str()?),
            Kind::Float => match Digits::new().of(object) {
                Some(digits) => self.number(digits, out)?,
                None => self.print_by_django(object, out)?,
            },
            Kind::Decimal => {
                let digits = object.str()?;
                let digits = digits.to_str()?;
                let is_plain = |byte: u8| byte.is_ascii_digit() || b"-.".contains(&byte);
                if digits.len() <= MOST_DIGITS && digits.bytes().all(is_plain) {
                    self.number(digits, out)?;
                } else {
                    self.print_by_django(object, out)?;
                }
            }
            Kind::DateTime => self.date("DATETIME_FORMAT", object, out)?,
            Kind::Date => self.date("DATE_FORMAT", object, out)?,
            Kind::Time => self.date("TIME_FORMAT", object, out)?,
            _ => self.print_by_django(object, out)?,
        }
        Ok(())
    }

    /// Prints text that nobody called safe.
    fn plain(&self, text: &str, out: &mut Out<'_>) {
        if self.autoescape {
            out.text(text);
        } else {
            out.source(text);
        }
    }

    #[inline]
    fn integer(&self, number: i64, out: &mut Out<'_>) -> PyResult<()> {
        if self.locale.prints_like_python()? {
            out.int(number);
            return Ok(());
        }
        match self.locale.printed_numbers()? {
            Some(numbers) if !numbers.is_plain() => {
                self.plain(&numbers.write(&number.to_string(), None, false), out);
            }
            _ => out.int(number),
        }
        Ok(())
    }

    #[inline]
    fn number(&self, digits: &str, out: &mut Out<'_>) -> PyResult<()> {
        if self.locale.prints_like_python()? {
            self.plain(digits, out);
            return Ok(());
        }
        match self.locale.printed_numbers()? {
            Some(numbers) => self.plain(&numbers.write(digits, None, false), out),
            None => self.plain(digits, out),
        }
        Ok(())
    }

    fn date(&self, format: &str, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        if let Some(local) = self.locale.local(object)? {
            let format = self.locale.format(format, self.locale.is_localized()?)?;
            if let Some(text) = write_date(&local, &format, false, &self.locale, self.django)? {
                self.plain(&text, out);
                return Ok(());
            }
        }
        self.print_by_django(object, out)
    }

    fn print_by_django(&self, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        let render = self.django.render_value_in_context.bind(self.py);
        out.source(&text(&render.call1((object, self.context()?))?)?);
        Ok(())
    }
}
