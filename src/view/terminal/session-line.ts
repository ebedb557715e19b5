import { fitColumns, sanitize } from "./sanitize.ts"

interface SessionLine {
  /** What became of it, padded and coloured. */
  readonly label: string
  readonly id: string
  /** Raw, as the session has it; null where it has none. */
  readonly title: string | null
  readonly facts: readonly string[]
}

const separator = " · "
/** A title cut to fewer columns names nothing. */
const minTitleColumns = 12

/**
 * `saved    649b6445 · port the parser · 154 KB · verified`. Where the terminal is too narrow (`columns`, null: no
 * terminal), the title is cut; where little would be left of it, the id makes room.
 */
export function formatSessionLine({ label, id, title, facts }: SessionLine, columns: number | null): string {
  const name = title === null ? "" : sanitize(title) // safety: plain-line-title
  if (name === "") return label + [id, ...facts].join(separator)
  const whole = label + [id, name, ...facts].join(separator)
  if (columns === null || Bun.stringWidth(whole) <= columns) return whole
  const room = (others: readonly string[]) =>
    columns - Bun.stringWidth(label + others.join(separator)) - separator.length * Math.min(1, others.length)
  const beside = room([id, ...facts])
  if (beside >= Math.min(minTitleColumns, Bun.stringWidth(name)))
    return label + [id, fitColumns(name, beside), ...facts].join(separator)
  return label + [fitColumns(name, Math.max(minTitleColumns, room(facts))), ...facts].join(separator)
}
