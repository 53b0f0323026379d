// What other tabs share comes in, and what this one shares goes out. It loads when a view has a
// handler with `@client_state(…, tabs=True)`.

/**
 * @param dataset of the script tag; `account` says whose tabs are meant: others' in the same browser
 *   do not listen. Empty for visitors who are not logged in; not known on a page that is no live view
 *   itself, which then shares with nobody
 * @param share `(key, value, before)`: takes what another tab shared
 */
export const start = ({ dataset: { account }, share }) => {
  if (account === undefined) return { post() {} };
  let channel;
  const open = () => {
    channel = new BroadcastChannel(`djust:${account}`);
    channel.onmessage = ({ data: [key, value, before] }) => share(key, value, before + 1);
  };
  open();
  // A page with an open channel is not kept for the back button.
  addEventListener("pagehide", () => channel.close());
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  return { post: (...message) => channel.postMessage(message) };
};
