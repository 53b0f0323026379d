//! A DOM that carries out mutations, counts them, and panics at a wrong one: an id that is not
//! bound or bound twice, a place that is not on the page, a node that is forgotten while it stands
//! there.

use std::collections::BTreeMap;

use protocol::{Definition, HoleKind, Reader, Scan, TemplateId};
use vdom::{NodeId, WriteMutations, lead};

use crate::{
    Value,
    html::{self, Attributes, Node},
};

/// How many of each mutation came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Instances that were created.
    pub creates: usize,
    /// Instances that were adopted.
    pub adopts: usize,
    /// Parts that were set.
    pub sets: usize,
    /// Texts that were appended to.
    pub appends: usize,
    /// Instances that were moved.
    pub moves: usize,
    /// Instances that were removed one by one.
    pub removes: usize,
    /// Structures that were cleared.
    pub clears: usize,
    /// Node ids that were forgotten.
    pub releases: usize,
}

/// A page with one element for roots.
pub struct MockDom {
    nodes: Vec<Live>,
    bound: BTreeMap<u32, usize>,
    prototypes: Vec<Prototype>,
    pending: Option<Pending>,
    adopting: Option<Adoption>,
    /// Values and texts of the last frame, with the places where they are to be read.
    places: Vec<(u32, Vec<u8>)>,
    counts: Counts,
    /// The HTML at each pause, if a test puts a list here.
    pub pauses: Option<Vec<String>>,
}

/// A node of the page, by its index.
struct Live {
    parent: Option<usize>,
    children: Vec<usize>,
    kind: Kind,
    /// Stays with the node of the server's page that an adopted node is.
    identity: usize,
}

enum Kind {
    /// With what a text part of HTML source put before its text node.
    Text {
        text: String,
        markup: Vec<usize>,
    },
    Comment(String),
    /// Attributes by the part that they belong to.
    Element {
        tag: String,
        attributes: Vec<(Option<u32>, Attributes)>,
    },
}

struct Prototype {
    definition: Definition,
    nodes: Vec<Node>,
    /// The holes of each part.
    parts: Vec<Vec<usize>>,
}

/// A mutation whose values are still coming in.
struct Pending {
    template: TemplateId,
    base: u32,
    what: What,
    /// How many values it needs.
    needs: usize,
    values: Vec<Value>,
}

enum What {
    Create {
        before: NodeId,
    },
    Adopt {
        before: NodeId,
    },
    Set {
        part: u32,
    },
    /// The text node.
    SetText,
}

/// An adoption in progress: anchors of structures whose children are still to come, innermost
/// last, and how many children the current one of each level still expects.
struct Adoption {
    served: Vec<usize>,
    levels: Vec<(Vec<NodeId>, u32)>,
}

const ROOT: usize = 0;

impl Default for MockDom {
    fn default() -> Self {
        Self::new()
    }
}

