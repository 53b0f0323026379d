//! A struct of a test that owns a mock DOM goes in; it takes the mutations of an engine.

/// Lets a struct take mutations: they go to its field, which is a [`MockDom`](crate::MockDom).
///
/// ```
/// struct World {
///     dom: testkit::MockDom,
/// }
/// testkit::mutations_go_to!(World, dom);
/// ```
#[macro_export]
macro_rules! mutations_go_to {
    ($type:ty, $field:ident) => {
        impl $crate::WriteMutations for $type {
            fn define(&mut self, template: $crate::TemplateId, definition: &[u8]) {
                self.$field.define(template, definition);
            }
            fn create(
                &mut self,
                template: $crate::TemplateId,
                base: $crate::NodeId,
                before: $crate::NodeId,
            ) {
                self.$field.create(template, base, before);
            }
            fn adopt(&mut self, template: $crate::TemplateId, base: $crate::NodeId) {
                self.$field.adopt(template, base);
            }
            fn adopt_children(&mut self, count: u32) {
                self.$field.adopt_children(count);
            }
            fn set(&mut self, template: $crate::TemplateId, base: $crate::NodeId, node: u32) {
                self.$field.set(template, base, node);
            }
            fn set_text(&mut self, node: $crate::NodeId) {
                self.$field.set_text(node);
            }
            fn append(&mut self, node: $crate::NodeId, place: u32, tail: &[u8]) {
                self.$field.append(node, place, tail);
            }
            fn values(&mut self, place: u32, values: &[u8]) {
                self.$field.values(place, values);
            }
            fn move_before(
                &mut self,
                template: $crate::TemplateId,
                base: $crate::NodeId,
                before: $crate::NodeId,
            ) {
                self.$field.move_before(template, base, before);
            }
            fn remove(&mut self, template: $crate::TemplateId, base: $crate::NodeId) {
                self.$field.remove(template, base);
            }
            fn clear(&mut self, first: $crate::NodeId, anchor: $crate::NodeId) {
                self.$field.clear(first, anchor);
            }
            fn release(&mut self, base: $crate::NodeId, count: u32) {
                self.$field.release(base, count);
            }
        }
    };
}
