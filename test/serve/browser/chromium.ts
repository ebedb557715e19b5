/** A headless Chromium with a throw-away profile, driven over its debugging protocol. */
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

export class Chromium {
  readonly #child: Bun.Subprocess
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #last = 0
  /** What the page logged, threw, or was refused by its policy. */
  readonly complaints: string[] = []
  /** Every address that it asked for. */
  readonly requests: string[] = []
  /** Dialogs that it opened. */
  readonly dialogs: string[] = []

  private constructor(child: Bun.Subprocess, socket: WebSocket) {
    this.#child = child
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)))
  }

  static async open(folder: string): Promise<Chromium> {
    const profile = join(folder, "chromium")
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    const child = Bun.spawn(
      ["chromium", ...flags, `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"],
      {
        env: { HOME: folder, PATH: process.env.PATH ?? "" },
        stdio: ["ignore", "ignore", "pipe"],
      },
    )
    let said = ""
    for await (const piece of child.stderr) {
      said += new TextDecoder().decode(piece)
      const [, port] = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said) ?? []
      if (port !== undefined) return Chromium.#attach(child, port)
    }
    throw new Error(`chromium did not start: ${said}`)
  }

  static async #attach(child: Bun.Subprocess, port: string): Promise<Chromium> {
    const tabs = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as Record<string, string>[]
    const tab = tabs.find(({ type }) => type === "page")
    const socket = new WebSocket(tab?.webSocketDebuggerUrl ?? "")
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = reject
    })
    const chromium = new Chromium(child, socket)
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await chromium.#send(`${domain}.enable`)
    return chromium
  }

  #hear({ id, method, params = {}, ...answer }: Answer): void {
    if (id !== undefined) this.#waiting.get(id)?.(answer)
    if (method === "Log.entryAdded" || method === "Runtime.exceptionThrown")
      this.complaints.push(JSON.stringify(params))
    if (method === "Network.requestWillBeSent")
      this.requests.push(String((params.request as { url?: string })?.url))
    if (method === "Page.javascriptDialogOpening") this.dialogs.push(JSON.stringify(params))
  }

  async #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await answer
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async go(url: string): Promise<void> {
    await this.#send("Page.navigate", { url })
  }

  /** What an expression is there. */
  async value(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true }
    const { result } = await this.#send("Runtime.evaluate", params)
    return (result as { value?: unknown }).value
  }

  /** Waits until the expression is true there. */
  async shows(expression: string): Promise<void> {
    await until(`in the browser: ${expression}`, async () => (await this.value(expression)) === true)
  }

  async look({ width, height, dark }: { width: number; height: number; dark: boolean }): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: false }
    await this.#send("Emulation.setDeviceMetricsOverride", size)
    const scheme = { name: "prefers-color-scheme", value: dark ? "dark" : "light" }
    await this.#send("Emulation.setEmulatedMedia", { features: [scheme] })
  }

  async close(): Promise<void> {
    this.#socket.close()
    this.#child.kill()
    await this.#child.exited
  }
}
