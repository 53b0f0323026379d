//! Names of elements that open and close go in, where the innermost ones stand comes out, counted
//! from the outermost: so that a tag costs the same at any depth.

use std::collections::HashMap;

use crate::elements::is_special;

/// The places of open elements.
#[derive(Clone, Debug, Default)]
pub struct Places {
    names: HashMap<String, Vec<usize>>,
    special: Vec<usize>,
    no_plain_block: Vec<usize>,
}

impl Places {
    /// Notes the innermost element.
    pub fn add(&mut self, name: &str, at: usize) {
        match self.names.get_mut(name) {
            Some(places) => places.push(at),
            None => drop(self.names.insert(name.into(), vec![at])),
        }
        if is_special(name) {
            self.special.push(at);
            if is_no_plain_block(name) {
                self.no_plain_block.push(at);
            }
        }
    }

    /// Forgets the innermost element, which has this name.
    pub fn remove(&mut self, name: &str) {
        if let Some(places) = self.names.get_mut(name) {
            places.pop();
        }
        if is_special(name) {
            self.special.pop();
            if is_no_plain_block(name) {
                self.no_plain_block.pop();
            }
        }
    }

    /// The innermost element of this name among the outermost ones, so many.
    pub fn innermost(&self, name: &str, left: usize) -> Option<usize> {
        // Those further in are about to be closed.
        self.names.get(name)?.iter().rev().copied().find(|at| *at < left)
    }

    /// The innermost one with any of these names.
    pub fn innermost_of(&self, names: &[&str], left: usize) -> Option<usize> {
        names.iter().filter_map(|name| self.innermost(name, left)).max()
    }

    /// The innermost element that a parser treats in a way of its own.
    pub fn innermost_special(&self) -> Option<usize> {
        self.special.last().copied()
    }

    /// The innermost one of those that an item of a list does not end over.
    pub fn innermost_no_plain_block(&self) -> Option<usize> {
        self.no_plain_block.last().copied()
    }
}

fn is_no_plain_block(name: &str) -> bool {
    !matches!(name, "address" | "div" | "p")
}
