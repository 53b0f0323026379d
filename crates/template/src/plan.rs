//! A compiled template: bodies, each with its definition for the wire and the steps that fill it.

use std::collections::HashMap;

use protocol::{HoleKind, Part};

use crate::elements::Namespace;
use crate::op::{LoopId, NodeId, Op, ProcedureId, ScopeId, TestId, ValueId};
use crate::scalar::Place;
use crate::scan::Scan;
use crate::tokenizer::{Content, State, Tokenizer};
use crate::variables::Note;

/// A body of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyId(pub u32);

/// A compiled template. The last body is the root.
#[derive(Debug, Default)]
pub struct Plan {
    /// Tells plans apart, in this process.
    pub number: u64,
    /// Whether white space around what it prints is dropped.
    pub is_stripped: bool,
    /// Children stand before their parents.
    pub bodies: Vec<Body>,
    /// What it relies on that values print, wherever they stand.
    pub guards: HashMap<ValueId, Guard>,
    /// What runs before the live region, for its effects alone.
    pub before: Vec<Step>,
    /// What runs after it.
    pub after: Vec<Step>,
    /// The templates that include themselves, by their numbers.
    pub procedures: Vec<Procedure>,
}

/// An included template that includes itself.
#[derive(Debug, Default)]
pub struct Procedure {
    /// Its operations, for calls from within captured text.
    pub ops: Vec<Op>,
    /// Its body; none where all of it is captured.
    pub body: Option<BodyId>,
}

impl Plan {
    /// The body of the whole region.
    #[must_use]
    pub fn root(&self) -> BodyId {
        BodyId(self.bodies.len() as u32 - 1)
    }

    /// How many regions are captured as HTML because their operations open what they do not close,
    /// or stand where no hole can be.
    #[must_use]
    pub fn captured_regions(&self) -> usize {
        let is_region =
            |step: &&Step| matches!(step, Step::Capture(_, Target { place: Place::Markup, .. }));
        self.bodies.iter().map(|body| body.steps.iter().filter(is_region).count()).sum()
    }

    /// A body.
    #[must_use]
    pub fn body(&self, id: BodyId) -> &Body {
        &self.bodies[id.0 as usize]
    }
}

/// A template with holes, and how to fill them.
#[derive(Debug, Default)]
pub struct Body {
    /// Names the shape for ever: a hash of everything that the definition says.
    pub hash: [u8; 8],
    /// As in [`protocol::Definition`].
    pub flags: u8,
    /// The slot that is the key of a row.
    pub key: Option<u32>,
    /// How many slots are scalars.
    pub scalars: u32,
    /// As in the definition, but holes name bodies of this plan instead of template numbers.
    pub parts: Vec<Part>,
    /// The slots after the scalars.
    pub structures: Vec<Structure>,
    /// What fills the slots, in document order.
    pub steps: Vec<Step>,
    /// Whether rows may stand anywhere in it.
    pub has_list: bool,
    /// The procedure that it is the body of.
    pub procedure: Option<ProcedureId>,
    /// The slots that a page may fill by itself.
    pub variables: Vec<Note>,
}

impl Body {
    /// The number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.scalars as usize + self.structures.len()
    }
}

/// What stands in a slot that is no scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Nothing, or one of several bodies.
    Condition,
    /// Rows of one body.
    List(BodyId),
    /// One body.
    Fragment(BodyId),
    /// The root of another plan.
    Dynamic,
}

