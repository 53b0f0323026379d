//! Fillings of templates go in as frames to the built `pkg/djust.js`; a live element comes out and
//! is compared with what the browser makes of the HTML that Django prints.
#![cfg(target_arch = "wasm32")]

pub mod live;

use js_sys::{Object, Reflect, Uint8Array};
use protocol::{Definition, ServerFrame, Tree, write};
use testkit::{Fragment, delta, encoded, random::Rng};
use wasm_bindgen::prelude::*;
use web_sys::{Element, window};

#[wasm_bindgen(module = "/../pkg/djust.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn init(source: Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn mount(element: &Element, frame: &[u8], options: &JsValue) -> Result<JsRoot, JsValue>;

    type JsRoot;
    #[wasm_bindgen(method, catch)]
    fn apply(this: &JsRoot, frame: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn unmount(this: &JsRoot);
}

/// The engine as it is shipped.
const WASM: &[u8] = include_bytes!("../../pkg/djust.wasm");

/// A root in an element of the document.
pub struct Page {
    /// The element.
    pub element: Element,
    /// The templates that the page knows.
    pub definitions: Vec<Definition>,
    root: JsRoot,
    seq: u32,
    shown: Fragment,
    rng: Rng,
}

/// An element of the document that is taken away when the next test asks for one.
pub fn place() -> Element {
    let document = window().unwrap().document().unwrap();
    if let Some(old) = document.get_element_by_id("place") {
        old.remove();
    }
    let element = document.create_element("div").unwrap();
    element.set_id("place");
    document.body().unwrap().append_child(&element).unwrap();
    element
}

/// What the browser makes of HTML.
pub fn parsed(html: &str) -> Element {
    let element = window().unwrap().document().unwrap().create_element("div").unwrap();
    element.set_inner_html(html);
    element.normalize();
    element
}

/// A text of a node's whole tree in which nothing is left out.
pub fn printed(element: &Element) -> String {
    let copy: Element = element.clone_node_with_deep(true).unwrap().unchecked_into();
    copy.normalize();
    copy.inner_html()
}

impl Page {
    /// Shows a filling in a new element.
    pub async fn new(definitions: Vec<Definition>, fragment: Fragment) -> Self {
        let page = Self::start(place(), definitions, fragment, false).await;
        page.check();
        page
    }

    /// Binds a filling to an element that holds this HTML.
    pub async fn served(html: &str, definitions: Vec<Definition>, fragment: Fragment) -> Self {
        let element = place();
        element.set_inner_html(html);
        Self::adopt(element, definitions, fragment).await
    }

    /// Binds a filling to the content of an element.
    pub async fn adopt(element: Element, definitions: Vec<Definition>, fragment: Fragment) -> Self {
        let page = Self::adopt_unchecked(element, definitions, fragment).await;
        page.check();
        page
    }

    /// The same, where the element may hold more than Django's HTML.
    pub async fn adopt_unchecked(
        element: Element,
        definitions: Vec<Definition>,
        fragment: Fragment,
    ) -> Self {
        Self::start(element, definitions, fragment, true).await
    }

    async fn start(
        element: Element,
        definitions: Vec<Definition>,
        fragment: Fragment,
        hydrate: bool,
    ) -> Self {
        init(Uint8Array::from(WASM)).await.expect("the engine starts");
        let options = Object::new();
        Reflect::set(&options, &"hydrate".into(), &hydrate.into()).unwrap();
        let frame = mount_frame(&definitions, &fragment, 1, &definitions);
        let root = mount(&element, &frame, &options).expect("a sound frame");
        Self { element, definitions, root, seq: 1, shown: fragment, rng: Rng::new(7) }
    }

    /// Shows another filling by an update frame whose delta has one of the possible forms.
    pub fn update(&mut self, fragment: Fragment) {
        let mut body = encoded(0, &[]);
        delta(&mut self.rng, &self.definitions, &self.shown, &fragment, &mut body);
        self.seq += 1;
        let frame = tree_frame(false, self.seq, &body);
        self.root.apply(&frame).expect("a sound frame");
        self.shown = fragment;
        self.check();
    }

    /// Shows another filling by a mount frame.
    pub fn remount(&mut self, fragment: Fragment) {
        self.seq += 1;
        let frame = mount_frame(&self.definitions, &fragment, self.seq, &[]);
        self.root.apply(&frame).expect("a sound frame");
        self.shown = fragment;
        self.check();
    }

    /// Applies any bytes.
    pub fn apply(&self, frame: &[u8]) -> Result<(), JsValue> {
        self.root.apply(frame)
    }

    /// Ends the root.
    pub fn unmount(self) -> Element {
        self.root.unmount();
        self.element
    }

    /// Compares the element with what the browser makes of Django's HTML. Attributes may stand in
    /// another order.
    pub fn check(&self) {
        let html = self.shown.html(&self.definitions);
        let wanted = parsed(&html);
        let copy = self.element.clone_node_with_deep(true).unwrap();
        copy.normalize();
        let shown = parsed("");
        while let Some(child) = copy.first_child() {
            shown.append_child(&child).unwrap();
        }
        if !shown.is_equal_node(Some(&wanted)) {
            assert_eq!(printed(&shown), printed(&wanted), "from {html}");
        }
    }

    /// The first element that a selector finds.
    pub fn find<T: JsCast>(&self, selector: &str) -> T {
        self.element.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }
}

fn mount_frame(
    definitions: &[Definition],
    fragment: &Fragment,
    seq: u32,
    new: &[Definition],
) -> Vec<u8> {
    tree_frame(true, seq, &mount_body(definitions, fragment, new))
}

/// The body of a mount frame.
fn mount_body(definitions: &[Definition], fragment: &Fragment, new: &[Definition]) -> Vec<u8> {
    let mut body = encoded(definitions.len() - new.len(), new);
    write::uint(&mut body, fragment.template.0.into());
    fragment.encode(definitions, &mut body);
    body
}

fn tree_frame(full: bool, seq: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let tree = Tree { full, root: 0, seq, ack: 0, handlers: None, body };
    ServerFrame::Tree(tree).encode(&mut frame);
    frame
}
