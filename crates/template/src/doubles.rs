//! A tree goes in; the loops of which two rows have the same key come out. For development: a page
//! bears them, but which of the two rows keeps its element is then chance.

use std::collections::HashSet;

use protocol::{Reader, Scalar};

use crate::op::LoopId;
use crate::plan::{BodyId, Plan, Step, Structure};
use crate::tree::Tree;

impl Tree {
    /// The loops with such rows, each once with the first key that came again. Templates that values
    /// bring are not looked into: their loops belong to other plans.
    #[must_use]
    pub fn doubles(&self, plan: &Plan) -> Vec<(LoopId, String)> {
        let mut found = Vec::new();
        self.doubles_in(plan, plan.root(), self.root, &mut found);
        found
    }

    fn doubles_in(&self, plan: &Plan, id: BodyId, base: u32, found: &mut Vec<(LoopId, String)>) {
        let body = plan.body(id);
        if !body.has_list {
            return;
        }
        for step in &body.steps {
            if let Step::List { slot, id, row, .. } = *step {
                let Some(key) = plan.body(row).key else { continue };
                let (mut seen, list) = (HashSet::new(), self.slot(base, slot as usize));
                let mut rows = self.rows(plan, list, row).map(|row| self.scalar(row, key as usize));
                let double = rows.find(|key| !seen.insert(*key));
                if let Some(key) = double
                    && !found.iter().any(|(known, _)| *known == id)
                {
                    found.push((id, text(key)));
                }
            }
        }
        for (index, structure) in body.structures.iter().enumerate() {
            let slot = self.slot(base, body.scalars as usize + index);
            match *structure {
                Structure::Condition if slot.a == 0 => {}
                Structure::Condition => self.doubles_in(plan, BodyId(slot.a - 1), slot.b, found),
                Structure::Fragment(body) => self.doubles_in(plan, body, slot.b, found),
                Structure::List(row) => {
                    for base in self.rows(plan, slot, row) {
                        self.doubles_in(plan, row, base, found);
                    }
                }
                Structure::Dynamic => {}
            }
        }
    }
}

/// A scalar as the template printed it.
fn text(scalar: &[u8]) -> String {
    match Reader::new(scalar).scalar() {
        Ok(Scalar::Text(text) | Scalar::Verbatim(text) | Scalar::Html(text)) => text.into(),
        Ok(Scalar::Int(number)) => number.to_string(),
        Err(_) => String::new(),
    }
}
