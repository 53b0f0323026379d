//! Mutations and effects go in, numbers and strings in linear memory come out: js/ops.js reads
//! them with one crossing and one string decode a frame.
//!
//! Words follow each other: the code of an operation, then its operands (see [`op`]). A text is
//! one word, by its two lowest bits:
//!
//! | word | text |
//! |---|---|
//! | `end * 4` | the next piece of the ASCII section, up to `end` |
//! | `number * 4 + 1` | a signed integer of 30 bits |
//! | `end * 4 + 3` | the next piece of the other section, up to `end` in UTF-16 units |
//! | 2 | the empty text |
//! | 6 | the next word is a text that is HTML source |
//! | 14 | two more words: offset and length in the byte section |
//!
//! Why two sections: one character beyond Latin-1 makes a whole JavaScript string and all pieces
//! of it two bytes wide. Why a byte section: counting the UTF-16 units of a long text costs more
//! than decoding it on its own (docs/decisions/).

use alloc::vec::Vec;

use protocol::{Scalar, TemplateId};
use vdom::{NodeId, WriteMutations};

use crate::{Effect, Effects, Millis};

/// The codes of the operations; js/ops.js has them in this order, js/page.js from 16 on.
pub mod op {
    /// Template, bytes.
    pub const DEFINE: u32 = 0;
    /// Template, base, count, before, then the scalars of each.
    pub const CREATE: u32 = 1;
    /// Template, base, scalars.
    pub const ADOPT: u32 = 2;
    /// Count.
    pub const CHILDREN: u32 = 3;
    /// Template, base, part, then a scalar for each hole.
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
    /// Template, base, part, text.
    pub const APPEND: u32 = 11;
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
    /// Text.
    pub const REFUSED: u32 = 27;
}

const EMPTY: u32 = 2;
const HTML: u32 = 6;
const LONG: u32 = 14;

/// Texts of more bytes than this are decoded on their own.
const LONG_TEXT: usize = 1_000;

/// The instructions of one input.
#[derive(Debug, Default)]
pub struct Packed {
    words: Vec<u32>,
    ascii: Vec<u8>,
    other: Vec<u8>,
    /// Length of `other` in UTF-16 units.
    units: u32,
    bytes: Vec<u8>,
}

/// What JavaScript reads first: address and length of each section.
pub type Header = [u32; 7];

impl Packed {
    /// Forgets the last input, and keeps its memory for the next one.
    pub fn begin(&mut self) {
        // A large frame does not hold its memory for ever.
        if self.words.capacity() > 1 << 16 {
            *self = Self::default();
        }
        self.words.clear();
        self.ascii.clear();
        self.other.clear();
        self.bytes.clear();
        self.units = 0;
    }

    /// Where the sections are. They stay there until the next call that changes anything.
    #[must_use]
    pub fn header(&self) -> Header {
        [
            self.words.as_ptr() as usize as u32,
            self.words.len() as u32,
            self.ascii.as_ptr() as usize as u32,
            self.ascii.len() as u32,
            self.other.as_ptr() as usize as u32,
            self.other.len() as u32,
            self.bytes.as_ptr() as usize as u32,
        ]
    }

    fn words(&mut self, words: &[u32]) {
        self.words.extend_from_slice(words);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.words(&[self.bytes.len() as u32, bytes.len() as u32]);
        self.bytes.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &[u8]) {
        let word = if text.is_empty() {
            EMPTY
        } else if text.len() > LONG_TEXT {
            self.words(&[LONG]);
            return self.bytes(text);
        } else if text.is_ascii() {
            self.ascii.extend_from_slice(text);
            (self.ascii.len() as u32) << 2
        } else {
            self.other.extend_from_slice(text);
            // Each character has one leading byte; those of four bytes are two units.
            let leads = text.iter().filter(|&byte| byte & 0xc0 != 0x80);
            self.units += leads.map(|&byte| 1 + u32::from(byte >= 0xf0)).sum::<u32>();
            self.units << 2 | 3
        };
        self.words(&[word]);
    }

