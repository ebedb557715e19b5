import { styleText } from "node:util"
import { escapeJsonControls, fitColumns, stripControls } from "./sanitize.ts"

/** Where a view prints: what was asked for goes to `print`, everything said along the way to `note`. */
export interface Output {
  print(text: string): void
  note(text: string): void
  /** Columns of the terminal; null when the output is not a terminal: nothing is cut. */
  readonly columns: number | null
  readonly paint: Paint
  /** Progress is shown: standard error is a terminal. */
  readonly lively: boolean
  /** The words behind the program's name that this answers. */
  readonly typed: readonly string[]
}

/** What the program itself prints on: the streams, and what the terminals at their ends can do. */
export interface SystemOutput extends Output {
  /** A line to be pasted: exactly as it is, also where the terminal shows no Unicode. */
  exact(text: string): void
  /** Draws over the current line of standard error; without a text it is cleared. Nothing where it is not lively. */
  draw(text: string): void
  /** Rows of the terminal; null when the output is not a terminal. */
  readonly rows: number | null
  readonly unicode: boolean
  /** Whether `paint` colours. */
  readonly coloured: boolean
  /** One JSON document is all that was asked for: no progress, anywhere. */
  readonly quiet: boolean
}

export type Paint = Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>

/** The ends of the two streams, and the environment, which says what the terminals there can show. */
export interface OutputStreams {
  readonly out: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
  readonly err: { readonly isTTY?: boolean; readonly columns?: number }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly typed: readonly string[]
  /** Puts text on standard output, or throws. */
  put(text: string): void
  /** Puts text on standard error. */
  putError(text: string): void
}

export function createOutput(streams: OutputStreams, options: { json: boolean }): SystemOutput {
  const { out, err, environment } = streams
  const onTerminal = out.isTTY === true
  const dumb = environment.TERM === "dumb"
  const unicode = showsUnicode(environment)
  const lively = err.isTTY === true && !dumb && !options.json
  const coloured = !options.json && wantsColour(environment, onTerminal && !dumb)
  const shown = (terminal: boolean, text: string) =>
    // safety: last-door
    terminal ? (unicode ? stripControls(text) : asciiOnly(stripControls(text))) : text
  return {
    print: (text) => streams.put(`${options.json ? escapeJsonControls(text) : shown(onTerminal, text)}\n`), // safety: json-door
    exact: (text) => streams.put(`${onTerminal ? stripControls(text) : text}\n`), // safety: exact-door
    note(text) {
      const plain = wantsColour(environment, err.isTTY === true && !dumb) ? text : Bun.stripANSI(text)
      streams.putError(`${shown(err.isTTY === true, plain)}\n`)
    },
    draw(text) {
      if (!lively) return
      const line = shown(true, fitColumns(text, (err.columns || 80) - 1))
      streams.putError(`\r\u001b[K${line}`)
    },
    get columns() {
      return onTerminal ? out.columns || 80 : null
    },
    get rows() {
      return onTerminal ? out.rows || 24 : null
    },
    paint: coloured ? colours : colourless,
    coloured,
    lively,
    typed: streams.typed,
    unicode,
    quiet: options.json,
  }
}

/** What is done to a line that is drawn on this terminal: only colours get through. */
export function terminalLine({ unicode }: SystemOutput): (line: string) => string {
  return (line) => (unicode ? stripControls(line) : asciiOnly(stripControls(line))) // safety: drawn-door
}

/** `put` puts text on standard output, or throws. */
export function systemOutput(options: { json: boolean; put: (text: string) => void }): SystemOutput {
  const { stdout: out, stderr: err, env: environment } = process
  const typed = process.argv.slice(2)
  const putError = (text: string) => void process.stderr.write(text)
  return createOutput({ out, err, environment, typed, put: options.put, putError }, options)
}

/**
 * FORCE_COLOR wins (force-color.org; 0 and false mean no colour, as in Node.js), then NO_COLOR (no-color.org), then
 * CLICOLOR_FORCE and CLICOLOR=0 (bixense.com/clicolors). An empty value counts as not set.
 */
function wantsColour(
  { FORCE_COLOR, NO_COLOR, CLICOLOR_FORCE, CLICOLOR }: Readonly<Record<string, string | undefined>>,
  canShow: boolean,
): boolean {
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false"
  if (NO_COLOR) return false
  if (CLICOLOR_FORCE && CLICOLOR_FORCE !== "0") return true
  return canShow && CLICOLOR !== "0"
}

/** The decision is `wantsColour`'s: no stream is asked. */
const painter = (style: keyof Paint) => (text: string) => styleText(style, text, { validateStream: false })
const same = (text: string) => text
const colours: Paint = {
  bold: painter("bold"),
  dim: painter("dim"),
  red: painter("red"),
  green: painter("green"),
  yellow: painter("yellow"),
  cyan: painter("cyan"),
}
const colourless: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }

/** What views write for the eye, and below it what stands for it where a terminal shows no Unicode. */
const ornament = "·—–…→─│├┌┐└┘█░↑↓•◆◇■▲●○◻◼❯═«»"
const asciiReplacements = "---~>-|+++++#.^v-*ox!>.-x>=<>" // one column each, so that what is aligned stays so
const ornaments = new RegExp(`[${ornament}]`, "g")

export function asciiOnly(text: string): string {
  return text.replace(ornaments, (found) => asciiReplacements[ornament.indexOf(found)] ?? "?")
}

/**
 * Whether a terminal can be expected to show Unicode: the locale says so (POSIX: LC_ALL, then LC_CTYPE, then LANG)
 * and the terminal is neither dumb nor the kernel's own console.
 */
function showsUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = environment
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") && TERM !== "dumb" && TERM !== "linux"
}
