// A URL goes in; what happens to a binary WebSocket comes out, as calls.

/**
 * @param url of the socket
 * @param on `open()`, `message(bytes)` and `close(code)`
 * @returns `send(bytes)` and `close()`; after `close` no call comes any more
 */
export const openSocket = (url, on) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => on.open();
  socket.onmessage = ({ data }) => on.message(new Uint8Array(data));
  socket.onclose = ({ code }) => on.close(code);
  return {
    send: (bytes) => socket.send(bytes),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    },
  };
};