impl MockDom {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        let mut dom = Self {
            nodes: Vec::new(),
            bound: BTreeMap::new(),
            prototypes: Vec::new(),
            pending: None,
            adopting: None,
            places: Vec::new(),
            counts: Counts::default(),
            pauses: None,
        };
        dom.node(Kind::Element { tag: "main".into(), attributes: Vec::new() });
        dom
    }

    /// A page that a server printed, to be adopted.
    #[must_use]
    pub fn served(source: &str) -> Self {
        let mut dom = Self::new();
        dom.build(ROOT, &html::parse(source));
        let served = dom.nodes[ROOT].children.clone();
        dom.adopting = Some(Adoption { served, levels: Vec::new() });
        dom
    }

    /// The HTML of the page.
    #[must_use]
    pub fn html(&self) -> String {
        html::print(&self.tree(ROOT))
    }

    /// The mutations since the last call.
    pub fn counts(&mut self) -> Counts {
        assert!(self.pending.is_none(), "a mutation lacks values");
        std::mem::take(&mut self.counts)
    }

    /// Looks at the places of all values since the last call.
    ///
    /// # Panics
    /// If what is stored does not have them there.
    pub fn check_places(&mut self, stored: &[u8]) {
        for (place, value) in std::mem::take(&mut self.places) {
            assert_eq!(stored.get(place as usize..).map(|at| at.starts_with(&value)), Some(true));
        }
    }

    /// How many node ids are bound.
    #[must_use]
    pub fn bound(&self) -> usize {
        self.bound.len()
    }

    /// The highest node id that is bound.
    #[must_use]
    pub fn highest(&self) -> u32 {
        self.bound.keys().next_back().copied().unwrap_or(0)
    }

    /// The identity of each element with this tag, and its text, in document order: an element
    /// that was kept has the identity that it had.
    #[must_use]
    pub fn elements(&self, tag: &str) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        self.find(ROOT, tag, &mut found);
        found
    }

    fn find(&self, at: usize, tag: &str, found: &mut Vec<(String, usize)>) {
        for &child in &self.nodes[at].children {
            if matches!(&self.nodes[child].kind, Kind::Element { tag: name, .. } if name == tag) {
                found.push((self.text(child), self.nodes[child].identity));
            }
            self.find(child, tag, found);
        }
    }

    fn text(&self, at: usize) -> String {
        match &self.nodes[at].kind {
            Kind::Text { text, .. } => text.clone(),
            _ => self.nodes[at].children.iter().map(|&child| self.text(child)).collect(),
        }
    }

    fn tree(&self, at: usize) -> Vec<Node> {
        let nodes = self.nodes[at].children.iter().map(|&child| match &self.nodes[child].kind {
            Kind::Text { text, .. } => Node::Text(text.clone()),
            Kind::Comment(text) => Node::Comment(text.clone()),
            Kind::Element { tag, attributes } => Node::Element {
                tag: tag.clone(),
                attributes: attributes.iter().flat_map(|(_, list)| list.clone()).collect(),
                children: self.tree(child),
            },
        });
        nodes.collect()
    }

    fn node(&mut self, kind: Kind) -> usize {
        let identity = self.nodes.len();
        self.nodes.push(Live { parent: None, children: Vec::new(), kind, identity });
        identity
    }

    fn text_node(&mut self, text: &str) -> usize {
        self.node(Kind::Text { text: text.into(), markup: Vec::new() })
    }

    fn append(&mut self, parent: usize, child: usize) {
        self.nodes[child].parent = Some(parent);
        self.nodes[parent].children.push(child);
    }

    fn insert(&mut self, child: usize, before: NodeId) {
        if before == NodeId(0) {
            return self.append(ROOT, child);
        }
        let before = self.bound[&before.0];
        let parent = self.nodes[before].parent.expect("the place is on the page");
        let at = self.index(before);
        self.nodes[child].parent = Some(parent);
        self.nodes[parent].children.insert(at, child);
    }

    fn detach(&mut self, child: usize) {
        let at = self.index(child);
        let parent = self.nodes[child].parent.take().expect("the node is on the page");
        self.nodes[parent].children.remove(at);
    }

    fn index(&self, child: usize) -> usize {
        let parent = self.nodes[child].parent.expect("the node is on the page");
        let place = self.nodes[parent].children.iter().position(|&other| other == child);
        place.expect("a parent has its children")
    }

    fn bind(&mut self, id: u32, node: usize) {
        assert!(id > 0 && self.bound.insert(id, node).is_none(), "id {id} is bound already");
    }

    /// The top-level nodes of an instance.
    fn range(&self, template: TemplateId, base: u32) -> Vec<usize> {
        let first = self.bound[&base];
        let lead = lead(self.prototypes[template.0 as usize].definition.flags);
        let last = self.bound[&(base + lead - 1)];
        let parent = self.nodes[first].parent.expect("the instance is on the page");
        self.nodes[parent].children[self.index(first)..=self.index(last)].to_vec()
    }

    /// Builds nodes that belong to no template.
    fn build(&mut self, parent: usize, nodes: &[Node]) {
        for node in nodes {
            let made = match node {
                Node::Text(text) => self.text_node(text),
                Node::Comment(text) => self.node(Kind::Comment(text.clone())),
                Node::Element { tag, attributes, children } => {
                    let attributes = vec![(None, attributes.clone())];
                    let made = self.node(Kind::Element { tag: tag.clone(), attributes });
                    self.build(made, children);
                    made
                }
            };
            self.append(parent, made);
        }
    }

    /// Clones a prototype, and binds its nodes.
    fn instantiate(&mut self, template: TemplateId, base: u32, values: &[Value], before: NodeId) {
        let prototype = &self.prototypes[template.0 as usize];
        let (nodes, parts) = (prototype.nodes.clone(), prototype.parts.len());
        let lead = lead(prototype.definition.flags);
        let shell = self.node(Kind::Comment("an instance".into()));
        // What stands before the first static node must not be what the instance starts with.
        if !matches!(nodes.first(), Some(Node::Element { .. } | Node::Comment(_))) {
            let first = self.text_node("");
            self.append(shell, first);
        }
        self.clone_nodes(template, base + lead, shell, &nodes);
        let made = std::mem::take(&mut self.nodes[shell].children);
        self.bind(base, made[0]);
        if lead == 2 {
            self.bind(base + 1, made[made.len() - 1]);
        } else {
            assert_eq!(made.len(), 1, "a single element is one node");
        }
        for node in made {
            self.insert(node, before);
        }
        for part in 0..parts {
            let holes = &self.prototypes[template.0 as usize].parts[part];
            let slots = self.slots(template, holes);
            let values: Vec<Value> =
                slots.iter().filter_map(|&slot| values.get(slot).cloned()).collect();
            self.set_part(template, base, part as u32, &values);
        }
    }

    fn slots(&self, template: TemplateId, holes: &[usize]) -> Vec<usize> {
        let definition = &self.prototypes[template.0 as usize].definition;
        let all: Vec<_> = definition.holes().collect();
        holes
            .iter()
            .filter(|&&hole| !all[hole].kind.is_structure())
            .map(|&hole| all[hole].slot as usize)
            .collect()
    }

    fn clone_nodes(&mut self, template: TemplateId, parts: u32, parent: usize, nodes: &[Node]) {
        let part_of = |dom: &Self, hole: usize| {
            let prototype = &dom.prototypes[template.0 as usize];
            let part = prototype.parts.iter().position(|holes| holes.contains(&hole));
            part.expect("a hole belongs to a part") as u32
        };
        for node in nodes {
            match node {
                Node::Text(text) => {
                    // In an element that holds nothing but text, its text is one part.
                    let raw = matches!(&self.nodes[parent].kind, Kind::Element { tag, .. }
                        if ["script", "style", "textarea", "title"].contains(&tag.as_str()));
                    let first = text.chars().find_map(html::hole);
                    if raw && let Some(hole) = first {
                        let made = self.text_node("");
                        self.bind(parts + part_of(self, hole), made);
                        self.append(parent, made);
                        continue;
                    }
                    for piece in text.split_inclusive(|character| html::hole(character).is_some()) {
                        let hole = piece.chars().next_back().and_then(html::hole);
                        let plain = piece.trim_end_matches(|last| html::hole(last).is_some());
                        if !plain.is_empty() {
                            let made = self.text_node(plain);
                            self.append(parent, made);
                        }
                        if let Some(hole) = hole {
                            let made = self.text_node("");
                            self.bind(parts + part_of(self, hole), made);
                            self.append(parent, made);
                        }
                    }
                }
                Node::Comment(text) => {
                    let made = self.node(Kind::Comment(text.clone()));
                    if let Some(hole) = text.chars().find_map(html::hole) {
                        self.bind(parts + part_of(self, hole), made);
                    }
                    self.append(parent, made);
                }
                Node::Element { tag, attributes, children } => {
                    let mut owned = Vec::new();
                    let mut bound = Vec::new();
                    for (name, value) in attributes {
                        let spread = name.chars().find_map(html::hole);
                        let hole = spread.or_else(|| value.chars().find_map(html::hole));
                        let part = hole.map(|hole| part_of(self, hole));
                        bound.extend(part);
                        let list = match spread {
                            Some(_) => Vec::new(),
                            None => vec![(name.clone(), value.clone())],
                        };
                        owned.push((part, list));
                    }
                    let made = self.node(Kind::Element { tag: tag.clone(), attributes: owned });
                    for part in bound {
                        self.bind(parts + part, made);
                    }
                    self.append(parent, made);
                    self.clone_nodes(template, parts, made, children);
                }
            }
        }
    }

    fn set_part(&mut self, template: TemplateId, base: u32, part: u32, values: &[Value]) {
        let prototype = &self.prototypes[template.0 as usize];
        let definition = &prototype.definition;
        let node = self.bound[&(base + lead(definition.flags) + part)];
        let holes = &prototype.parts[part as usize];
        let kind = definition.holes().nth(holes[0]).expect("a part has a hole").kind;
        // The text of the part in the prototype, with its holes filled.
        let fill = |text: &str| {
            let mut out = String::new();
            for character in text.chars() {
                match html::hole(character) {
                    Some(hole) => {
                        let at = holes.iter().position(|&other| other == hole);
                        out += &plain(&values[at.expect("all holes are of one part")], kind);
                    }
                    None => out.push(character),
                }
            }
            out
        };
        match kind {
            HoleKind::Text => {
                let Kind::Text { text, markup } = &mut self.nodes[node].kind else {
                    panic!("a text part is a text node")
                };
                let gone = std::mem::take(markup);
                text.clear();
                for node in gone {
                    self.detach(node);
                }
                if let Value::Html(source) = &values[0] {
                    self.insert_markup(node, source);
                } else if let Kind::Text { text, .. } = &mut self.nodes[node].kind {
                    *text = plain(&values[0], kind);
                }
            }
            HoleKind::Attribute => {
                let source = find_text(&prototype.nodes, holes[0]).expect("the hole is in it");
                let filled = fill(&source);
                self.attributes(node, part)[0].1 = filled;
            }
            HoleKind::Attributes => {
                let source = plain(&values[0], kind);
                *self.attributes(node, part) = html::attributes(&source);
            }
            HoleKind::EscapedText | HoleKind::RawText => {
                let source = find_text(&prototype.nodes, holes[0]).expect("the hole is in it");
                let filled = fill(&source);
                match &mut self.nodes[node].kind {
                    Kind::Text { text, .. } | Kind::Comment(text) => *text = filled,
                    Kind::Element { .. } => panic!("raw text is no element"),
                }
            }
            HoleKind::Condition | HoleKind::List | HoleKind::Fragment => {}
        }
    }

    fn attributes(&mut self, node: usize, part: u32) -> &mut Attributes {
        let Kind::Element { attributes, .. } = &mut self.nodes[node].kind else {
            panic!("an attribute part is an element")
        };
        let place = attributes.iter_mut().find(|(owner, _)| *owner == Some(part));
        &mut place.expect("the part has its place").1
    }

    /// Puts the nodes of HTML source before the text node of its part.
    fn insert_markup(&mut self, node: usize, source: &str) {
        let shell = self.node(Kind::Comment("markup".into()));
        self.build(shell, &html::parse(source));
        let made = std::mem::take(&mut self.nodes[shell].children);
        let parent = self.nodes[node].parent.expect("the part is on the page");
        let at = self.index(node);
        for (step, &child) in made.iter().enumerate() {
            self.nodes[child].parent = Some(parent);
            self.nodes[parent].children.insert(at + step, child);
        }
        if let Kind::Text { markup, .. } = &mut self.nodes[node].kind {
            *markup = made;
        }
    }

    fn begin(&mut self, template: TemplateId, base: NodeId, what: What) {
        assert!(self.pending.is_none(), "the mutation before lacks values");
        let prototype = &self.prototypes[template.0 as usize];
        let scalars = prototype.definition.scalars as usize;
        let needs = match what {
            What::Create { .. } | What::Adopt { .. } => scalars,
            What::Set { part } => self.slots(template, &prototype.parts[part as usize]).len(),
            What::SetText => 1,
        };
        self.pending = Some(Pending { template, base: base.0, what, needs, values: Vec::new() });
        self.run();
    }

    /// Carries out the pending mutation once it has all its values.
    fn run(&mut self) {
        let Some(Pending { template, base, what, values, .. }) =
            self.pending.take_if(|pending| pending.values.len() == pending.needs)
        else {
            return;
        };
        match what {
            What::Create { before } => {
                self.instantiate(template, base, &values, before);
                self.counts.creates += 1;
            }
            What::Adopt { before } => {
                self.instantiate(template, base, &values, before);
                self.counts.adopts += 1;
                self.adopted(template, base);
            }
            What::Set { part } => {
                self.set_part(template, base, part, &values);
                self.counts.sets += 1;
            }
            What::SetText => {
                let text = self.shown(NodeId(base));
                *text = plain(&values[0], HoleKind::Text);
                let is_left = text.starts_with(['\n', '\r']);
                assert!(!is_left, "the part does not know its element");
                self.counts.sets += 1;
            }
        }
    }

    /// What a text part shows, which is no HTML.
    fn shown(&mut self, node: NodeId) -> &mut String {
        let Kind::Text { text, markup } = &mut self.nodes[self.bound[&node.0]].kind else {
            panic!("the part is a text node")
        };
        assert!(markup.is_empty(), "the part shows a text");
        text
    }

    /// Waits for the children of the instance that was adopted.
    fn adopted(&mut self, template: TemplateId, base: u32) {
        let prototype = &self.prototypes[template.0 as usize];
        let lead = lead(prototype.definition.flags);
        let all: Vec<_> = prototype.definition.holes().collect();
        let mut anchors: Vec<NodeId> = (0u32..)
            .zip(&prototype.parts)
            .filter(|(_, holes)| all[holes[0]].kind.is_structure())
            .map(|(part, _)| NodeId(base + lead + part))
            .collect();
        anchors.reverse();
        let adoption = self.adopting.as_mut().expect("the page was served");
        adoption.levels.push((anchors, 0));
        self.ascend();
    }

    /// Leaves the levels of an adoption that have all their children.
    fn ascend(&mut self) {
        let Some(adoption) = &mut self.adopting else { return };
        while let Some((anchors, 0)) = adoption.levels.last()
            && anchors.is_empty()
        {
            adoption.levels.pop();
            match adoption.levels.last_mut() {
                Some((anchors, left)) => {
                    *left -= 1;
                    if *left == 0 {
                        anchors.pop();
                    }
                }
                None => return self.take_over(),
            }
        }
    }

    /// Compares what was built for an adoption with the page, and takes over its identities.
    fn take_over(&mut self) {
        let served = self.adopting.take().expect("an adoption ends once").served;
        let all = std::mem::take(&mut self.nodes[ROOT].children);
        let built = all[served.len()..].to_vec();
        self.nodes[ROOT].children = served;
        let page = (self.html(), self.identities());
        self.nodes[ROOT].children = built;
        assert_eq!(self.html(), page.0, "the page is what the stream says");
        for ((_, built), (_, served)) in self.identities().into_iter().zip(page.1) {
            let found = self.nodes.iter().position(|node| node.identity == built);
            self.nodes[found.expect("the element is there")].identity = served;
        }
    }

    fn identities(&self) -> Vec<(String, usize)> {
        fn visit(dom: &MockDom, at: usize, found: &mut Vec<(String, usize)>) {
            for &child in &dom.nodes[at].children {
                if let Kind::Element { tag, .. } = &dom.nodes[child].kind {
                    found.push((tag.clone(), dom.nodes[child].identity));
                    visit(dom, child, found);
                }
            }
        }
        let mut found = Vec::new();
        visit(self, ROOT, &mut found);
        found
    }
}

