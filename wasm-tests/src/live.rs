//! A live page in an iframe, with the test as its server.

use js_sys::{Object, Reflect, Uint8Array};
use protocol::{ClientFrame, Definition, Handler, ServerFrame, Tree, Value, write};
use testkit::{Fragment, delta, encoded, random::Rng};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/frame.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn open(
        html: &str,
        script: &str,
        files: &JsValue,
        options: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn sent(page: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn socket(page: &JsValue, number: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn silent(page: &JsValue, wait: u32) -> Result<JsValue, JsValue>;
    fn receive(page: &JsValue, bytes: &[u8]);
    fn drop(page: &JsValue, code: u32);
    fn run(page: &JsValue, body: &str) -> JsValue;
}

/// The script-tag build as it is shipped.
const SCRIPT: &str = include_str!("../../pkg/djust-page.js");
/// The lazy modules that these pages want, by the names under which the script finds them.
const MODULES: [(&str, &str); 2] = [
    ("forms", include_str!("../../pkg/djust-forms.js")),
    ("calls", include_str!("../../pkg/djust-calls.js")),
];
/// The engine, and the parts of it that these pages want.
const ENGINE: [(&str, &[u8]); 3] = [
    ("wasm", include_bytes!("../../pkg/djust-start.wasm")),
    ("ends", include_bytes!("../../pkg/djust-ends.wasm")),
    ("wait", include_bytes!("../../pkg/djust-wait.wasm")),
];

/// A page and its server.
pub struct Live {
    page: JsValue,
    definitions: Vec<Definition>,
    shown: Fragment,
    seq: u32,
}

impl Live {
    /// A page whose body holds the HTML of a filling, up to its first mount frame.
    pub async fn new(definitions: Vec<Definition>, fragment: Fragment) -> Self {
        let mut live = Self::serve(definitions, fragment, 0).await;
        live.greet(None).await;
        live
    }

    /// A page before its first message, whose engine breaks at a call.
    pub async fn serve(definitions: Vec<Definition>, fragment: Fragment, breaks: u32) -> Self {
        let options = Object::new();
        Reflect::set(&options, &"break".into(), &breaks.into()).unwrap();
        let files = Object::new();
        for (name, text) in MODULES {
            Reflect::set(&files, &name.into(), &text.into()).unwrap();
        }
        for (name, bytes) in ENGINE {
            Reflect::set(&files, &name.into(), &Uint8Array::from(bytes)).unwrap();
        }
        let html = fragment.html(&definitions);
        let page = open(&html, SCRIPT, &files, &options).await;
        Self { page: page.expect("a page"), definitions, shown: fragment, seq: 0 }
    }

    /// Answers a hello by a welcome and a mount frame with these handlers.
    pub async fn greet(&mut self, handlers: Option<&[u8]>) {
        let hello = sent(&self.page).await.expect("a hello");
        let hello = Uint8Array::from(hello).to_vec();
        let Ok(ClientFrame::Hello(hello)) = ClientFrame::decode(&hello) else { panic!("no hello") };
        assert_eq!(hello.roots, [(0, "token")]);
        self.server(&ServerFrame::Welcome { version: 1, heartbeat: 25_000 });
        let known = hello.known.len() / 8;
        let body = crate::mount_body(&self.definitions, &self.shown, &self.definitions[known..]);
        self.seq = 1;
        let tree = Tree { full: true, root: 0, seq: 1, ack: 0, handlers, body: &body };
        self.server(&ServerFrame::Tree(tree));
    }

    /// Sends a frame to the page.
    pub fn server(&self, frame: &ServerFrame<'_>) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        receive(&self.page, &bytes);
    }

    /// Sends an update frame, and compares nothing.
    pub fn update(&mut self, ack: u32, fragment: Fragment) {
        let mut body = encoded(0, &[]);
        delta(&mut Rng::new(1), &self.definitions, &self.shown, &fragment, &mut body);
        self.seq += 1;
        self.shown = fragment;
        let seq = self.seq;
        let tree = Tree { full: false, root: 0, seq, ack, handlers: None, body: &body };
        self.server(&ServerFrame::Tree(tree));
    }

    /// The next message of the page in words: `1 add {"value": Str("milk")}`.
    pub async fn sent(&self) -> String {
        let bytes = Uint8Array::from(sent(&self.page).await.expect("a message")).to_vec();
        let ClientFrame::Events(events) = ClientFrame::decode(&bytes).expect("a sound frame")
        else {
            return format!("{:?}", ClientFrame::decode(&bytes).unwrap());
        };
        let events = events.iter().map(|event| {
            let name = match event.handler {
                Handler::Name(name) => name.to_string(),
                Handler::Index(index) => format!("#{index}"),
            };
            let params = event.params.iter().map(|(name, value)| format!("{name}={}", word(value)));
            format!("{} {name}({})", event.id, params.collect::<Vec<_>>().join(", "))
        });
        events.collect::<Vec<_>>().join("; ")
    }

    /// Waits for the n-th connection.
    pub async fn connection(&self, number: u32) {
        socket(&self.page, number).await.expect("a connection");
    }

    /// Whether the page says nothing for some milliseconds.
    pub async fn is_silent(&self, wait: u32) -> bool {
        silent(&self.page, wait).await == Ok(JsValue::TRUE)
    }

    /// The server closes the connection.
    pub fn drop(&self, code: u32) {
        drop(&self.page, code);
    }

    /// Runs JavaScript in the page, in which `$` finds an element, and prints what it returns.
    pub fn run(&self, body: &str) -> String {
        let value = run(&self.page, body);
        value.as_string().unwrap_or_else(|| format!("{value:?}"))
    }
}

fn word(value: &Value<'_>) -> String {
    match value {
        Value::Str(text) => format!("'{text}'"),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(word).collect::<Vec<_>>().join(", "))
        }
        Value::Int(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        other => format!("{other:?}"),
    }
}

/// An encoded handler list of names without options.
#[must_use]
pub fn handlers(names: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    write::array_len(&mut out, names.len());
    for name in names {
        write::array_len(&mut out, 2);
        write::str(&mut out, name);
        write::nil(&mut out);
    }
    out
}
