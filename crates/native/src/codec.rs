//! Frames for Python: bytes of a page's message become tuples, and what the server says becomes bytes.
//! Nothing is decided here; the format and its limits are the protocol crate's.

use protocol::{ClientFrame, Error, ErrorKind, Handler, ServerFrame, Value, limits, write};
use pyo3::create_exception;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

create_exception!(
    djust._native,
    ProtocolError,
    PyValueError,
    "A message breaks the protocol. Its arguments are the close code and the reason."
);

/// Adds the functions of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ProtocolError", module.py().get_type::<ProtocolError>())?;
    module.add("PROTOCOL_VERSION", protocol::VERSION)?;
    module.add("MESSAGE_LIMIT", limits::MESSAGE)?;
    module.add_function(wrap_pyfunction!(decode_client, module)?)?;
    module.add_function(wrap_pyfunction!(encode_welcome, module)?)?;
    module.add_function(wrap_pyfunction!(encode_ack, module)?)?;
    module.add_function(wrap_pyfunction!(encode_push, module)?)?;
    module.add_function(wrap_pyfunction!(encode_error, module)?)?;
    module.add_function(wrap_pyfunction!(encode_pong, module)?)?;
    module.add_function(wrap_pyfunction!(encode_handlers, module)?)
}

/// Reads a message of a page.
///
/// Returns ``("hello", version, known, [(root, token)])``,
/// ``("events", [(root, id, handler, params, target)])`` with the handler's index or name,
/// ``("resync", root)``, ``("ping",)``, ``("leave", root)`` or ``("join", root, token)``.
/// Raises ``ProtocolError(close_code, reason)``.
#[pyfunction]
fn decode_client<'py>(py: Python<'py>, message: &[u8]) -> PyResult<Bound<'py, PyTuple>> {
    match ClientFrame::decode(message).map_err(|error| refusal(message, error))? {
        ClientFrame::Hello(hello) => {
            ("hello", hello.version, PyBytes::new(py, hello.known), hello.roots).into_pyobject(py)
        }
        ClientFrame::Events(frames) => {
            let events = PyList::empty(py);
            for event in frames {
                let handler = match event.handler {
                    Handler::Index(index) => index.into_pyobject(py)?.into_any(),
                    Handler::Name(name) => PyString::new(py, name).into_any(),
                };
                let params = dict(py, event.params)?;
                events.append((event.root, event.id, handler, params, event.target))?;
            }
            ("events", events).into_pyobject(py)
        }
        ClientFrame::Resync { root } => ("resync", root).into_pyobject(py),
        ClientFrame::Ping => ("ping",).into_pyobject(py),
        ClientFrame::Leave { root } => ("leave", root).into_pyobject(py),
        ClientFrame::Join { root, token } => ("join", root, token).into_pyobject(py),
    }
}

/// The answer to a hello; `heartbeat` in milliseconds.
#[pyfunction]
fn encode_welcome<'py>(py: Python<'py>, version: u32, heartbeat: u32) -> Bound<'py, PyBytes> {
    bytes(py, &ServerFrame::Welcome { version, heartbeat })
}

/// Says that the events of a root up to `ack` are handled and nothing visible changed.
#[pyfunction]
fn encode_ack<'py>(py: Python<'py>, root: u32, ack: u32) -> Bound<'py, PyBytes> {
    bytes(py, &ServerFrame::Ack { root, ack })
}

/// An event for the page's own scripts. Raises ``TypeError`` for a payload that MessagePack lacks.
#[pyfunction]
fn encode_push<'py>(
    py: Python<'py>,
    root: u32,
    name: &str,
    payload: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut encoded = Vec::new();
    encode_value(&mut encoded, payload, limits::DEPTH)?;
    Ok(bytes(py, &ServerFrame::Push { root, name: name.as_bytes(), payload: &encoded }))
}

/// Says that an event failed; `event` is its id, or zero.
#[pyfunction]
fn encode_error<'py>(
    py: Python<'py>,
    root: u32,
    event: u32,
    code: &str,
    message: &str,
) -> Bound<'py, PyBytes> {
    let (code, message) = (code.as_bytes(), message.as_bytes());
    bytes(py, &ServerFrame::Error { root, event, code, message })
}

/// The answer to a ping.
#[pyfunction]
fn encode_pong(py: Python<'_>) -> Bound<'_, PyBytes> {
    bytes(py, &ServerFrame::Pong)
}

/// The handler list of a mount frame from ``[(name, options)]``, options being ``None`` or a dict
/// of option codes.
#[pyfunction]
fn encode_handlers<'py>(
    py: Python<'py>,
    handlers: Vec<(String, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::new();
    write::array_len(&mut out, handlers.len());
    for (name, options) in handlers {
        write::array_len(&mut out, 2);
        write::str(&mut out, &name);
        encode_value(&mut out, &options, limits::DEPTH)?;
    }
    Ok(PyBytes::new(py, &out))
}

fn bytes<'py>(py: Python<'py>, frame: &ServerFrame<'_>) -> Bound<'py, PyBytes> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    PyBytes::new(py, &out)
}

fn refusal(message: &[u8], error: Error) -> PyErr {
    let code = if message.len() > limits::MESSAGE { 1009 } else { 4400 };
    let reason = match error.kind {
        ErrorKind::Limit if code == 1009 => "the message is too big",
        kind => kind.reason(),
    };
    ProtocolError::new_err((code, format!("{reason} (byte {})", error.offset)))
}

fn dict<'py>(py: Python<'py>, entries: Vec<(&str, Value<'_>)>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in entries {
        dict.set_item(name, object(py, value)?)?;
    }
    Ok(dict)
}

fn object<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Nil => py.None().into_bound(py),
        Value::Boolean(flag) => PyBool::new(py, flag).to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::Float(number) => PyFloat::new(py, number).into_any(),
        Value::Str(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(object(py, item)?)?;
            }
            list.into_any()
        }
        Value::Map(entries) => dict(py, entries)?.into_any(),
    })
}

/// Writes a Python value. Subclasses of `str` (SafeString) travel as strings, lazy translations and
/// other objects are refused, since the page could do nothing with them.
fn encode_value(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
    if value.is_none() {
        write::nil(out);
    } else if let Ok(flag) = value.cast::<PyBool>() {
        write::boolean(out, flag.is_true());
    } else if value.is_instance_of::<PyInt>() {
        write::int(out, value.extract()?);
    } else if let Ok(number) = value.cast::<PyFloat>() {
        write::float(out, number.value());
    } else if let Ok(text) = value.cast::<PyString>() {
        write::str(out, text.to_str()?);
    } else if depth == 0 {
        return Err(PyValueError::new_err("the value is nested too deeply"));
    } else if let Ok(entries) = value.cast::<PyDict>() {
        write::map_len(out, entries.len());
        for (name, item) in entries {
            encode_value(out, &name, depth - 1)?;
            encode_value(out, &item, depth - 1)?;
        }
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        write::array_len(out, value.len()?);
        for item in value.try_iter()? {
            encode_value(out, &item?, depth - 1)?;
        }
    } else {
        return Err(PyTypeError::new_err(format!(
            "a {} cannot be sent to the page; send a str, int, float, bool, None, list or dict",
            value.get_type().name()?
        )));
    }
    Ok(())
}
