/** A server of the compiled binary, and what asks it. */
import { connect } from "node:net"
import { binary } from "../fixtures/machine.ts"
import type { Talks } from "../search/conversations.ts"

export class Serving {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">
  readonly link: string
  readonly origin: string

  private constructor(child: Bun.Subprocess<"ignore", "pipe", "pipe">, link: string) {
    this.#child = child
    this.link = link
    this.origin = new URL(link).origin
  }

  static start(machine: Talks, ...args: string[]): Promise<Serving> {
    const env = { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data }
    return Serving.in(machine.root, env, ...args)
  }

  static async in(folder: string, env: Record<string, string>, ...args: string[]): Promise<Serving> {
    const port = args.some((each) => each === "--unix" || each === "--port") ? [] : ["--port", "0"]
    const child = Bun.spawn([binary, "serve", "--no-open", ...port, ...args], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let text = ""
    for await (const piece of child.stdout) {
      text += new TextDecoder().decode(piece)
      const link = /https?:\/\/\S+#t=\S+/.exec(text)?.[0]
      if (link !== undefined) return new Serving(child, link)
    }
    throw new Error(`no link: ${text} ${await new Response(child.stderr).text()}`)
  }

  get pid(): number {
    return this.#child.pid
  }

  get token(): string {
    return this.link.split("#t=")[1] ?? ""
  }

  get port(): number {
    return Number(new URL(this.origin).port)
  }

  /** A key, as our own page gets it. */
  async enter(token = this.token): Promise<string | null> {
    const answer = await this.post("/api/enter", "", { token })
    return answer.ok ? ((await answer.json()) as { key: string }).key : null
  }

  get(path: string, key: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.origin + path, { headers: { "X-Session-Rescue-Key": key, ...headers } })
  }

  post(path: string, key: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.origin + path, {
      method: "POST",
      headers: {
        Origin: this.origin,
        "Content-Type": "application/json",
        "X-Session-Rescue-Key": key,
        ...headers,
      },
      body: JSON.stringify(body),
    })
  }

  /** What is answered to these very bytes. */
  raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, "127.0.0.1", () => socket.write(text))
      let answer = ""
      socket.on("data", (bytes) => {
        answer += bytes
        socket.end()
      })
      socket.on("close", () => resolve(answer))
      socket.on("error", reject)
    })
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number> {
    this.#child.kill(signal)
    return this.#child.exited
  }
}
