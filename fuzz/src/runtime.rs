//! The whole runtime of a page: whatever the server and the user do, it returns, what it tells the
//! page can be carried out, and the messages that it sends are sound.

use client::{Clock, Effect, Effects, Input, Runtime, packed::Packed, record::Event};
use protocol::{ClientFrame, TemplateId, write};
use vdom::{NodeId, WriteMutations};

use crate::Ledger;

/// Gives a runtime inputs: the kind is that of crates/client/src/browser.rs.
pub fn runtime(bytes: &[u8]) {
    let (mut runtime, mut page) = (Runtime::new(), Both::default());
    let mut now = 0;
    for (kind, argument, bytes) in crate::inputs(bytes) {
        now += 40 * u64::from(kind >> 4);
        let token = [argument % 16, 0xa1, b't'];
        let argument = u32::from(argument);
        let input = match kind & 15 {
            // The page's script numbers its roots, at most 16, and names one at least.
            0 => Input::Attach(&token),
            1 => Input::Open,
            2 => Input::Bytes(bytes),
            3 => Input::Closed([1006, 1009, 4400, 4401, 4403, 4406][argument as usize % 6]),
            4 if !is_sound(bytes) => continue,
            4 => Input::Event(bytes, argument),
            5 => Input::Timer(argument),
            6 => Input::Frame,
            7 => Input::Wake,
            8 => Input::Offline,
            9 => Input::Hide,
            10 => Input::Show,
            11 => {
                page.begin();
                runtime.apply(bytes, argument != 0, &mut page);
                page.judge(&runtime);
                continue;
            }
            _ => Input::Unmount(argument),
        };
        page.begin();
        runtime.handle(input, Clock { now, random: 0.5 }, &mut page);
        page.judge(&runtime);
    }
}

/// Whether js/events.js could have written this record: its parameters are what a server takes.
fn is_sound(record: &[u8]) -> bool {
    Event::read(record, 1).is_ok_and(|event| {
        let mut bytes = vec![1, 1, 0, 1];
        write::text(&mut bytes, &event.handler);
        bytes.extend(event.params);
        ClientFrame::decode(&bytes).is_ok()
    })
}

/// What the browser's page reads, beside what judges it.
#[derive(Default)]
struct Both {
    packed: Packed,
    ledger: Ledger,
}

impl Both {
    fn begin(&mut self) {
        self.packed.begin();
        (self.ledger.mutations, self.ledger.refused) = (0, false);
    }

    fn judge(&self, runtime: &Runtime) {
        let _ = self.packed.header(runtime.values());
        let Ledger { mutations, refused, .. } = self.ledger;
        assert!(!refused || mutations == 0, "a refused frame changes nothing");
    }
}

impl Effects for Both {
    fn emit(&mut self, effect: Effect<'_>) {
        if let Effect::Send(bytes) = effect {
            ClientFrame::decode(bytes).expect("a page sends sound messages");
        }
        self.packed.emit(effect);
        self.ledger.emit(effect);
    }
}

/// Hands every call to both.
macro_rules! both {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        impl WriteMutations for Both {
            $(fn $name(&mut self, $($argument: $type),*) {
                self.packed.$name($($argument),*);
                self.ledger.$name($($argument),*);
            })*
        }
    };
}

both! {
    define(template: TemplateId, definition: &[u8]);
    create(template: TemplateId, base: NodeId, before: NodeId);
    adopt(template: TemplateId, base: NodeId);
    adopt_children(count: u32);
    set(template: TemplateId, base: NodeId, node: u32);
    set_text(node: NodeId);
    append(node: NodeId, place: u32, tail: &[u8]);
    values(place: u32, values: &[u8]);
    move_before(template: TemplateId, base: NodeId, before: NodeId);
    remove(template: TemplateId, base: NodeId);
    clear(first: NodeId, anchor: NodeId);
    release(base: NodeId, count: u32);
}
