//! Frames for a page whose templates are sound: after each the mock DOM has carried out what it was
//! told, a refused one has changed nothing, and a full tree brings every page to the same place.

use protocol::{Definition, TemplateId};
use testkit::{
    Counts, Fragment, Page,
    random::{self, Rng},
};

const ROOT: TemplateId = TemplateId(7);
const SEED: u64 = 5;

/// What the page shows at first and in the end: one of the smaller pages, so that a second holds
/// many of them.
pub fn known() -> Fragment {
    random::fragment(&mut Rng::new(SEED), &random::definitions(), ROOT)
}

/// Applies inputs: kind 0 mounts a fragment of the template that the argument names, kind 1 is an
/// update, kind 2 takes the root away.
pub fn tree(bytes: &[u8]) {
    thread_local! {
        static START: Start = Start::new();
    }
    START.with(|start| start.apply(bytes));
}

/// What is the same for all inputs.
struct Start {
    definitions: Vec<Definition>,
    /// The known page: encoded, and what the DOM then shows.
    fragment: Vec<u8>,
    html: String,
}

impl Start {
    fn new() -> Self {
        let mut page = Page::new(random::definitions());
        page.mount(&known());
        let (fragment, html) = (page.bytes(&known()), page.dom.html());
        Self { definitions: page.definitions, fragment, html }
    }

    fn apply(&self, bytes: &[u8]) {
        let mut page = Page::new(self.definitions.clone());
        page.mount_bytes(ROOT, &self.fragment).expect("a sound fragment");
        page.dom.counts();
        for (kind, argument, bytes) in crate::inputs(bytes) {
            let done = match kind % 3 {
                0 => page.mount_bytes(TemplateId(u32::from(argument)), bytes),
                1 => page.update_bytes(bytes),
                _ => {
                    page.engine.unmount(0, &mut page.dom);
                    assert_eq!((page.dom.bound(), page.dom.html()), (0, String::new()));
                    Ok(())
                }
            };
            let counts = page.dom.counts();
            assert!(done.is_ok() || counts == Counts::default(), "a refused frame changes nothing");
        }
        page.mount_bytes(ROOT, &self.fragment).expect("a sound fragment");
        assert_eq!(page.dom.html(), self.html);
        page.engine.unmount(0, &mut page.dom);
        assert_eq!((page.dom.bound(), page.dom.html()), (0, String::new()));
    }
}
