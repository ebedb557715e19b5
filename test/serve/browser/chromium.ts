/** A headless Chromium with a throw-away profile, driven over its debugging protocol. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { until } from "../../fixtures/until.ts"

const axe = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"))

export interface Look {
  readonly width: number
  readonly height: number
  readonly dark: boolean
  /** As a person sets it who gets sick of things that move. */
  readonly still?: boolean
}

/** A desk and a telephone, by day and by night. */
export const looks: readonly Look[] = [
  { width: 1280, height: 800, dark: false },
  { width: 1280, height: 800, dark: true },
  { width: 390, height: 844, dark: false },
  { width: 390, height: 844, dark: true },
]

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

  /** `more`: flags of a test's own. */
  static async open(folder: string, more: readonly string[] = []): Promise<Chromium> {
    const profile = join(folder, "chromium")
    const quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      ...quiet,
      ...more,
    ]
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

  /** Pages that are loaded from now on are not held by their own policy. */
  async ignorePolicy(): Promise<void> {
    await this.#send("Page.setBypassCSP", { enabled: true })
  }

  /** What an expression is there; throws what it throws. */
  async value(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", params)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value?: unknown }).value
  }

  /** Waits until the expression is true there; what it throws while a page is being loaded is not yet. */
  async shows(expression: string): Promise<void> {
    const text = `(() => { try { return (${expression}) === true } catch { return false } })()`
    await until(`in the browser: ${expression}`, async () => (await this.value(text)) === true)
  }

  async look({ width, height, dark, still = false }: Look): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: false }
    await this.#send("Emulation.setDeviceMetricsOverride", size)
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: still ? "reduce" : "no-preference" },
    ]
    await this.#send("Emulation.setEmulatedMedia", { features })
  }

  /** Presses keys, one after the other, where the focus is: "j", "Tab", "Enter", "Escape". */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const named = namedKeys[key]
      const what = named ?? { text: key, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) }
      await this.#send("Input.dispatchKeyEvent", { type: "keyDown", key, ...what })
      await this.#send("Input.dispatchKeyEvent", { type: "keyUp", key, ...what })
    }
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.#send("Input.insertText", { text })
  }

  /** What axe finds wrong with the page as it is now: the rule, and where. */
  async inaccessible(): Promise<readonly string[]> {
    await this.value(`${readFileSync(axe, "utf8")}; 0`)
    const run = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary)))`
    return (await this.value(run)) as readonly string[]
  }

  async screenshot(path: string): Promise<void> {
    const { data } = await this.#send("Page.captureScreenshot", { format: "png" })
    writeFileSync(path, Buffer.from(data as string, "base64"))
  }

  async close(): Promise<void> {
    this.#socket.close()
    this.#child.kill()
    await this.#child.exited
  }
}

const namedKeys: Readonly<Record<string, object>> = {
  Tab: { code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { code: "Escape", windowsVirtualKeyCode: 27 },
}
