// npm ws, and Socket.IO 4 with its Redis adapter: `node peers.mjs ws|socketio <redis url>`; prints its port.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const [kind, redisUrl] = process.argv.slice(2);
const http = createServer();

if (kind === "ws") {
  const { WebSocketServer } = require("ws");
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", (socket) =>
    socket.on("message", (data) => {
      for (const member of server.clients) member.send(data, { binary: false });
    }),
  );
} else {
  const { Server } = require("socket.io");
  const { createAdapter } = require("@socket.io/redis-adapter");
  const { createClient } = require("redis");
  const publisher = createClient({ url: redisUrl });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const server = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
  server.adapter(createAdapter(publisher, subscriber));
  server.on("connection", (socket) => {
    socket.join("room");
    socket.on("send", (body) => server.to("room").emit("message", body));
  });
}
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
