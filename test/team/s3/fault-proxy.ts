/** Stands between a client and a store, and does to one request what networks and servers do. */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export const faults = [
  "cut-before", // nothing arrives
  "cut-request", // a part of the request arrives
  "cut-answer", // it is done, and nobody says so
  "cut-body", // a part of the answer arrives
  "503-before",
  "429-before",
  "500-after", // it is done, and the answer is an error
  "flip-request",
  "flip-answer",
  "delay",
  "lie-length",
  "lie-checksum",
  "lie-done", // nothing is done, and the answer is yes
  "lie-absent", // what is asked for is said not to be there
] as const
export type Fault = (typeof faults)[number]

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

export class FaultProxy {
  readonly #server = createServer((request, response) => void this.#pass(request, response))
  readonly #upstream: URL
  #count = 0
  #planned: { readonly at: number; readonly fault: Fault } | null = null
  /** What the fault was done to; null: no request came that far, or there was nothing to do to it. */
  struck: string | null = null
  /** Called with the number of each request before it is passed on, and after its answer has come. */
  watch: (n: number, when: "before" | "after") => void | Promise<void> = () => {}

  private constructor(upstream: string) {
    this.#upstream = new URL(upstream)
  }

  static async start(upstream: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream)
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get count(): number {
    return this.#count
  }

  /** The request with this number, counted from now on, gets the fault; none: all are passed on. */
  plan(at = -1, fault: Fault = "delay"): void {
    this.#count = 0
    this.struck = null
    this.#planned = at < 0 ? null : { at, fault }
  }

  dispose(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const n = this.#count++
    await this.watch(n, "before")
    const fault = this.#planned?.at === n ? this.#planned.fault : null
    try {
      await this.#perform(request, response, { body: Buffer.concat(pieces), fault })
    } catch {
      response.destroy()
    }
    this.watch(n, "after")
  }

  async #perform(
    request: IncomingMessage,
    response: ServerResponse,
    { body, fault }: { readonly body: Buffer; readonly fault: Fault | null },
  ): Promise<void> {
    const { method = "GET", url = "/" } = request
    const strike = () => {
      this.struck = `${method} ${url}`
    }
    if (fault === "cut-before") {
      strike()
      response.destroy()
      return
    }
    if (fault === "503-before" || fault === "429-before") {
      strike()
      response.writeHead(Number(fault.slice(0, 3)), { "retry-after": "0", connection: "close" })
      response.end("<Error><Code>SlowDown</Code></Error>")
      return
    }
    if (fault === "lie-done" && method === "PUT") {
      strike()
      response.writeHead(200, { etag: '"1"' }).end()
      return
    }
    if (fault === "lie-absent" && ["GET", "HEAD"].includes(method)) {
      strike()
      response.writeHead(404).end(method === "HEAD" ? "" : "<Error><Code>NoSuchKey</Code></Error>")
      return
    }
    if (fault === "delay") {
      strike()
      await Bun.sleep(50)
    }
    let sent = body
    if (fault === "flip-request" && body.length > 0) {
      strike()
      sent = flipped(body)
    }
    if (fault === "cut-request" && body.length > 1) {
      strike()
      await this.#ask(request, sent.subarray(0, body.length >> 1), true).catch(() => {})
      response.destroy()
      return
    }
    const answer = await this.#ask(request, sent)
    this.#give(answer, response, { method, fault, strike })
  }

  #give(
    answer: Answer,
    response: ServerResponse,
    { method, fault, strike }: { method: string; fault: Fault | null; strike: () => void },
  ): void {
    const { status, headers } = answer
    let { body } = answer
    if (fault === "cut-answer") {
      strike()
      response.destroy()
      return
    }
    if (fault === "500-after") {
      strike()
      response.writeHead(500).end(method === "HEAD" ? "" : "<Error><Code>InternalError</Code></Error>")
      return
    }
    if (fault === "flip-answer" && body.length > 0 && method === "GET") {
      strike()
      body = flipped(body)
    }
    if (fault === "lie-length" && method === "HEAD" && status === 200) {
      strike()
      headers["content-length"] = String(Number(headers["content-length"]) + 1)
    }
    if (fault === "lie-checksum" && method === "HEAD" && headers["x-amz-checksum-sha256"] !== undefined) {
      strike()
      headers["x-amz-checksum-sha256"] = `${"A".repeat(43)}=`
    }
    response.writeHead(status, headers as Record<string, string>)
    if (fault === "cut-body" && body.length > 1) {
      strike()
      response.write(body.subarray(0, body.length >> 1), () => response.destroy())
      return
    }
    response.end(body)
  }

  #ask({ method, url, headers }: IncomingMessage, body: Buffer, cut = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#upstream
      const asked = ask({ hostname, port, method, path: url, headers, agent: false }, async (answer) => {
        const pieces: Buffer[] = []
        try {
          for await (const piece of answer) pieces.push(piece as Buffer)
        } catch (error) {
          reject(error)
          return
        }
        const { connection, "transfer-encoding": encoding, ...kept } = answer.headers
        const all = Buffer.concat(pieces)
        const length =
          method === "HEAD" || answer.statusCode === 204 ? {} : { "content-length": String(all.length) }
        resolve({ status: answer.statusCode ?? 500, headers: { ...kept, ...length }, body: all })
      })
      asked.on("error", reject)
      if (cut) asked.write(body, () => asked.destroy(new Error("cut")))
      else asked.end(body)
    })
  }
}

function flipped(body: Buffer): Buffer {
  const other = Buffer.from(body)
  const at = other.length >> 1
  other[at] = (other[at] ?? 0) ^ 1
  return other
}
