import { bound, notMet, type Row } from "./bench.ts"
import type { Timing } from "./measure.ts"

/** As Markdown; what it was run on above it, and below it what was wanted and not met. */
export function table(rows: readonly Row[], machine: string): string {
  const head = ["what", "time", "peak memory", "against", "its time", "ratio", "wanted"]
  const lines = rows.map((row, at) => {
    const first = rows[at - 1]?.what !== row.what
    return [
      first ? row.what : "",
      first ? milliseconds(row.ours) : "",
      first ? megabytes(row.memory) : "",
      row.against ?? "–",
      row.skipped ?? milliseconds(row.theirs),
      row.ratio === null ? "–" : `${row.ratio.toFixed(2)}× ${row.means}`,
      row.wanted === null ? "–" : bound(row.means, row.wanted),
    ]
  })
  const missed = notMet(rows)
  const verdict =
    missed.length === 0
      ? [`All that is wanted is met, memory too: at most ${allowed(rows)}.`]
      : ["Wanted and not met:", ...missed.map((each) => `- ${each}`)]
  const cells = [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`)
  return [machine, "", ...cells, "", ...verdict].join("\n")
}

function allowed(rows: readonly Row[]): string {
  const limits = [...new Set(rows.map(({ wantedMemory }) => wantedMemory))].toSorted((a, b) => a - b)
  return limits.map(megabytes).join(", or as the row allows ")
}

function milliseconds(timing: Timing | null): string {
  if (timing === null) return "–"
  const { best } = timing
  return `${best < 100 ? best.toFixed(1) : Math.round(best).toLocaleString("en")} ms`
}

function megabytes(bytes: number | null): string {
  return bytes === null ? "–" : `${Math.round(bytes / 1e6)} MB`
}