impl WriteMutations for MockDom {
    fn define(&mut self, template: TemplateId, definition: &[u8]) {
        let definition =
            Definition::read(&mut Reader::new(definition)).expect("a sound definition");
        assert_eq!(template.0 as usize, self.prototypes.len(), "numbers follow each other");
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for (index, hole) in definition.holes().enumerate() {
            match parts.last_mut() {
                Some(part) if hole.joined => part.push(index),
                _ => parts.push(vec![index]),
            }
        }
        let nodes = html::prototype(&definition);
        self.prototypes.push(Prototype { definition, nodes, parts });
    }

    fn create(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        self.begin(template, base, What::Create { before });
    }

    fn adopt(&mut self, template: TemplateId, base: NodeId) {
        let adoption = self.adopting.as_ref().expect("the page was served");
        let anchor = adoption.levels.last().and_then(|(anchors, _)| anchors.last().copied());
        let before = anchor.unwrap_or_default();
        self.begin(template, base, What::Adopt { before });
    }

    fn adopt_children(&mut self, count: u32) {
        assert!(self.pending.is_none(), "the instance lacks values");
        let adoption = self.adopting.as_mut().expect("the page was served");
        let (anchors, left) = adoption.levels.last_mut().expect("an instance was adopted");
        assert_eq!(*left, 0, "the structure before lacks children");
        *left = count;
        if count == 0 {
            anchors.pop().expect("the instance has that many structures");
            self.ascend();
        }
    }

