// What went wrong, in sentences for people, by the numbers of `Fault` (crates/client/src/effect.rs) and
// of what js/page.js finds out itself.

export const MESSAGES = [
  "This input is too large to be sent.",
  "There is no connection: this input was not sent.",
  "An event attribute is neither a name nor a call.",
  "The server refused this page.",
  "The server did not understand a message.",
  "A message was too large and was not delivered.",
  "The server sent a message that this page does not understand.",
  "Live updates stopped. Please reload this page.",
  "This input was not sent.",
  "Please reload this page.",
  "The server did not confirm your last change. It was taken back.",
];
