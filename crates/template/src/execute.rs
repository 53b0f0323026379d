//! Runs a plan: reads values from the host, writes a [`Tree`].

use crate::host::{Host, Out};
use crate::op::Op;
use crate::plan::{BodyId, Plan, Step, Target};
use crate::tree::{Slot, Tree};

/// Runs a plan. What the tree held before is forgotten; after an error it is of no use.
///
/// # Errors
/// The host's.
pub fn execute<H: Host>(plan: &Plan, host: &mut H, tree: &mut Tree) -> Result<(), H::Error> {
    tree.clear();
    let mut run = Run { plan, host, tree, captured: Vec::new() };
    run.steps(&plan.before, 0)?;
    run.tree.root = run.fragment(plan.root(), false)?;
    run.steps(&plan.after, 0)
}

struct Run<'r, H> {
    plan: &'r Plan,
    host: &'r mut H,
    tree: &'r mut Tree,
    /// The source of the operations that are captured at the moment.
    captured: Vec<u8>,
}

impl<H: Host> Run<'_, H> {
    /// Fills the slots of a body, and returns the first of them.
    fn fragment(&mut self, id: BodyId, is_row: bool) -> Result<u32, H::Error> {
        let plan = self.plan;
        let body = plan.body(id);
        let base = self.tree.slots.len();
        let count = body.slots() + usize::from(is_row);
        self.tree.slots.resize(base + count, Slot::default());
        self.steps(&body.steps, base)?;
        Ok(base as u32)
    }

    fn steps(&mut self, steps: &[Step], base: usize) -> Result<(), H::Error> {
        for step in steps {
            match step {
                Step::Value(id, target) => {
                    let start = self.tree.bytes.len();
                    self.host.value(*id, &mut Out::scalar(&mut self.tree.bytes, target.place))?;
                    self.set(base, target.slot, start, self.tree.bytes.len());
                }
                Step::Opaque(id, target) => {
                    let start = self.tree.bytes.len();
                    self.host.opaque(*id, &mut Out::scalar(&mut self.tree.bytes, target.place))?;
                    self.set(base, target.slot, start, self.tree.bytes.len());
                }
                Step::Capture(ops, target) => self.capture(ops, *target, base)?,
                Step::Condition { slot, branches } => {
                    for (test, body) in branches {
                        let holds = match test {
                            Some(test) => self.host.test(*test)?,
                            None => true,
                        };
                        if holds {
                            let first = self.fragment(*body, false)?;
                            self.set(base, *slot, body.0 as usize + 1, first as usize);
                            break;
                        }
                    }
                }
                Step::List { slot, id, row, empty } => {
                    let slots = self.plan.body(*row).slots();
                    let (mut first, mut count, mut last) = (0, 0, None);
                    if self.host.begin(*id)? {
                        while self.host.next(*id)? {
                            let next = self.fragment(*row, true)?;
                            match last.replace(next) {
                                Some(before) => {
                                    self.tree.slots[before as usize + slots].a = next;
                                }
                                None => first = next,
                            }
                            count += 1;
                        }
                    } else if let Some((slot, body)) = empty {
                        let first = self.fragment(*body, false)?;
                        self.set(base, *slot, body.0 as usize + 1, first as usize);
                    }
                    self.host.end(*id)?;
                    self.set(base, *slot, first as usize, count);
                }
                Step::Fragment { slot, id, body } => {
                    self.host.enter(*id)?;
                    let first = self.fragment(*body, false)?;
                    self.host.leave(*id)?;
                    self.set(base, *slot, body.0 as usize, first as usize);
                }
                Step::Enter(id) => self.host.enter(*id)?,
                Step::Leave(id) => self.host.leave(*id)?,
                Step::Run(ops) => {
                    let start = self.captured.len();
                    source(ops, self.host, &mut self.captured)?;
                    self.captured.truncate(start);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn set(&mut self, base: usize, slot: u32, a: usize, b: usize) {
        self.tree.slots[base + slot as usize] = Slot { a: a as u32, b: b as u32 };
    }

    fn capture(&mut self, ops: &[Op], target: Target, base: usize) -> Result<(), H::Error> {
        self.captured.clear();
        source(ops, self.host, &mut self.captured)?;
        let start = self.tree.bytes.len();
        // The host prints only whole strings.
        let source = String::from_utf8_lossy(&self.captured);
        Out::scalar(&mut self.tree.bytes, target.place).source(&source);
        self.set(base, target.slot, start, self.tree.bytes.len());
        Ok(())
    }
}

/// Appends what operations print as HTML source, without a plan: for pages that are not live.
///
/// # Errors
/// The host's.
pub fn source<H: Host>(ops: &[Op], host: &mut H, out: &mut Vec<u8>) -> Result<(), H::Error> {
    for op in ops {
        match op {
            Op::Text(text) => out.extend_from_slice(text.as_bytes()),
            Op::Value(id) => host.value(*id, &mut Out::capture(out))?,
            Op::Opaque(id) => host.opaque(*id, &mut Out::capture(out))?,
            Op::If(branches) => {
                for (test, body) in branches {
                    let holds = match test {
                        Some(test) => host.test(*test)?,
                        None => true,
                    };
                    if holds {
                        source(body, host, out)?;
                        break;
                    }
                }
            }
            Op::For { id, body, empty } => {
                if host.begin(*id)? {
                    while host.next(*id)? {
                        source(body, host, out)?;
                    }
                } else {
                    source(empty, host, out)?;
                }
                host.end(*id)?;
            }
            Op::Scope { id, body } | Op::Include { id, body } => {
                host.enter(*id)?;
                source(body, host, out)?;
                host.leave(*id)?;
            }
        }
    }
    Ok(())
}
