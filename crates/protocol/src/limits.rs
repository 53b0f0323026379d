//! What a server accepts from a page; each limit is checked before anything is allocated for it.
//! The numbers are part of the protocol (`docs/protocol.md`, "Limits and closing").

/// Bytes of one message.
pub const MESSAGE: usize = 65_536;
/// Levels of arrays and maps inside each other.
pub const DEPTH: usize = 64;
/// Items of all arrays and maps of one message together.
pub const ITEMS: usize = 65_536;
/// Bytes of one string.
pub const STRING: usize = 32_768;
/// Events in one frame.
pub const EVENTS: usize = 50;
/// Parameters of one event.
pub const PARAMS: usize = 100;
/// Bytes of a handler's name.
pub const HANDLER_NAME: usize = 128;
/// Bytes of the selector of an event's target.
pub const TARGET: usize = 256;
/// Template hashes in a hello frame.
pub const KNOWN: usize = 4_096;
/// Live views on one socket.
pub const ROOTS: usize = 16;
