//! Mutations and effects go in, numbers in linear memory come out: js/ops.js reads them with one
//! crossing a frame.
//!
//! Words follow each other: the code of an operation, then its operands (see [`op`]). Values stay
//! where they are, as they travelled: their word is their place among those of the engine. So a
//! short text costs no more than its characters, and a long one is decoded once. What is not among
//! them, the texts of effects, stands in a section of bytes:
//!
//! | operand | words |
//! |---|---|
//! | value, values | place in the engine's store |
//! | text | place in the byte section, of an encoded string |
//! | bytes | place in the byte section, length |

use alloc::vec::Vec;

use protocol::{TemplateId, write};
use vdom::{NodeId, WriteMutations};

use crate::{Effect, Effects, Millis, Refused};

/// The codes of the operations; js/ops.js has them in this order, js/page.js from 16 on.
pub mod op {
    /// Template, bytes.
    pub const DEFINE: u32 = 0;
    /// Template, before, count, then base and values of each.
    pub const CREATE: u32 = 1;
    /// Template, base, values.
    pub const ADOPT: u32 = 2;
    /// Count.
    pub const CHILDREN: u32 = 3;
    /// Template, base, node, then the value of each hole.
    pub const SET: u32 = 4;
    /// Template, base, before.
    pub const MOVE: u32 = 5;
    /// Template, base.
    pub const REMOVE: u32 = 6;
    /// First, anchor.
    pub const CLEAR: u32 = 7;
    /// Base, count.
    pub const RELEASE: u32 = 8;
    /// Root.
    pub const ROOT: u32 = 9;
    /// Change.
    pub const FREE: u32 = 10;
    /// Node, place, length.
    pub const APPEND: u32 = 11;
    /// Node, value.
    pub const TEXT: u32 = 12;
    /// Change.
    pub const REVERT: u32 = 13;
    /// Nothing.
    pub const PAUSE: u32 = 14;
    /// Nothing.
    pub const CONNECT: u32 = 16;
    /// Bytes.
    pub const SEND: u32 = 17;
    /// Nothing.
    pub const CLOSE: u32 = 18;
    /// Timer, milliseconds.
    pub const SET_TIMER: u32 = 19;
    /// Timer.
    pub const CLEAR_TIMER: u32 = 20;
    /// Nothing.
    pub const FRAME: u32 = 21;
    /// State.
    pub const STATE: u32 = 22;
    /// Text, text, event.
    pub const ERROR: u32 = 23;
    /// Root, text, bytes.
    pub const PUSH: u32 = 24;
    /// Count, texts.
    pub const UNCONFIRMED: u32 = 25;
    /// Nothing.
    pub const RELOAD: u32 = 26;
    /// Reason.
    pub const REFUSED: u32 = 27;
    /// Root, element, text, whether it begins.
    pub const BUSY: u32 = 28;
    /// Text, bytes, depth, whether other tabs get it.
    pub const PUBLISH: u32 = 29;
    /// Nothing.
    pub const LISTS: u32 = 30;
    /// Element.
    pub const CHECK: u32 = 31;
    /// Root, text, reason.
    pub const ROLLBACK: u32 = 32;
    /// Number, whether it is sent.
    pub const OPEN: u32 = 33;
    /// Highest number.
    pub const OPENED: u32 = 34;
    /// Bytes.
    pub const HANDLERS: u32 = 35;
    /// Fault.
    pub const FAULT: u32 = 36;
    /// Part.
    pub const AGAIN: u32 = 37;
}

/// The instructions of one input.
#[derive(Debug, Default)]
pub struct Packed {
    words: Vec<u32>,
    bytes: Vec<u8>,
    /// Where the count of the last `CREATE` stands, if it is the last operation.
    count: usize,
    /// Where the last `PAUSE` stands.
    paused: usize,
}

/// Words between two pauses: about as many as the browser carries out in half a millisecond.
const LOT: usize = 256;

