//! What a page says: hello, events, resync, ping, leave, join.

use alloc::vec::Vec;

use crate::{ErrorKind, Reader, Result, Value, limits, write};

/// A message from a page.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientFrame<'a> {
    /// Opens the conversation and names the live views of the page.
    Hello(Hello<'a>),
    /// What the user did, in order.
    Events(Vec<Event<'a>>),
    /// The page lost a frame of this root and needs a full tree.
    Resync {
        /// The root in question.
        root: u32,
    },
    /// Asks for a pong.
    Ping,
    /// The root left the page.
    Leave {
        /// The root in question.
        root: u32,
    },
    /// A live view came with a patch.
    Join {
        /// The number that the page gives it.
        root: u32,
        /// Its signed token.
        token: &'a str,
    },
}

/// The first message of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Hello<'a> {
    /// The protocol version that the page speaks.
    pub version: u32,
    /// Hashes of the templates that it has, 8 bytes each, in the order of their numbers.
    pub known: &'a [u8],
    /// Number and signed token of each live view.
    pub roots: Vec<(u32, &'a str)>,
}

/// Something the user did.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// The live view it belongs to.
    pub root: u32,
    /// Grows by one with each event of the root.
    pub id: u32,
    /// The method that is to answer.
    pub handler: Handler<'a>,
    /// A CSS selector: only what it names is to be rendered. Empty for the whole view.
    pub target: &'a str,
    /// Its named arguments.
    pub params: Vec<(&'a str, Value<'a>)>,
}

/// The method that an event names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler<'a> {
    /// Its place in the handler list of the mount frame.
    Index(u32),
    /// Its name, when the list does not hold it.
    Name(&'a str),
}

impl<'a> ClientFrame<'a> {
    /// Reads a whole message within the [`limits`].
    ///
    /// ```
    /// use protocol::ClientFrame;
    /// assert_eq!(ClientFrame::decode(&[3]), Ok(ClientFrame::Ping));
    /// ```
    ///
    /// # Errors
    /// Any [`ErrorKind`]; nothing is allocated for a message that is over the size limit.
    pub fn decode(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        if bytes.len() > limits::MESSAGE {
            return reader.error(ErrorKind::Limit);
        }
        let frame = match reader.uint()? {
            0 => Self::Hello(Self::hello(&mut reader)?),
            1 => Self::Events(Self::events(&mut reader)?),
            2 => Self::Resync { root: reader.uint()? },
            3 => Self::Ping,
            4 => Self::Leave { root: reader.uint()? },
            5 => {
                let (root, token) = Self::root(&mut reader)?;
                Self::Join { root, token }
            }
            _ => return reader.error(ErrorKind::UnknownFrame),
        };
        if !reader.is_empty() {
            return reader.error(ErrorKind::TrailingBytes);
        }
        Ok(frame)
    }

    /// Writes the message.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello(hello) => {
                write::uint(out, 0);
                write::uint(out, u64::from(hello.version));
                write::bin(out, hello.known);
                write::uint(out, hello.roots.len() as u64);
                for (root, token) in &hello.roots {
                    write::uint(out, u64::from(*root));
                    write::str(out, token);
                }
            }
            Self::Events(events) => {
                write::uint(out, 1);
                write::uint(out, events.len() as u64);
                for event in events {
                    event.encode(out);
                }
            }
            Self::Resync { root } => {
                write::uint(out, 2);
                write::uint(out, u64::from(*root));
            }
            Self::Ping => write::uint(out, 3),
            Self::Leave { root } => {
                write::uint(out, 4);
                write::uint(out, u64::from(*root));
            }
            Self::Join { root, token } => {
                write::uint(out, 5);
                write::uint(out, u64::from(*root));
                write::str(out, token);
            }
        }
    }

    fn hello(reader: &mut Reader<'a>) -> Result<Hello<'a>> {
        let version = reader.uint()?;
        let known = reader.bin()?;
        if known.len() % 8 != 0 || known.len() / 8 > limits::KNOWN {
            return reader.error(ErrorKind::Limit);
        }
        let count = reader.uint()? as usize;
        if count > limits::ROOTS {
            return reader.error(ErrorKind::Limit);
        }
        let mut roots = Vec::with_capacity(count);
        for _ in 0..count {
            let (root, token) = Self::root(reader)?;
            if roots.iter().any(|&(other, _)| other == root) {
                return reader.error(ErrorKind::Limit);
            }
            roots.push((root, token));
        }
        Ok(Hello { version, known, roots })
    }

    /// Number and token of a live view.
    fn root(reader: &mut Reader<'a>) -> Result<(u32, &'a str)> {
        let root = reader.uint()?;
        let token = reader.str()?;
        if token.len() > limits::STRING {
            return reader.error(ErrorKind::Limit);
        }
        Ok((root, token))
    }

    fn events(reader: &mut Reader<'a>) -> Result<Vec<Event<'a>>> {
        let count = reader.uint()? as usize;
        if count > limits::EVENTS {
            return reader.error(ErrorKind::Limit);
        }
        // The whole message is checked before anything of it is built.
        let mut ahead = *reader;
        let mut items = limits::ITEMS;
        for _ in 0..count {
            Event::check(&mut ahead, &mut items)?;
        }
        if !ahead.is_empty() {
            return ahead.error(ErrorKind::TrailingBytes);
        }
        (0..count).map(|_| Event::read(reader)).collect()
    }
}

impl<'a> Event<'a> {
    fn check(reader: &mut Reader<'a>, items: &mut usize) -> Result<()> {
        Self::head(reader)?;
        if { *reader }.map_len()? > limits::PARAMS {
            return reader.error(ErrorKind::Limit);
        }
        Value::check(reader, items)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        let (root, id, handler, target) = Self::head(reader)?;
        match Value::build(reader)? {
            Value::Map(params) => Ok(Self { root, id, handler, target, params }),
            _ => reader.error(ErrorKind::Mismatch),
        }
    }

    /// Reads what stands before the parameters.
    fn head(reader: &mut Reader<'a>) -> Result<(u32, u32, Handler<'a>, &'a str)> {
        let root = reader.uint()?;
        let id = reader.uint()?;
        let handler = match reader.uint() {
            Ok(index) => Handler::Index(index),
            Err(_) => Handler::Name(reader.str()?),
        };
        if matches!(handler, Handler::Name(name) if name.len() > limits::HANDLER_NAME) {
            return reader.error(ErrorKind::Limit);
        }
        // What comes next is a map, unless the event has a target.
        let target = { *reader }.str().unwrap_or_default();
        if !target.is_empty() {
            reader.str()?;
        }
        if target.len() > limits::TARGET {
            return reader.error(ErrorKind::Limit);
        }
        Ok((root, id, handler, target))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        write::uint(out, u64::from(self.root));
        write::uint(out, u64::from(self.id));
        match self.handler {
            Handler::Index(index) => write::uint(out, u64::from(index)),
            Handler::Name(name) => write::str(out, name),
        }
        if !self.target.is_empty() {
            write::str(out, self.target);
        }
        write::map_len(out, self.params.len());
        for (name, value) in &self.params {
            write::str(out, name);
            write::value(out, value);
        }
    }
}
