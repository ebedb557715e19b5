import { emitKeypressEvents, type Interface } from "node:readline"

/** A key as the terminal reports it. */
interface PressedKey {
  /** `up`, `pagedown`, `return`, `escape`, `e`, … */
  readonly name: string
  /** What it types; empty for keys that type nothing. */
  readonly text: string
  readonly ctrl: boolean
}

export interface FullScreenEvents {
  onKey(key: PressedKey): void
  onResize(): void
  /** The terminal is gone. */
  onGone(): void
}

const enter = "\u001b[?1049h\u001b[?25l\u001b[2J"
const leave = "\u001b[?25h\u001b[?1049l"
const ctrlC = "\u0003"
/** After Escape nothing may follow that belongs to it: half a second, the default, feels like no answer. */
const escapeMs = 50
/** Synchronized update: a terminal that knows it shows a frame at once, others ignore it. */
const [frameStart, frameEnd] = ["\u001b[?2026h", "\u001b[?2026l"]

/**
 * The alternate screen of the user's terminal: what was on the terminal comes back when it is left, however this
 * program ends. Only lines that changed are drawn.
 */
export class FullScreen {
  readonly #change: (line: string) => string
  readonly #events: FullScreenEvents
  #drawn: readonly string[] = []
  #open = false
  readonly #onExit = () => {
    if (this.#open) process.stdout.write(leave)
  }
  readonly #onResize = () => {
    this.#drawn = []
    this.#events.onResize()
  }
  readonly #onGone = () => this.#events.onGone()
  readonly #onKeypress = (text: string | undefined, key: Keypress | undefined) => {
    const { name = text ?? "", ctrl = false, meta = false } = key ?? {}
    const typed = text !== undefined && !ctrl && !meta && /^[^\p{Cc}]+$/u.test(text) ? text : ""
    this.#events.onKey({ name, text: typed, ctrl })
  }

  /** `change`: what is done to each line before a terminal gets it. */
  constructor(change: (line: string) => string, events: FullScreenEvents) {
    this.#change = change
    this.#events = events
    emitKeypressEvents(process.stdin, { escapeCodeTimeout: escapeMs } as unknown as Interface)
  }

  get columns(): number {
    return process.stdout.columns || 80
  }

  get rows(): number {
    return process.stdout.rows || 24
  }

  open(): void {
    if (this.#open) return
    this.#open = true
    this.#drawn = []
    process.stdin.setRawMode(true)
    process.stdin.resume()
    process.stdin.on("keypress", this.#onKeypress)
    process.stdin.once("end", this.#onGone)
    process.stdout.on("resize", this.#onResize)
    process.once("exit", this.#onExit)
    process.stdout.write(enter)
  }

  /** Gives the terminal back as it was, with room for questions and reports. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    process.stdin.off("keypress", this.#onKeypress)
    process.stdin.off("end", this.#onGone)
    process.stdout.off("resize", this.#onResize)
    process.off("exit", this.#onExit)
    process.stdout.write(leave)
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }

  /** Shows these lines, from the top; what is below them is cleared. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return
    let frame = ""
    for (let row = 0; row < this.rows; row++) {
      const line = lines[row] ?? ""
      if (this.#drawn[row] === line) continue
      frame += `\u001b[${row + 1};1H${this.#change(line)}\u001b[0m\u001b[K`
    }
    this.#drawn = [...lines, ...Array(Math.max(0, this.rows - lines.length)).fill("")]
    if (frame !== "") process.stdout.write(frameStart + frame + frameEnd)
  }

  /** Alerts the user who does not look: a bell, which a terminal or tmux shows in its own way. */
  ring(): void {
    if (this.#open) process.stdout.write("\u0007")
  }

  /** Waits for one key while the normal screen is shown. `leave`: Ctrl-C, a signal, or a terminal that is gone. */
  async nextKey(signal: AbortSignal): Promise<"key" | "leave"> {
    const { stdin } = process
    const { promise, resolve } = Promise.withResolvers<"key" | "leave">()
    const onData = (data: Buffer | string) => resolve(String(data) === ctrlC ? "leave" : "key")
    const onEnd = () => resolve("leave")
    stdin.setRawMode(true)
    stdin.resume()
    stdin.once("data", onData)
    stdin.once("end", onEnd)
    signal.addEventListener("abort", onEnd)
    try {
      return await promise
    } finally {
      stdin.off("data", onData)
      stdin.off("end", onEnd)
      signal.removeEventListener("abort", onEnd)
      stdin.setRawMode(false)
      stdin.pause()
    }
  }

  /** Stops this program as Ctrl-Z does, and goes on when the shell continues it. */
  suspend(): void {
    this.close()
    process.once("SIGCONT", () => {
      this.open()
      this.#events.onResize()
    })
    process.kill(process.pid, "SIGSTOP")
  }
}

interface Keypress {
  readonly name?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
}
