//! A plan goes in; the fields whose controls it does not fill itself come out.

use protocol::Part;

use crate::elements::{Elements, Namespace};
use crate::excerpt::source;
use crate::plan::Plan;
use crate::selector::{HOLE, attributes};
use crate::tokenizer::{Content, Tokenizer};

/// The fields that `dj-model` binds controls to, each once, but not those of inputs that have a
/// `value`, which is all that they show. What the template does for boxes and choices only the page
/// knows.
#[must_use]
pub fn bound_fields(plan: &Plan) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for body in &plan.bodies {
        let mut tokenizer = Tokenizer::default();
        let mut elements: Elements<()> = Elements::inside(Vec::new());
        for (index, part) in body.parts.iter().enumerate() {
            let (Part::Static(text) | Part::Implied(text)) = part else {
                tokenizer.hole();
                continue;
            };
            tokenizer.feed(index, text, &mut |tag| {
                let effect = elements.effect(tag);
                elements.close(effect.closes);
                if tag.is_end {
                    return (Content::Normal, elements.namespace() != Namespace::Html);
                }
                let found = attributes(&source(&body.parts, tag, index));
                let value = |name: &str| found.iter().find(|(n, _)| n == name).map(|(_, v)| v);
                let is_box =
                    matches!(value("type").map(String::as_str), Some("checkbox" | "radio"));
                let model =
                    found.iter().find(|(name, _)| name.split('.').next() == Some("dj-model"));
                if let Some((_, field)) = model
                    && (is_box || value("value").is_none())
                    && !field.contains(HOLE)
                    && !fields.contains(field)
                {
                    fields.push(field.clone());
                }
                let content = elements.push(tag, ());
                (content, elements.namespace() != Namespace::Html)
            });
        }
    }
    fields
}
