/** The user's terminal: prompts, pager, standard output, and restoring a terminal from outside. */
import { Writable } from "node:stream"

/** The terminal as prompts need it: a stream with a size and an event when the size changes. */
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

/** Standard output as a screen whose text is transformed, for terminals that cannot display all characters. */
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

/** Whether the user can be prompted: both ends are terminals, and this is not CI. */
export function canPrompt(): boolean {
  const { CI } = process.env
  return process.stdin.isTTY === true && process.stdout.isTTY === true && (!CI || CI === "false")
}

/** Whether a user sees error messages: standard error is a terminal. */
export function isStderrTerminal(): boolean {
  return process.stderr.isTTY === true
}

/** Whether a menu can also be drawn. */
export function canDraw(): boolean {
  return canPrompt() && process.env.TERM !== "dumb"
}