    fn set(&mut self, template: TemplateId, base: NodeId, node: u32) {
        let part = node - lead(self.prototypes[template.0 as usize].definition.flags);
        self.begin(template, base, What::Set { part });
    }

    fn set_text(&mut self, node: NodeId) {
        // The template does not matter.
        self.begin(TemplateId(0), node, What::SetText);
    }

    fn append(&mut self, node: NodeId, place: u32, tail: &[u8]) {
        self.places.push((place, tail.into()));
        assert!(self.pending.is_none(), "the mutation before lacks values");
        let text = self.shown(node);
        assert!(!text.is_empty(), "the part shows a text");
        *text += &String::from_utf8_lossy(tail);
        self.counts.appends += 1;
    }

    fn values(&mut self, place: u32, values: &[u8]) {
        self.places.push((place, values.into()));
        let mut scan = Scan::new(values);
        while !scan.rest().is_empty() {
            let value = scan.value();
            // What is not UTF-8 or too large a number shows something, which is a browser's affair.
            let lossy = || Value::Text(String::from_utf8_lossy(value).into());
            let value = Reader::new(value).scalar().map_or_else(|_| lossy(), Value::from);
            self.pending.as_mut().expect("a mutation wants values").values.push(value);
        }
        self.run();
    }

    fn move_before(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        let nodes = self.range(template, base.0);
        for &node in &nodes {
            self.detach(node);
        }
        for node in nodes {
            self.insert(node, before);
        }
        self.counts.moves += 1;
    }