    fn int(&mut self, number: i64) {
        if (-1 << 29..1 << 29).contains(&number) {
            return self.words(&[(number as u32) << 2 | 1]);
        }
        // The digits, and the sign, from the last to the first.
        let start = self.ascii.len();
        let mut rest = number.unsigned_abs();
        while rest > 0 {
            self.ascii.push(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
        if number < 0 {
            self.ascii.push(b'-');
        }
        self.ascii.get_mut(start..).unwrap_or_default().reverse();
        self.words(&[(self.ascii.len() as u32) << 2]);
    }
}

impl WriteMutations for Packed {
    fn define(&mut self, template: TemplateId, definition: &[u8]) {
        self.words(&[op::DEFINE, template.0]);
        self.bytes(definition);
    }

    fn create(&mut self, template: TemplateId, base: NodeId, count: u32, before: NodeId) {
        self.words(&[op::CREATE, template.0, base.0, count, before.0]);
    }

    fn adopt(&mut self, template: TemplateId, base: NodeId) {
        self.words(&[op::ADOPT, template.0, base.0]);
    }

    fn adopt_children(&mut self, count: u32) {
        self.words(&[op::CHILDREN, count]);
    }

    fn set(&mut self, template: TemplateId, base: NodeId, part: u32) {
        self.words(&[op::SET, template.0, base.0, part]);
    }

    fn append(&mut self, template: TemplateId, base: NodeId, part: u32) {
        self.words(&[op::APPEND, template.0, base.0, part]);
    }

    fn value(&mut self, value: Scalar<'_>) {
        match value {
            Scalar::Int(number) => self.int(number),
            Scalar::Text(text) | Scalar::Verbatim(text) => self.text(text.as_bytes()),
            Scalar::Html(source) => {
                self.words(&[HTML]);
                self.text(source.as_bytes());
            }
        }
    }

    fn move_before(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        self.words(&[op::MOVE, template.0, base.0, before.0]);
    }

    fn remove(&mut self, template: TemplateId, base: NodeId) {
        self.words(&[op::REMOVE, template.0, base.0]);
    }

    fn clear(&mut self, first: NodeId, anchor: NodeId) {
        self.words(&[op::CLEAR, first.0, anchor.0]);
    }

    fn release(&mut self, base: NodeId, count: u32) {
        self.words(&[op::RELEASE, base.0, count]);
    }
}

impl Effects for Packed {
    fn emit(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Root(root) => self.words(&[op::ROOT, root]),
            Effect::Release(change) => self.words(&[op::FREE, change]),
            Effect::Connect => self.words(&[op::CONNECT]),
            Effect::Send(bytes) => {
                self.words(&[op::SEND]);
                self.bytes(bytes);
            }
            Effect::Close => self.words(&[op::CLOSE]),
            Effect::SetTimer(timer, wait) => {
                let most = Millis::from(i32::MAX as u32);
                self.words(&[op::SET_TIMER, timer as u32, wait.min(most) as u32]);
            }
            Effect::ClearTimer(timer) => self.words(&[op::CLEAR_TIMER, timer as u32]),
            Effect::Frame => self.words(&[op::FRAME]),
            Effect::State(state) => self.words(&[op::STATE, state as u32]),
            Effect::Error { code, message, event } => {
                self.words(&[op::ERROR]);
                self.text(code.as_bytes());
                self.text(message.as_bytes());
                self.words(&[event]);
            }
            Effect::Push { root, name, payload } => {
                self.words(&[op::PUSH, root]);
                self.text(name.as_bytes());
                self.bytes(payload);
            }
            Effect::Unconfirmed(handlers) => {
                self.words(&[op::UNCONFIRMED, handlers.len() as u32]);
                for handler in handlers {
                    self.text(handler.as_bytes());
                }
            }
            Effect::Reload => self.words(&[op::RELOAD]),
            Effect::Refused(reason) => {
                self.words(&[op::REFUSED]);
                self.text(reason.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(values: &[Scalar<'_>]) -> Packed {
        let mut packed = Packed::default();
        values.iter().for_each(|&value| packed.value(value));
        packed
    }

    #[test]
    fn ascii_and_other_texts_have_a_section_each() {
        let packed = pack(&[
            Scalar::Text("ab"),
            Scalar::Text("é😀"),
            Scalar::Text(""),
            Scalar::Html("<b>"),
            Scalar::Text("ü"),
        ]);
        assert_eq!(packed.words, [2 << 2, 3 << 2 | 3, 2, 6, 5 << 2, 4 << 2 | 3]);
        assert_eq!((&packed.ascii[..], &packed.other[..]), (&b"ab<b>"[..], "é😀ü".as_bytes()));
    }

    #[test]
    fn integers_that_fit_are_words_and_the_others_are_digits() {
        let packed = pack(&[Scalar::Int(-1), Scalar::Int(1 << 29), Scalar::Int(i64::MIN)]);
        assert_eq!(packed.words[0] as i32 >> 2, -1);
        assert_eq!(packed.words[1..], [9 << 2, 29 << 2]);
        assert_eq!(packed.ascii, b"536870912-9223372036854775808");
    }

    #[test]
    fn long_texts_stand_in_the_byte_section() {
        let text = "x".repeat(LONG_TEXT + 1);
        let packed = pack(&[Scalar::Text("a"), Scalar::Text(&text), Scalar::Text(&text)]);
        assert_eq!(packed.words, [1 << 2, LONG, 0, 1001, LONG, 1001, 1001]);
        assert_eq!(packed.bytes.len(), 2002);
    }
}
