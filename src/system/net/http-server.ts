/** The only place that listens: on 127.0.0.1, or on a socket in a folder of its owner. */
import { chmodSync, lstatSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import { discard } from "../fs/durable.ts"
import { isPrivateFolder } from "../fs/trust.ts"

/** A request body beyond this size is refused unread. */
const maxBodyBytes = 64 * 1024
/** Streams say something more often than that. */
const idleSeconds = 60

export interface HttpServer {
  /** null on a socket. */
  readonly port: number | null
  stop(): Promise<void>
}

export type HttpHandler = (request: Request) => Promise<Response> | Response

/** `port` 0: any that is free. Throws when it is taken. */
export function listenOnLoopback(port: number, handle: HttpHandler): HttpServer {
  try {
    const server = Bun.serve({
      hostname: "127.0.0.1", // safety: loopback-only
      port,
      maxRequestBodySize: maxBodyBytes,
      idleTimeout: idleSeconds,
      development: false,
      fetch: handle,
      error: internalError,
    })
    return { port: server.port ?? null, stop: () => server.stop(true) }
  } catch (error) {
    throw new RescueError(
      "REFUSED",
      `port ${port} on 127.0.0.1 is taken`,
      "use another, or any that is free: session-rescue serve --port 0",
      { cause: error },
    )
  }
}

/** Listens on a socket whose folder only its owner can enter: the socket itself may be open to all (1.4, observed). */
export function listenOnSocket(path: string, handle: HttpHandler): HttpServer {
  const folder = dirname(path)
  // safety: socket-folder
  if (!isPrivateFolder(folder))
    throw new RescueError(
      "UNSAFE_FOLDER",
      `others can reach a socket in ${folder}`,
      `make a folder for it: mkdir -m 700 ${singleQuote(`${folder}/session-rescue`)}`,
    )
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new RescueError("REFUSED", `${path} exists`, "remove it if no server uses it, or use another name")
  const server = Bun.serve({
    unix: path,
    maxRequestBodySize: maxBodyBytes,
    development: false,
    fetch: handle,
    error: internalError,
  })
  chmodSync(path, 0o600)
  return {
    port: null,
    stop: async () => {
      await server.stop(true)
      discard(path)
    },
  }
}

/** Nothing of an error reaches a browser. */
function internalError(): Response {
  return new Response("internal error\n", { status: 500 })
}
