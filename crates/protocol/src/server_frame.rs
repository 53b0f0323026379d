//! What Django says: welcome, mount, update, ack, push, error, pong.

use alloc::vec::Vec;

use crate::{Definition, ErrorKind, Reader, Result, TemplateId, write};

/// A message from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFrame<'a> {
    /// Answers the hello.
    Welcome {
        /// The protocol version that the server speaks.
        version: u32,
        /// Milliseconds between two pings of the page.
        heartbeat: u32,
    },
    /// A full tree.
    Mount(Mount<'a>),
    /// What changed.
    Update(Update<'a>),
    /// Events are handled, and nothing visible changed.
    Ack {
        /// The live view.
        root: u32,
        /// The highest event id that is handled.
        ack: u32,
    },
    /// An event for the page's own scripts.
    Push {
        /// The live view.
        root: u32,
        /// The name of the event.
        name: &'a str,
        /// One MessagePack value.
        payload: &'a [u8],
    },
    /// An event failed; the state of the view is as before it.
    Error {
        /// The live view.
        root: u32,
        /// The event that failed, or zero.
        event: u32,
        /// A word for programs.
        code: &'a str,
        /// A sentence for people.
        message: &'a str,
    },
    /// Answers a ping.
    Pong,
}

/// A full tree of a live view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount<'a> {
    /// The live view.
    pub root: u32,
    /// Grows by one with each mount or update frame of the root.
    pub seq: u32,
    /// The highest event id that the tree includes.
    pub ack: u32,
    /// The handler list (an encoded array), or nothing when it is unchanged.
    pub handlers: Option<&'a [u8]>,
    /// Templates that the page does not have yet.
    pub definitions: Vec<Definition>,
    /// The template of the tree.
    pub template: TemplateId,
    /// The encoded fragment.
    pub fragment: &'a [u8],
}

/// A change of a live view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<'a> {
    /// The live view.
    pub root: u32,
    /// As in [`Mount`].
    pub seq: u32,
    /// As in [`Mount`].
    pub ack: u32,
    /// Templates that the page does not have yet.
    pub definitions: Vec<Definition>,
    /// The encoded delta of the root's template.
    pub delta: &'a [u8],
}

/// One entry of the handler list.
#[derive(Clone, Copy, Debug)]
pub struct HandlerEntry<'a> {
    /// The name that templates use.
    pub name: &'a str,
    options: Option<Reader<'a>>,
}

impl<'a> HandlerEntry<'a> {
    /// A reader at the value of an option, by its code (`docs/protocol.md`, "Server to client").
    #[must_use]
    pub fn option(&self, code: u32) -> Option<Reader<'a>> {
        let mut reader = self.options?;
        for _ in 0..reader.map_len().ok()? {
            if reader.uint().ok()? == code {
                return Some(reader);
            }
            reader.skip().ok()?;
        }
        None
    }
}

/// Reads a handler list.
///
/// # Errors
/// As [`Reader`].
pub fn read_handlers(bytes: &[u8]) -> Result<Vec<HandlerEntry<'_>>> {
    let mut reader = Reader::new(bytes);
    let mut handlers = Vec::new();
    for _ in 0..reader.array_len()? {
        if reader.array_len()? != 2 {
            return reader.error(ErrorKind::Mismatch);
        }
        let name = reader.str()?;
        let options = (!reader.nil()).then_some(reader);
        if options.is_some() {
            reader.skip()?;
        }
        handlers.push(HandlerEntry { name, options });
    }
    Ok(handlers)
}

impl<'a> ServerFrame<'a> {
    /// Reads a whole message. The tree of a mount or update frame stays encoded.
    ///
    /// # Errors
    /// Any [`ErrorKind`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let kind = reader.uint()?;
        let frame = match kind {
            0 => Self::Welcome { version: reader.uint()?, heartbeat: reader.uint()? },
            1 | 2 => return Self::tree(kind, reader),
            3 => Self::Ack { root: reader.uint()?, ack: reader.uint()? },
            4 => {
                let (root, name) = (reader.uint()?, reader.str()?);
                let payload = reader.rest();
                reader.skip()?;
                Self::Push { root, name, payload }
            }
            5 => Self::Error {
                root: reader.uint()?,
                event: reader.uint()?,
                code: reader.str()?,
                message: reader.str()?,
            },
            6 => Self::Pong,
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
            Self::Welcome { version, heartbeat } => {
                write::uint(out, 0);
                write::uint(out, u64::from(*version));
                write::uint(out, u64::from(*heartbeat));
            }
            Self::Mount(mount) => {
                write::uint(out, 1);
                numbers(out, [mount.root, mount.seq, mount.ack]);
                match mount.handlers {
                    Some(handlers) => out.extend_from_slice(handlers),
                    None => write::nil(out),
                }
                definitions(out, &mount.definitions);
                write::uint(out, u64::from(mount.template.0));
                out.extend_from_slice(mount.fragment);
            }
            Self::Update(update) => {
                write::uint(out, 2);
                numbers(out, [update.root, update.seq, update.ack]);
                definitions(out, &update.definitions);
                out.extend_from_slice(update.delta);
            }
            Self::Ack { root, ack } => {
                write::uint(out, 3);
                write::uint(out, u64::from(*root));
                write::uint(out, u64::from(*ack));
            }
            Self::Push { root, name, payload } => {
                write::uint(out, 4);
                write::uint(out, u64::from(*root));
                write::str(out, name);
                out.extend_from_slice(payload);
            }
            Self::Error { root, event, code, message } => {
                write::uint(out, 5);
                write::uint(out, u64::from(*root));
                write::uint(out, u64::from(*event));
                write::str(out, code);
                write::str(out, message);
            }
            Self::Pong => write::uint(out, 6),
        }
    }

    fn tree(kind: u32, mut reader: Reader<'a>) -> Result<Self> {
        let (root, seq, ack) = (reader.uint()?, reader.uint()?, reader.uint()?);
        let mut handlers = None;
        if kind == 1 && !reader.nil() {
            let start = reader.position();
            reader.skip()?;
            handlers = Some(reader.span(start, reader.position()));
        }
        let mut definitions = Vec::new();
        for _ in 0..reader.uint()? {
            definitions.push(Definition::read(&mut reader)?);
        }
        Ok(if kind == 1 {
            let template = TemplateId(reader.uint()?);
            Self::Mount(Mount {
                root,
                seq,
                ack,
                handlers,
                definitions,
                template,
                fragment: reader.rest(),
            })
        } else {
            Self::Update(Update { root, seq, ack, definitions, delta: reader.rest() })
        })
    }
}

fn numbers(out: &mut Vec<u8>, numbers: [u32; 3]) {
    for number in numbers {
        write::uint(out, u64::from(number));
    }
}

fn definitions(out: &mut Vec<u8>, definitions: &[Definition]) {
    write::uint(out, definitions.len() as u64);
    for definition in definitions {
        write::definition(out, definition);
    }
}
