// HTML source goes in, inert nodes and decoded values come out. All markup of the client passes
// through this file, so one Trusted Types policy covers it and a page may forbid every other.

import { heed } from "./watcher.js";

const SVG = 2;
const MATH = 4;

const policy = globalThis.trustedTypes?.createPolicy("djust", { createHTML: (html) => html });

/** Markup, as a page with Trusted Types wants it. */
export const trusted = (html) => (policy ? policy.createHTML(html) : html);

/**
 * Where scripts run, `noscript` holds text. To Chromium and WebKit the inert document is one without
 * scripts: they would find markup there, which loads and counts as soon as it stands in the page.
 * In a drawing it is an element like any other.
 */
const asText = (all, name, tag, text) =>
  tag && parse("<noscript><b>").querySelector("b") ? tag + new Option(text).innerHTML : all;

/**
 * Parses markup in an inert document, where no script runs and nothing loads. Scripts that were
 * parsed here do not run when they are inserted either: the parser marks them as already started.
 */
export const parse = (html, flags = 0) => {
  heed(html);
  const wrapper = flags & SVG ? "svg" : flags & MATH ? "math" : "";
  const template = document.createElement("template");
  const source = wrapper ? `<${wrapper}>${html}</${wrapper}>` : html;
  const noscript = /<(svg|math|script)\b.*?(?:<\/\1|$)|(<noscript\b[^>]*>)(.*?)(?=<\/noscript)/gis;
  template.innerHTML = trusted(source.replace(noscript, asText));
  const { content } = template;
  if (wrapper) content.replaceChildren(...content.firstChild.childNodes);
  return content;
};

/**
 * The flag of the language that markup inside a node is written in, told by the last letter of the
 * namespace; `flags` say it of what stands at the top of a template.
 */
export const languageIn = ({ namespaceURI, localName }, flags) =>
  !namespaceURI
    ? flags
    : /^(foreignObject|desc|title|m[inos]|mtext)$/.test(localName)
      ? 0
      : { g: SVG, L: MATH }[namespaceURI.at(-1)];

/**
 * A copy of a parsed node for this document, in which custom elements live. In WebKit the copy of a
 * script would run, though that of a script that was started must not, so it is parsed anew.
 */
export const copyOf = (node, deep = true) => {
  const copy = document.importNode(node, deep);
  const scripts = copy.localName === "script" ? [copy] : copy.querySelectorAll?.("script") ?? [];
  for (const script of scripts) {
    const flags = script.ownerSVGElement === undefined ? 0 : SVG;
    const inert = parse(script.outerHTML, flags).firstChild;
    if (script === copy) return inert;
    script.replaceWith(inert);
  }
  return copy;
};

/** The text of a source with character references, as in `textarea` and `title`. */
export const decodeText = (html) => parse(`<textarea>\n${html}</textarea>`).firstChild.value;

/** The value of an attribute with this source: there references end differently than in text. */
export const decodeAttribute = (html) => {
  const quote = html.includes('"') ? "'" : '"';
  return parse(`<a x=${quote}${html}${quote}>`).firstChild?.getAttribute("x") ?? "";
};

const groups = new Map();

/** The attributes of a source such as `checked class="a"`. The same few sources come again. */
export const parseGroup = (source) => {
  let group = groups.get(source);
  if (!group) {
    group = new Map();
    for (const { name, value } of parse(`<a ${source}>`).firstChild?.attributes ?? []) {
      group.set(name, value);
    }
    if (groups.size >= 500) groups.clear();
    groups.set(source, group);
  }
  return group;
};