    fn remove(&mut self, template: TemplateId, base: NodeId) {
        for node in self.range(template, base.0) {
            self.detach(node);
        }
        self.counts.removes += 1;
    }

    fn clear(&mut self, first: NodeId, anchor: NodeId) {
        let (first, anchor) = (self.bound[&first.0], self.bound[&anchor.0]);
        let parent = self.nodes[first].parent.expect("the content is on the page");
        let content = self.nodes[parent].children[self.index(first)..self.index(anchor)].to_vec();
        for node in content {
            self.detach(node);
        }
        self.counts.clears += 1;
    }

    fn pause(&mut self) {
        assert!(self.pending.is_none(), "the mutation before lacks values");
        if let Some(mut pauses) = self.pauses.take() {
            pauses.push(self.html());
            self.pauses = Some(pauses);
        }
    }

    fn release(&mut self, base: NodeId, count: u32) {
        for id in base.0..base.0 + count {
            let mut node = self.bound.remove(&id).expect("a bound id is released");
            while let Some(parent) = self.nodes[node].parent {
                node = parent;
            }
            assert_ne!(node, ROOT, "id {id} is released while its node is on the page");
        }
        self.counts.releases += count as usize;
    }
}

/// A value as the DOM has it.
fn plain(value: &Value, kind: HoleKind) -> String {
    match (value, kind) {
        (Value::Text(text) | Value::Verbatim(text), _) => text.clone(),
        (Value::Int(number), _) => number.to_string(),
        (Value::Html(source), HoleKind::Attributes | HoleKind::RawText) => source.clone(),
        (Value::Html(source), _) => html::unescape(source),
    }
}

/// The text, comment or attribute value of a prototype that holds a hole.
fn find_text(nodes: &[Node], wanted: usize) -> Option<String> {
    let holds = |text: &str| text.chars().any(|character| html::hole(character) == Some(wanted));
    nodes.iter().find_map(|node| match node {
        Node::Text(text) | Node::Comment(text) => holds(text).then(|| text.clone()),
        Node::Element { attributes, children, .. } => attributes
            .iter()
            .find_map(|(_, value)| holds(value).then(|| value.clone()))
            .or_else(|| find_text(children, wanted)),
    })
}