/// What JavaScript reads first: address and length of the words, address of the byte section, address
/// of the engine's store.
pub type Header = [u32; 4];

impl Packed {
    /// Forgets the last input, and keeps its memory for the next one.
    pub fn begin(&mut self) {
        // A large frame does not hold its memory for ever.
        if self.words.capacity() > 1 << 16 {
            self.shrink();
        }
        self.words.clear();
        self.bytes.clear();
        self.count = 0;
        self.paused = 0;
    }

    /// Where the sections are; `values` is the engine's store. They stay there until the next call
    /// that changes anything.
    #[must_use]
    pub fn header(&self, values: &[u8]) -> Header {
        let address = |bytes: &[u8]| bytes.as_ptr() as usize as u32;
        let words = self.words.as_ptr() as usize as u32;
        [words, self.words.len() as u32, address(&self.bytes), address(values)]
    }

    #[inline(never)]
    fn op(&mut self, words: &[u32]) {
        self.count = 0;
        self.words.extend_from_slice(words);
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.op(&[self.bytes.len() as u32, bytes.len() as u32]);
        self.bytes.extend_from_slice(bytes);
    }

    #[inline(never)]
    fn text(&mut self, text: &[u8]) {
        self.op(&[self.bytes.len() as u32]);
        write::text(&mut self.bytes, text);
    }
}

impl WriteMutations for Packed {
    fn define(&mut self, template: TemplateId, definition: &[u8]) {
        self.op(&[op::DEFINE, template.0]);
        self.bytes(definition);
    }

    fn create(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        // Instances of one template that stand side by side are one operation.
        let start = self.count.wrapping_sub(2);
        if let Some([last, place, count, ..]) = self.words.get_mut(start..)
            && (*last, *place) == (template.0, before.0)
        {
            *count += 1;
        } else {
            self.op(&[op::CREATE, template.0, before.0, 1]);
            self.count = self.words.len() - 1;
        }
        self.words.push(base.0);
    }

    fn adopt(&mut self, template: TemplateId, base: NodeId) {
        self.op(&[op::ADOPT, template.0, base.0]);
    }

    fn adopt_children(&mut self, count: u32) {
        self.op(&[op::CHILDREN, count]);
    }

    fn set(&mut self, template: TemplateId, base: NodeId, node: u32) {
        self.op(&[op::SET, template.0, base.0, node]);
    }

    fn set_text(&mut self, node: NodeId) {
        self.op(&[op::TEXT, node.0]);
    }

    fn append(&mut self, node: NodeId, place: u32, tail: &[u8]) {
        self.op(&[op::APPEND, node.0, place, tail.len() as u32]);
    }

    fn values(&mut self, place: u32, _: &[u8]) {
        self.words.push(place);
    }

    fn move_before(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        self.op(&[op::MOVE, template.0, base.0, before.0]);
    }

    fn remove(&mut self, template: TemplateId, base: NodeId) {
        self.op(&[op::REMOVE, template.0, base.0]);
    }

    fn clear(&mut self, first: NodeId, anchor: NodeId) {
        self.op(&[op::CLEAR, first.0, anchor.0]);
    }

    fn pause(&mut self) {
        if self.words.len() > self.paused + LOT {
            self.op(&[op::PAUSE]);
            self.paused = self.words.len();
        }
    }

    fn release(&mut self, base: NodeId, count: u32) {
        self.op(&[op::RELEASE, base.0, count]);
    }
}

