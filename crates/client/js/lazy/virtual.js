// The scroll position of a `dj-virtual` element goes in, the part of the list that it needs is asked
// for; room for the rows that are not there comes out.
//
// The server renders a window of a long list and says how long the list is and where the window
// begins: `dj-virtual-total` and `dj-virtual-start`. The element scrolls, its children are the rows,
// and two children of ours stand for all others. Rows are taken to be as high as those that are there.

const SELECTOR = "[dj-virtual]";

/** How many screens of rows are asked for at most, and how many rows. */
const SCREENS = 3;
const MOST = 500;

/** How long an answer is waited for before the same rows are asked for again, in milliseconds. */
const PATIENCE = 1000;

/** The same for any page. */
export const start = () => {
  /** What was asked for last, by element. */
  const asked = new WeakMap();

  /** What stands before and after the rows, by element. */
  const spaces = new WeakMap();

  const spacesOf = (box, row) => {
    let pair = spaces.get(box);
    if (!pair?.[0].isConnected) {
      pair = [0, 1].map(() => document.createElement(row.localName));
      for (const space of pair) {
        space.setAttribute("aria-hidden", "true");
        Object.assign(space.style, { border: 0, margin: 0, padding: 0, minHeight: 0 });
      }
      spaces.set(box, pair);
    }
    if (box.firstElementChild !== pair[0]) box.prepend(pair[0]);
    if (box.lastElementChild !== pair[1]) box.append(pair[1]);
    return pair;
  };

  const rowsOf = (box) => [...box.children].filter((row) => !spaces.get(box)?.includes(row));

  const number = (box, name) => +box.getAttribute(`dj-virtual-${name}`) || 0;

  /** What is known of an element: the height of a row, and where the window begins and ends. */
  const measure = (box) => {
    const first = number(box, "start");
    const rows = rowsOf(box);
    const { length } = rows;
    const height = length
      ? (rows[length - 1].getBoundingClientRect().bottom - rows[0].getBoundingClientRect().top) / length
      : 0;
    return { height, first, end: first + length, total: number(box, "total"), row: rows[0] };
  };

  /** Asks for other rows when those that are there do not reach far enough. */
  const look = (box) => {
    const { height, first, end, total } = measure(box);
    const screen = height ? Math.ceil(box.clientHeight / height) : 0;
    // With rows of no height nothing can be said: the page is hidden, or the list is empty.
    if (!screen && (first || end || !total)) return;
    const top = height ? Math.floor(box.scrollTop / height) : 0;
    const margin = screen >> 1;
    const lacks = top - margin < first && first > 0;
    if (!lacks && (end >= total || top + screen + margin <= end)) return;
    const size = Math.min(MOST, SCREENS * Math.max(screen, 1));
    const from = Math.max(0, Math.min(top - screen, total - size));
    const now = performance.now();
    const last = asked.get(box);
    if (last?.from === from && now - last.now < PATIENCE) return;
    asked.set(box, { from, now });
    const name = box.getAttribute("dj-virtual");
    window.djust.pushEvent("update_window", { name, start: from, size }, box);
  };

  const boxes = () => document.querySelectorAll(SELECTOR);
  const isLive = () => window.djust.connection.state === "connected";

  /** Where elements were scrolled to when their spaces went. */
  const tops = new WeakMap();

  /** The engine binds itself to a page of rows alone. */
  const begin = () => {
    if (isLive()) return;
    for (const box of boxes()) {
      asked.delete(box);
      if (spaces.get(box)?.[0].isConnected) tops.set(box, box.scrollTop);
      spaces.get(box)?.forEach((space) => space.remove());
    }
  };

  const fit = (box) => {
    const { height, first, end, total, row } = measure(box);
    const scrollTop = tops.get(box) ?? box.scrollTop;
    tops.delete(box);
    if (row) {
      const [before, after] = spacesOf(box, row);
      before.style.height = `${first * height}px`;
      after.style.height = `${Math.max(0, total - end) * height}px`;
    }
    // The browser may have followed rows that moved.
    if (box.scrollTop !== scrollTop) box.scrollTop = scrollTop;
    look(box);
  };

  const end = () => isLive() && boxes().forEach(fit);

  // Scroll events do not bubble, but they can be captured.
  const scrolled = ({ target }) => target.matches?.(SELECTOR) && look(target);
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  addEventListener("resize", end);
  end();

  return { begin, end };
};
