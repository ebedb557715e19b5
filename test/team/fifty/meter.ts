/** Stands between a program and a server, and counts what goes through it. */

import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

export class Meter {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The lines of `[team.sink]`, with the meter's address in place of the server's. */
  readonly settings: string
  #requests = 0
  #sent = 0
  #received = 0

  private constructor(server: Server, settings: string) {
    this.#server = server
    this.settings = settings
  }

  static async start(settings: string): Promise<Meter> {
    const port = /127\.0\.0\.1:(\d+)/.exec(settings)?.[1]
    if (port === undefined) throw new Error("there is no server to measure")
    let meter: Meter | null = null
    const server = createServer((socket) => meter?.pass(socket, Number(port)))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const own = (server.address() as AddressInfo).port
    meter = new Meter(server, settings.replace(`127.0.0.1:${port}`, `127.0.0.1:${own}`))
    return meter
  }

  reset(): void {
    this.#requests = 0
    this.#sent = 0
    this.#received = 0
  }

  /** `requests`: of HTTP; a database has messages instead. */
  get count(): { readonly requests: number; readonly sent: number; readonly received: number } {
    return { requests: this.#requests, sent: this.#sent, received: this.#received }
  }

  pass(socket: Socket, port: number): void {
    const upstream = connect(port, "127.0.0.1")
    for (const each of [socket, upstream]) {
      this.#sockets.add(each)
      each.on("error", () => each.destroy())
      each.on("close", () => {
        this.#sockets.delete(each)
        socket.destroy()
        upstream.destroy()
      })
    }
    socket.on("data", (bytes: Buffer) => {
      this.#sent += bytes.length
      if (/^(GET|PUT|POST|HEAD|DELETE) \S+ HTTP\/1\.1\r\n/.test(bytes.subarray(0, 4096).toString("latin1")))
        this.#requests++
      upstream.write(bytes)
    })
    upstream.on("data", (bytes) => {
      this.#received += bytes.length
      socket.write(bytes)
    })
  }

  dispose(): void {
    this.#server.close()
    for (const each of this.#sockets) each.destroy()
  }
}
