// A sentence goes in, a message box that screen readers announce comes out.
// It is built without markup and without style attributes, so a strict policy allows it.

let box;

/** Shows a message until it is dismissed or replaced. */
export const notice = (message) => {
  box?.remove();
  box = document.createElement("div");
  const button = document.createElement("button");
  box.setAttribute("role", "alert");
  box.className = "djust-notice";
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", "Dismiss");
  button.onclick = () => box.remove();
  Object.assign(box.style, {
    position: "fixed",
    inset: "auto 1rem 1rem auto",
    zIndex: 2147483647,
    maxWidth: "min(32rem, 90vw)",
    padding: ".75rem 1rem",
    border: "1px solid #E57324",
    borderRadius: ".5rem",
    background: "#0B0F19",
    color: "#fff",
    font: "1rem/1.4 system-ui,sans-serif",
  });
  Object.assign(button.style, {
    marginLeft: ".75rem",
    border: 0,
    background: "none",
    color: "inherit",
    font: "inherit",
    cursor: "pointer",
  });
  box.append(message, button);
  // Beside the body, so that a live view which is the whole body does not contain it.
  document.documentElement.append(box);
};
