//! What the diff says, one DOM instruction a call: [`WriteMutations`] goes out to the packed
//! buffer of the browser, or to the mock that judges it.
//!
//! An instance of a template owns `lead + parts` consecutive node ids from its `base`:
//! one id for the only element of a single-element template (else two: its first and its last
//! top-level node), then one id for each part, in the order of the definition. A part is a hole
//! that is not joined to the one before it. The node of a text part is its text node, that of an
//! attribute part its element, and that of a structure its *anchor*: an empty text node that
//! always stands right after the structure's content.

use protocol::TemplateId;

/// A live node of the page. Zero is no node: as the place to insert before, it is the end of the
/// element that holds the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Receives DOM instructions in the order in which they are to be carried out.
///
/// Values come as they travel, encoded. Each of them also has a `place`, its offset in
/// [`Engine::stored`](crate::Engine::stored), where it can be read after the call that gave it and
/// until the next one.
pub trait WriteMutations {
    /// Builds the prototype of a template, once. The definition is sound, and encoded.
    fn define(&mut self, template: TemplateId, definition: &[u8]);

    /// Clones an instance and inserts it before a node. Its scalars follow by
    /// [`values`](Self::values). What its structures hold follows by `create`s of its own, before
    /// their anchors.
    fn create(&mut self, template: TemplateId, base: NodeId, before: NodeId);

    /// Binds the next instance to the nodes that the server's page already has, in document order.
    /// Its scalars follow by [`values`](Self::values), then for each of its structures in slot order
    /// [`adopt_children`](Self::adopt_children) and the instances in it.
    fn adopt(&mut self, template: TemplateId, base: NodeId);

    /// Says how many instances the next structure holds (a condition: none or one).
    fn adopt_children(&mut self, count: u32);

    /// Sets the part whose node is `node` ids after `base`; the value of each of its holes follows
    /// by [`values`](Self::values).
    fn set(&mut self, template: TemplateId, base: NodeId, node: u32);

    /// Sets a text part. Neither its old value nor the new one, which follows by
    /// [`values`](Self::values), is HTML, and the new one does not begin with a line end.
    fn set_text(&mut self, node: NodeId);

    /// Appends to a text part, which is not empty and not HTML, this text.
    fn append(&mut self, node: NodeId, place: u32, tail: &[u8]);

    /// The next values of the `create`, `adopt`, `set` or `set_text` before: none, one or several.
    fn values(&mut self, place: u32, values: &[u8]);

    /// Moves all top-level nodes of an instance before the node `before`.
    fn move_before(&mut self, template: TemplateId, base: NodeId, before: NodeId);

    /// Removes all top-level nodes of an instance.
    fn remove(&mut self, template: TemplateId, base: NodeId);

    /// Removes all content of a structure: everything from the first node of the instance `first`
    /// up to the structure's anchor, which stays.
    fn clear(&mut self, first: NodeId, anchor: NodeId);

    /// Says that all rows of lists are whole: what follows may be carried out later, so that the
    /// browser can show what it has.
    fn pause(&mut self) {}

    /// Forgets `count` node ids from `base`; the diff will give them out again. It comes after
    /// everything else that a frame causes.
    fn release(&mut self, base: NodeId, count: u32);
}
