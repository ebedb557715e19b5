/** A terminal of any width that keeps what was written on it. */
import { createOutput, type SystemOutput } from "../../../src/view/terminal/output.ts"

export interface Written {
  readonly out: SystemOutput
  text(): string
}

export interface Kind {
  readonly columns?: number
  readonly rows?: number
  readonly json?: boolean
  /** Standard error is a pipe, whatever standard output is. */
  readonly errorOnPipe?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

export const unicode = { LANG: "C.UTF-8", TERM: "xterm-256color" }

/** `columns`: null for a pipe. */
export function terminal(
  columns: number | null,
  { rows = 40, json = false, errorOnPipe = false, environment = unicode }: Kind = {},
): Written {
  const parts: string[] = []
  const put = (text: string) => void parts.push(text)
  const end = columns === null ? {} : { isTTY: true, columns, rows }
  const out = createOutput(
    { out: end, err: errorOnPipe ? {} : end, environment, typed: [], put, putError: put },
    { json },
  )
  return { out, text: () => parts.join("") }
}
