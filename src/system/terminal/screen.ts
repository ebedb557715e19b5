import { Writable } from "node:stream"

/** The terminal as prompts want it: a stream that knows its size, and tells when that changes. */
export interface Screen extends Writable {
  readonly columns: number
  readonly rows: number
}

interface TerminalStream {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
  on(event: "resize", listener: () => void): unknown
  off(event: "resize", listener: () => void): unknown
}

/** Standard output as a screen whose text is changed on its way, for terminals that cannot show everything. */
export function screenOn(terminal: TerminalStream, change: (text: string) => string): Screen {
  const screen = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      terminal.write(change(String(text)))
      done()
    },
  })
  const resized = () => void screen.emit("resize")
  terminal.on("resize", resized)
  screen.once("close", () => terminal.off("resize", resized))
  return Object.defineProperties(screen, {
    columns: { get: () => terminal.columns || 80 },
    rows: { get: () => terminal.rows || 24 },
  }) as Screen
}

/** Whether a person can be asked: both ends are terminals, and no machine drives them. */
export function canPrompt(): boolean {
  const { CI } = process.env
  return process.stdin.isTTY === true && process.stdout.isTTY === true && (!CI || CI === "false")
}

/** Whether a person reads what is said: errors go to a terminal. */
export function isStderrTerminal(): boolean {
  return process.stderr.isTTY === true
}

/** Whether a menu can be drawn, too. */
export function canDraw(): boolean {
  return canPrompt() && process.env.TERM !== "dumb"
}