impl Effects for Packed {
    #[inline(always)]
    fn emit(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Root(root) => self.op(&[op::ROOT, root]),
            Effect::Release(change) => self.op(&[op::FREE, change]),
            Effect::Revert(change) => self.op(&[op::REVERT, change]),
            Effect::Rollback { root, handler, reason } => {
                self.op(&[op::ROLLBACK, root]);
                self.text(handler);
                self.op(&[reason as u32]);
            }
            Effect::Connect => self.op(&[op::CONNECT]),
            Effect::Send(bytes) => {
                self.op(&[op::SEND]);
                self.bytes(bytes);
            }
            Effect::Close => self.op(&[op::CLOSE]),
            Effect::SetTimer(timer, wait) => {
                let most = Millis::from(i32::MAX as u32);
                self.op(&[op::SET_TIMER, timer as u32, wait.min(most) as u32]);
            }
            Effect::ClearTimer(timer) => self.op(&[op::CLEAR_TIMER, timer as u32]),
            Effect::Frame => self.op(&[op::FRAME]),
            Effect::State(state) => self.op(&[op::STATE, state as u32]),
            Effect::Fault(fault) => self.op(&[op::FAULT, fault as u32]),
            Effect::Error { code, message, event } => {
                self.op(&[op::ERROR]);
                self.text(code);
                self.text(message);
                self.op(&[event]);
            }
            Effect::Push { root, name, payload } => {
                self.op(&[op::PUSH, root]);
                self.text(name);
                self.bytes(payload);
            }
            Effect::Unconfirmed(events) => {
                self.op(&[op::UNCONFIRMED, events.len() as u32]);
                for event in events {
                    self.text(&event.handler);
                }
            }
            Effect::Busy { root, element, handler, on } => {
                self.op(&[op::BUSY, root, element]);
                self.text(handler);
                self.op(&[u32::from(on)]);
            }
            Effect::Publish { key, value, depth, tabs } => {
                self.op(&[op::PUBLISH]);
                self.text(key);
                self.bytes(value);
                self.op(&[depth, u32::from(tabs)]);
            }
            Effect::Open(number, is_sent) => self.op(&[op::OPEN, number, u32::from(is_sent)]),
            Effect::Opened(last) => self.op(&[op::OPENED, last]),
            Effect::Handlers(list) => {
                self.op(&[op::HANDLERS]);
                self.bytes(list);
            }
            Effect::Lists => self.op(&[op::LISTS]),
            Effect::Again(part) => self.op(&[op::AGAIN, part as u32]),
            Effect::Check(element) => self.op(&[op::CHECK, element]),
            Effect::Reload => self.op(&[op::RELOAD]),
            Effect::Refused(refused) => {
                let reason = match refused {
                    Refused::Gap => 0,
                    Refused::Waits => 1,
                    Refused::Bad(kind) => 2 + kind as u32,
                };
                self.op(&[op::REFUSED, reason]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_side_by_side_are_one_operation() {
        let mut packed = Packed::default();
        let mut create = |template, base, before| {
            packed.create(TemplateId(template), NodeId(base), NodeId(before));
            packed.values(base * 10, &[]);
        };
        create(3, 1, 9);
        create(3, 5, 9);
        create(3, 7, 8);
        create(4, 6, 8);
        packed.remove(TemplateId(4), NodeId(6));
        packed.create(TemplateId(4), NodeId(6), NodeId(8));
        let [first, second, third] =
            [[1, 3, 9, 2, 1, 10], [5, 50, 1, 3, 8, 1], [7, 70, 1, 4, 8, 1]];
        let rest = [6, 60, 6, 4, 6, 1, 4, 8, 1, 6];
        assert_eq!(packed.words, [&first[..], &second, &third, &rest].concat());
    }

    #[test]
    fn texts_of_effects_stand_in_the_byte_section() {
        let mut packed = Packed::default();
        packed.emit(Effect::Push { root: 2, name: b"saved", payload: &[0xc0] });
        packed.emit(Effect::Error { code: b"a", message: b"b", event: 7 });
        assert_eq!(packed.words, [op::PUSH, 2, 0, 6, 1, op::ERROR, 7, 9, 7]);
        assert_eq!(packed.bytes, b"\xa5saved\xc0\xa1a\xa1b");
    }
}
