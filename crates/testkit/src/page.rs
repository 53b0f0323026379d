//! An engine with its mock DOM and its definitions: fillings go in, and the DOM is compared with a
//! fresh one each time.

use protocol::{Definition, Result, Scan, TemplateId, write};
use vdom::{Engine, WriteMutations};

use crate::{Counts, Fragment, MockDom, delta, html, random::Rng};

/// Gives an engine definitions as a frame does.
///
/// # Panics
/// If one of them may not travel.
pub fn define(engine: &mut Engine, definitions: &[Definition], out: &mut impl WriteMutations) {
    engine.define(&mut Scan::new(&encoded(0, definitions)), out).expect("sound definitions");
}

/// Definitions as a frame holds them; the first one gets this number.
#[must_use]
pub fn encoded(first: usize, definitions: &[Definition]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write::uint(&mut bytes, definitions.len() as u64);
    if !definitions.is_empty() {
        write::uint(&mut bytes, first as u64);
    }
    for definition in definitions {
        write::definition(&mut bytes, definition);
    }
    bytes
}

/// A page with one root, number 0.
pub struct Page {
    /// The engine under test.
    pub engine: Engine,
    /// What it writes to.
    pub dom: MockDom,
    /// The definitions that both know.
    pub definitions: Vec<Definition>,
}

impl Page {
    /// A page without a root yet.
    #[must_use]
    pub fn new(definitions: Vec<Definition>) -> Self {
        Self::on(MockDom::new(), definitions)
    }

    /// A page that a server printed.
    #[must_use]
    pub fn served(definitions: Vec<Definition>, fragment: &Fragment) -> Self {
        Self::on(MockDom::served(&fragment.html(&definitions)), definitions)
    }

    fn on(mut dom: MockDom, definitions: Vec<Definition>) -> Self {
        let mut engine = Engine::new();
        define(&mut engine, &definitions, &mut dom);
        Self { engine, dom, definitions }
    }

    /// Mounts a filling, and returns what that took.
    ///
    /// # Panics
    /// If the engine refuses it, or the DOM is not what a fresh one would be.
    pub fn mount(&mut self, fragment: &Fragment) -> Counts {
        self.mount_bytes(fragment.template, &self.bytes(fragment)).expect("a sound fragment");
        self.check(fragment);
        self.dom.counts()
    }

    /// Binds a filling to the page that the server printed.
    ///
    /// # Panics
    /// As [`mount`](Self::mount).
    pub fn hydrate(&mut self, fragment: &Fragment) -> Counts {
        let bytes = self.bytes(fragment);
        let done = self.engine.mount(0, fragment.template, &bytes, true, &mut self.dom);
        done.expect("a sound fragment");
        self.check(fragment);
        self.dom.counts()
    }

    /// Sends a delta in a random form, and returns what that took.
    ///
    /// # Panics
    /// As [`mount`](Self::mount).
    pub fn change(&mut self, rng: &mut Rng, old: &Fragment, new: &Fragment) -> Counts {
        let mut bytes = Vec::new();
        delta(rng, &self.definitions, old, new, &mut bytes);
        self.update(&bytes, new)
    }

    /// Sends a delta, and returns what it took to get to the filling.
    ///
    /// # Panics
    /// As [`mount`](Self::mount).
    pub fn update(&mut self, bytes: &[u8], new: &Fragment) -> Counts {
        self.update_bytes(bytes).expect("a sound delta");
        self.check(new);
        self.dom.counts()
    }

    /// Mounts any bytes.
    ///
    /// # Errors
    /// As the engine.
    pub fn mount_bytes(&mut self, template: TemplateId, bytes: &[u8]) -> Result<()> {
        self.engine.compact();
        let done = self.engine.mount(0, template, bytes, false, &mut self.dom);
        self.dom.check_places(self.engine.stored());
        done
    }

    /// Sends any bytes as a delta.
    ///
    /// # Errors
    /// As the engine.
    pub fn update_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.engine.compact();
        let done = self.engine.update(0, bytes, &mut self.dom);
        self.dom.check_places(self.engine.stored());
        done
    }

    /// A filling as it travels.
    #[must_use]
    pub fn bytes(&self, fragment: &Fragment) -> Vec<u8> {
        let mut bytes = Vec::new();
        fragment.encode(&self.definitions, &mut bytes);
        bytes
    }

    /// Compares the DOM with the HTML that Django prints.
    ///
    /// # Panics
    /// If they differ.
    pub fn check(&self, fragment: &Fragment) {
        assert_eq!(self.dom.html(), html::normal(&fragment.html(&self.definitions)));
    }
}
