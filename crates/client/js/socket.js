// A URL goes in; what happens to a binary WebSocket comes out, as inputs of an engine.

import { BYTES, CLOSED, OPEN } from "./inputs.js";

/**
 * @param url of the socket
 * @param input that of the engine which the socket serves
 * @returns `send(bytes)` and `close()`; after `close` no input comes any more
 */
export const openSocket = (url, input) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => input(OPEN);
  socket.onmessage = ({ data }) => input(BYTES, 0, new Uint8Array(data));
  socket.onclose = ({ code }) => input(CLOSED, code);
  return {
    send: (bytes) => socket.send(bytes),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    },
  };
};