/// Fills a slot, or changes what later steps see.
#[derive(Debug)]
pub enum Step {
    /// A printed value.
    Value(ValueId, Target),
    /// A node that the host renders.
    Opaque(NodeId, Target),
    /// A value that prints nothing.
    Set(ValueId),
    /// Operations, captured as HTML source.
    Capture(Vec<Op>, Target),
    /// The first branch whose test holds.
    Condition {
        /// The slot.
        slot: u32,
        /// Tests and bodies.
        branches: Vec<(Option<TestId>, BodyId)>,
    },
    /// Rows, and the condition after them that holds when there are none.
    List {
        /// The slot.
        slot: u32,
        /// The sequence.
        id: LoopId,
        /// The body of a row.
        row: BodyId,
        /// Slot and body for no rows.
        empty: Option<(u32, BodyId)>,
        /// Where the rows end, if they leave out their end tags.
        ends: Option<Box<Ends>>,
    },
    /// An included template.
    Fragment {
        /// The slot.
        slot: u32,
        /// The scope that it runs in.
        id: ScopeId,
        /// Its body.
        body: BodyId,
    },
    /// A body, or nothing after an error that the host forgives.
    Guard {
        /// The slot.
        slot: u32,
        /// The body.
        body: BodyId,
    },
    /// The body of a procedure.
    Call {
        /// The slot.
        slot: u32,
        /// The scope that it runs in.
        id: ScopeId,
        /// The procedure.
        procedure: ProcedureId,
    },
    /// A value that may bring a plan of its own.
    Dynamic {
        /// The slot.
        slot: u32,
        /// The value.
        id: ValueId,
        /// The elements around it, as [`compile_fragment`](crate::compile_fragment()) takes them.
        outer: Box<str>,
    },
    /// White space that stripping may take away.
    Edge(String, Target),
    /// Decides a test again.
    Check(TestId, bool),
    /// Enters a scope.
    Enter(ScopeId),
    /// Leaves it.
    Leave(ScopeId),
    /// Operations whose output is dropped.
    Run(Vec<Op>),
    /// Looks at what the holes between the attributes of a tag have printed.
    Groups {
        /// The holes, in their order.
        groups: Vec<Group>,
        /// The attributes that the tag names itself.
        names: Vec<String>,
    },
}

/// A hole between attributes.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its slot.
    pub slot: u32,
    /// How many attributes the tag names before it.
    pub before: usize,
}

/// The white space around rows without end tags: a parser puts what stands before a row, or after
/// the last one, into the row before.
#[derive(Debug)]
pub struct Ends {
    /// What stands before the first row.
    pub first: Option<First>,
    /// The slot in a row of the white space at its end, and what the last row has there.
    pub last: Option<(u32, String)>,
}

/// A condition before a list.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// Its slot.
    pub slot: u32,
    /// Its body where there are rows.
    pub some: Option<BodyId>,
    /// Its body where there are none.
    pub none: Option<BodyId>,
}

/// Where a scalar goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The slot.
    pub slot: u32,
    /// How it is written.
    pub place: Place,
}

/// What a plan relies on that a value prints. Where another one would be safe for any value, but
/// send much more with each change, the plan is compiled so, and the value is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Right after the name of a tag: nothing, or what begins with white space.
    Space,
    /// In a section of a table: rows.
    Rows,
    /// In a row of a table: cells.
    Cells,
}

impl Guard {
    /// Whether the HTML source of a value is as expected.
    pub(crate) fn holds(self, source: &str) -> bool {
        let around: &[&str] = match self {
            Self::Space => {
                return source.is_empty() || source.starts_with([' ', '\t', '\n', '\r', '\x0c']);
            }
            Self::Rows => &["table", "tbody"],
            Self::Cells => &["table", "tbody", "tr"],
        };
        let outer = around.iter().map(|name| ((*name).to_owned(), Namespace::Html)).collect();
        let mut scan = Scan::new(outer);
        scan.run(&[Op::Text(source.to_owned())]);
        scan.is_balanced() && scan.reach.is_none() && scan.implies.is_empty()
    }
}

/// The names of the attributes in the source of a hole between attributes. None: a parser would read
/// it together with what follows, or would end the tag in it.
pub(crate) fn attributes_of(source: &str) -> Option<Vec<String>> {
    let mut tokenizer = Tokenizer::default();
    tokenizer.state = State::BeforeAttributeName;
    let before = tokenizer.serial;
    tokenizer.feed(0, source, &mut |_| (Content::Normal, false));
    let is_open = matches!(
        tokenizer.state,
        State::BeforeAttributeName
            | State::AttributeName
            | State::AfterAttributeName
            | State::AfterAttributeValue
            | State::Unquoted
    );
    (is_open && tokenizer.serial == before).then_some(tokenizer.tag.attributes)
}

/// What kind of place a scalar hole is.
#[must_use]
pub const fn place(kind: HoleKind) -> Place {
    match kind {
        HoleKind::Attribute | HoleKind::EscapedText => Place::Value,
        HoleKind::Attributes | HoleKind::RawText => Place::Source,
        _ => Place::Markup,
    }
}
