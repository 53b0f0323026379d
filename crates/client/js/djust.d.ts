/** What `init` can load the engine from. */
export type EngineSource =
  | string
  | URL
  | Request
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<Response>;

/**
 * Loads the engine. Call it once and await it before `mount`; later calls return the same promise.
 *
 * @param source where `djust.wasm` is; by default beside the module
 * @throws if the engine cannot be fetched or compiled; a later call tries again
 *
 * @example
 * import { init, mount } from "djust-wasm";
 * await init();
 * const root = mount(document.querySelector("#counter")!, mountFrame);
 * socket.onmessage = ({ data }) => root.apply(new Uint8Array(data));
 */
export function init(source?: EngineSource): Promise<void>;

/** A tree in an element. */
export interface Root {
  /**
   * Applies a mount or update frame (docs/protocol.md); an ack frame changes nothing.
   *
   * @throws if the frame is malformed or one before it is missing; the page is as it was, and a
   *   mount frame brings it up to date
   */
  apply(frame: Uint8Array): void;
  /** Removes the tree from its element, which is empty then. */
  unmount(): void;
}

/**
 * Replaces the content of an element with the tree of a mount frame.
 *
 * @param options `hydrate`: the element has the content already, as HTML from a server; its nodes
 *   are kept, and only what differs from the frame is changed
 * @throws if `init` is not done or the frame is no mount frame
 */
export function mount(element: Element, frame: Uint8Array, options?: { hydrate?: boolean }): Root;

/** What MessagePack carries: parameters of events and payloads of pushes. */
export type Value = null | boolean | number | string | Uint8Array | Value[] | { [name: string]: Value };

/** State of the connection, also in `<html data-djust="…">`. */
export type ConnectionState = "connecting" | "connected" | "reconnecting" | "offline";

/** What `this` is in the callbacks of a hook. */
export interface HookContext {
  /** The element with `dj-hook`. */
  readonly el: HTMLElement;
  /** Sends an event to the view in which the element stands. */
  pushEvent(name: string, params?: Record<string, Value>): void;
  /** Calls back for events that this view pushes, until the element goes. */
  handleEvent(name: string, callback: (payload: any) => void): void;
  /** Whatever the hook keeps for itself. */
  [own: string]: any;
}

/** What a page may do at the moments in the life of an element with `dj-hook`. */
export interface Hook {
  /** The element is there: served, or put in by a patch. */
  mounted?(this: HookContext): void;
  /** A patch is about to change the element or what stands in it. */
  beforeUpdate?(this: HookContext): void;
  /** A patch has changed the element or what stands in it; once for each frame. */
  updated?(this: HookContext): void;
  /** The element is gone. */
  destroyed?(this: HookContext): void;
  /** The connection is lost. */
  disconnected?(this: HookContext): void;
  /** The connection is back. */
  reconnected?(this: HookContext): void;
  /** Methods of the hook's own. */
  [own: string]: any;
}

/** An event on its way to the server, as interceptors see it. */
export interface OutgoingEvent {
  /** The handler that is to answer. */
  name: string;
  /** Its parameters. */
  params: Record<string, Value>;
  /** The element with the attribute; none for `pushEvent`. */
  readonly element: Element | null;
}

/** A link of the page's own in the chain between events and the server. */
export interface Interceptor {
  /** `next` hands the event on, at once or later; without it the event is dropped. */
  event(event: OutgoingEvent, next: () => void): void;
}

/** Values that handlers with `@client_state` and scripts of the page share. */
export interface StateBus {
  /** The last value of a key. */
  get(key: string): Value | undefined;
  /**
   * Sets a value and tells it to all who share the key: handlers of the views on the page, and
   * callbacks, also the caller's own. Changes that cause each other end after eight.
   */
  set(key: string, value: Value): void;
  /** Calls back for each new value of a key; returns how to end it. */
  subscribe(key: string, callback: (value: Value) => void): () => void;
}

/** `window.djust` on a live page. */
export interface Djust {
  /** Hooks by name. An object that the page put here before our script is kept. */
  hooks: Record<string, Hook>;
  /** The connection of the page. */
  readonly connection: { readonly state: ConnectionState };
  /**
   * Sends an event to the view around an element, or without one to the page, as an attribute
   * would. Before the page is live it does nothing.
   */
  pushEvent(name: string, params?: Record<string, Value>, element?: Element): void;
  /**
   * Calls back for each event that the server pushes under a name, with the element of the view
   * that sent it; returns how to end it.
   */
  on(name: string, callback: (payload: Value, view: Element) => void): () => void;
  /** What handlers with `@client_state` share. */
  readonly stateBus: StateBus;
  /** Lets an interceptor take part, in place of one with the same name; returns how to end it. */
  use(name: string, interceptor: Interceptor): () => void;
}

/** `detail` of `djust:busy`. Each event that begins to be under way also ends. */
export interface BusyDetail {
  /** The number of the live view. */
  root: number;
  /** The element that caused the event, if it has one and it is still on the page. */
  element: Element | undefined;
  /** The handler that is to answer. */
  handler: string;
  /** Whether the event is now under way, or no longer. */
  busy: boolean;
}

/** `detail` of `djust:error`; `preventDefault()` keeps the message box away. */
export interface ErrorDetail {
  /** A word for programs. */
  code: string;
  /** A sentence for people. */
  message: string;
  /** The event that failed, or 0. */
  event: number;
}

/** `detail` of `djust:rollback`. */
export interface RollbackDetail {
  /** The number of the live view. */
  root: number;
  /** The handler whose event it was. */
  handler: string;
  /** What was in the way. */
  reason: "error" | "timeout" | "disconnect" | "unsent";
}

declare global {
  interface Window {
    djust?: Partial<Djust>;
  }
  interface DocumentEventMap {
    "djust:connected": CustomEvent<undefined>;
    "djust:disconnected": CustomEvent<undefined>;
    "djust:error": CustomEvent<ErrorDetail>;
    "djust:busy": CustomEvent<BusyDetail>;
    /** Events that were sent when the connection broke: it is not known if they were handled. */
    "djust:unconfirmed": CustomEvent<{ names: string[] }>;
    /** What was shown before the answer is taken back; `preventDefault()` keeps the notice away. */
    "djust:rollback": CustomEvent<RollbackDetail>;
    /** A form was answered; `isTaken` unless an event failed in the meantime. */
    "djust:answered": CustomEvent<{ form: HTMLFormElement; isTaken: boolean }>;
    /** A draft came back into a form, which is the target. */
    "djust:restored": Event;
    /** An element with `dj-copy` put a text into the clipboard; it bubbles from the element. */
    "djust:copied": CustomEvent<{ text: string }>;
    /** The browser keeps the clipboard closed. */
    "djust:copy-failed": CustomEvent<{ text: string; error: unknown }>;
    "djust:push": CustomEvent<{ name: string; payload: Value; view: Element }>;
  }
}
