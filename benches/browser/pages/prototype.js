/** The node to clone that some HTML of one element describes. */
export const prototype = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return document.importNode(template.content.firstChild, true);
};
