import { colors as consolaColors } from "consola/utils"

/** Where a view prints: what was asked for goes to `print`, everything said along the way to `note`. */
export interface Output {
  print(text: string): void
  note(text: string): void
  /** Columns of the terminal; null when the output is no terminal, and nothing is cut. */
  readonly columns: number | null
  readonly paint: Paint
  /** Progress is shown: standard error is a terminal. */
  readonly lively: boolean
}

export type Paint = Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>

/** `put` puts text on standard output, or throws. */
export function systemOutput(options: { json: boolean; put: (text: string) => void }): Output {
  const coloured =
    !options.json && process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"
  return {
    print: (text) => options.put(`${text}\n`),
    note: (text) => console.error(text),
    columns: process.stdout.isTTY ? (process.stdout.columns ?? 80) : null,
    paint: coloured ? colours : colourless,
    lively: process.stderr.isTTY === true && process.env.TERM !== "dumb",
  }
}

const { bold, dim, red, green, yellow, cyan } = consolaColors
const same = (text: string) => text
const colours: Paint = { bold, dim, red, green, yellow, cyan }
const colourless: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }
