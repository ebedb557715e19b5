export interface Row {
  readonly what: string
  /** Milliseconds. */
  readonly ours: number
  readonly against: string | null
  readonly theirs: number | null
  /** What the project promises, as "≤ 3×" or "≥ 2.5×"; null when the row is only to know. */
  readonly wanted: string | null
  /** Slower than the other one by this factor; for a copy, as many times as fast. */
  readonly ratio: number | null
  readonly memory: number | null
  readonly read: number | null
}

export function table(rows: readonly Row[]): string {
  const head = ["what", "time", "compared with", "its time", "ratio", "wanted", "peak memory", "bytes read"]
  const lines = rows.map((row) => [
    row.what,
    milliseconds(row.ours),
    row.against ?? "–",
    milliseconds(row.theirs),
    row.ratio === null ? "–" : `${row.ratio.toFixed(2)}×`,
    row.wanted ?? "–",
    megabytes(row.memory),
    megabytes(row.read),
  ])
  const rule = head.map(() => "---")
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
}

function milliseconds(time: number | null): string {
  if (time === null) return "–"
  return `${time < 100 ? time.toFixed(1) : Math.round(time)} ms`
}

function megabytes(bytes: number | null): string {
  return bytes === null ? "–" : `${Math.round(bytes / 1e6)} MB`
}
