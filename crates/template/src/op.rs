//! The operations of a template, as Django's node list has them: what lowering builds and
//! [`compile`](crate::compile()) takes. Values, tests, loops, scopes and nodes are named by numbers
//! that only the [`Host`](crate::Host) understands.

/// An expression to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueId(pub u32);

/// A condition to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TestId(pub u32);

/// A sequence to walk through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoopId(pub u32);

/// Something to enter and to leave: names, an escaping mode, the frame of another template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(pub u32);

/// A node that the host renders by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

/// What the host does with HTML source that was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilterId(pub u32);

/// An included template that includes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcedureId(pub u32);

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Prints HTML source.
    Text(String),
    /// Prints a value.
    Value(ValueId),
    /// Prints a value that may bring a template of its own, which is known when the plan runs.
    Dynamic(ValueId),
    /// Prints white space that stripping may take away (see [`strip`](crate::compile_fragment())).
    Edge(String),
    /// Prints nothing: a test is decided again, and must come out as before.
    Check(TestId, bool),
    /// Runs the first branch whose test holds; a branch without a test always holds.
    If(Vec<(Option<TestId>, Vec<Op>)>),
    /// Runs a body for each item, or another one when there is none.
    For {
        /// The sequence.
        id: LoopId,
        /// For each item.
        body: Vec<Op>,
        /// When there is no item.
        empty: Vec<Op>,
    },
    /// Runs a body inside a scope.
    Scope {
        /// The scope.
        id: ScopeId,
        /// What it holds.
        body: Vec<Op>,
    },
    /// Like a scope, and a unit of its own on the wire.
    Include {
        /// The scope.
        id: ScopeId,
        /// The operations of the included template.
        body: Vec<Op>,
    },
    /// Prints what the host renders. It may also change the names that later operations see.
    Opaque(NodeId),
    /// Evaluates a value that prints nothing, and changes the names that later operations see.
    Set(ValueId),
    /// Prints what the host makes of all that a body prints.
    Filtered {
        /// What the host does.
        id: FilterId,
        /// Whose source it gets.
        body: Vec<Op>,
    },
    /// Runs a body; after an error that the host forgives nothing of it is printed.
    Guard(Vec<Op>),
    /// Like an include, and may be called again from within.
    Procedure {
        /// Its number.
        procedure: ProcedureId,
        /// The scope.
        id: ScopeId,
        /// The operations of the included template.
        body: Vec<Op>,
    },
    /// Runs the body of a procedure around it, in a scope of its own.
    Call {
        /// The procedure.
        procedure: ProcedureId,
        /// The scope.
        id: ScopeId,
    },
}

impl Op {
    /// Whether running the operation may change what later operations see.
    #[must_use]
    pub fn may_write(&self) -> bool {
        match self {
            Self::Text(_) | Self::Value(_) | Self::Dynamic(_) | Self::Edge(_) | Self::Check(..) => {
                false
            }
            Self::Opaque(_) | Self::Set(_) => true,
            // What it may do, the procedure around it may do, too.
            Self::Call { .. } => false,
            Self::If(branches) => branches.iter().any(|(_, body)| any_writes(body)),
            Self::For { body, empty, .. } => any_writes(body) || any_writes(empty),
            Self::Scope { body, .. }
            | Self::Include { body, .. }
            | Self::Filtered { body, .. }
            | Self::Guard(body)
            | Self::Procedure { body, .. } => any_writes(body),
        }
    }
}

/// Whether a template among the operations includes itself.
pub(crate) fn any_procedure(ops: &[Op]) -> bool {
    ops.iter().any(|op| match op {
        Op::Procedure { .. } | Op::Call { .. } => true,
        Op::If(branches) => branches.iter().any(|(_, body)| any_procedure(body)),
        Op::For { body, empty, .. } => any_procedure(body) || any_procedure(empty),
        Op::Scope { body, .. }
        | Op::Include { body, .. }
        | Op::Filtered { body, .. }
        | Op::Guard(body) => any_procedure(body),
        _ => false,
    })
}

fn any_writes(ops: &[Op]) -> bool {
    ops.iter().any(Op::may_write)
}
