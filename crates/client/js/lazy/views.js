// The places of live views within the page go in; their numbers and tokens come out, and what comes and
// goes with a patch is attached and let go. Loaded when markup has such a place. Number 0 is the page
// itself.

import { UNMOUNT } from "../inputs.js";

/** The live views of a page, itself included, that a server takes. */
const VIEWS = 16;

/**
 * @param page what js/page.js gives every lazy module, among it `attach(roots)`, which takes numbers
 *   and tokens, `engineOf()`, and the `dataset` of the script tag, which says whether the page itself
 *   is live
 * @returns `at(number)`, an element; `numberOf(element)`; `first()`, the number of the first view;
 *   `roots()`, numbers and tokens of all there are; `heed(html)`: this markup comes;
 *   `settled()`: a patch is done
 */
export const start = ({ attach, dataset, engineOf, warn }) => {
  const views = new Map();
  let latest = 0;
  let isDue = true;

  /** Numbers the views that came, as many as the server takes. */
  const come = () => {
    const known = new Set(views.values());
    const news = [];
    isDue = false;
    for (const view of document.querySelectorAll("[dj-view]")) {
      if (known.has(view)) continue;
      if (views.size + !!dataset.mount === VIEWS) {
        warn(`a page has at most ${VIEWS} live views`);
        break;
      }
      views.set(++latest, view);
      news.push(latest);
    }
    return news;
  };

  const rootsOf = (numbers) =>
    numbers.flatMap((number) => [number, views.get(number).getAttribute("dj-token")]);

  const settled = () => {
    for (const [number, view] of views) {
      if (view.isConnected && view.hasAttribute("dj-view")) continue;
      views.delete(number);
      isDue = true;
      engineOf().input(UNMOUNT, number);
    }
    // Each for itself: the server answers one without the others.
    if (isDue) for (const number of come()) attach(rootsOf([number]));
  };

  // A page that is live already learns of them now.
  if (engineOf()) setTimeout(settled);

  return {
    settled,
    at: (number) => views.get(number),
    numberOf: (element) => [...views].find(([, view]) => view === element)?.[0],
    first: () => views.keys().next().value,
    heed(html) {
      isDue ||= html.includes("dj-view=");
    },
    roots() {
      come();
      return rootsOf([...views.keys()]);
    },
  };
};
