//! What Django says: welcome, mount, update, ack, push, error, pong. What a mount or update frame
//! shows stays encoded here: `crates/vdom` reads it.

use alloc::vec::Vec;

use crate::{ErrorKind, Reader, Result, Scan, write};

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
    /// A full tree (the mount frame) or what changed (the update frame).
    Tree(Tree<'a>),
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
        /// The name of the event, as text.
        name: &'a [u8],
        /// One MessagePack value.
        payload: &'a [u8],
    },
    /// An event failed; the state of the view is as before it.
    Error {
        /// The live view.
        root: u32,
        /// The event that failed, or zero.
        event: u32,
        /// A word for programs, as text.
        code: &'a [u8],
        /// A sentence for people, as text.
        message: &'a [u8],
    },
    /// Answers a ping.
    Pong,
}

/// A full tree of a live view, or its change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree<'a> {
    /// Whether it is a full tree.
    pub full: bool,
    /// The live view.
    pub root: u32,
    /// Grows by one with each mount or update frame of the root.
    pub seq: u32,
    /// The highest event id that the tree includes.
    pub ack: u32,
    /// The handler list (an encoded array) of a mount frame, or nothing when it is unchanged.
    pub handlers: Option<&'a [u8]>,
    /// The definitions, encoded, then the template and the fragment of a full tree, or the delta.
    pub body: &'a [u8],
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
    /// Reads a whole message. The body of a mount or update frame stays encoded.
    ///
    /// # Errors
    /// Any [`ErrorKind`].
    #[inline(always)]
    pub fn decode(bytes: &'a [u8]) -> Result<Self> {
        let mut scan = Scan::new(bytes);
        let frame = match scan.uint() {
            0 => Self::Welcome { version: scan.uint(), heartbeat: scan.uint() },
            kind @ (1 | 2) => {
                let (root, seq, ack) = (scan.uint(), scan.uint(), scan.uint());
                let mut handlers = None;
                if kind == 1 && !scan.nil() {
                    handlers = Some(scan.value());
                }
                let body = scan.rest();
                scan.result()?;
                return Ok(Self::Tree(Tree { full: kind == 1, root, seq, ack, handlers, body }));
            }
            3 => Self::Ack { root: scan.uint(), ack: scan.uint() },
            4 => Self::Push { root: scan.uint(), name: scan.str(), payload: scan.value() },
            5 => Self::Error {
                root: scan.uint(),
                event: scan.uint(),
                code: scan.str(),
                message: scan.str(),
            },
            6 => Self::Pong,
            _ => {
                scan.fail(ErrorKind::UnknownFrame);
                Self::Pong
            }
        };
        scan.finish()?;
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
            Self::Tree(tree) => {
                write::uint(out, if tree.full { 1 } else { 2 });
                for number in [tree.root, tree.seq, tree.ack] {
                    write::uint(out, u64::from(number));
                }
                match tree.handlers {
                    Some(handlers) => out.extend_from_slice(handlers),
                    None if tree.full => write::nil(out),
                    None => {}
                }
                out.extend_from_slice(tree.body);
            }
            Self::Ack { root, ack } => {
                write::uint(out, 3);
                write::uint(out, u64::from(*root));
                write::uint(out, u64::from(*ack));
            }
            Self::Push { root, name, payload } => {
                write::uint(out, 4);
                write::uint(out, u64::from(*root));
                write::text(out, name);
                out.extend_from_slice(payload);
            }
            Self::Error { root, event, code, message } => {
                write::uint(out, 5);
                write::uint(out, u64::from(*root));
                write::uint(out, u64::from(*event));
                write::text(out, code);
                write::text(out, message);
            }
            Self::Pong => write::uint(out, 6),
        }
    }
}
