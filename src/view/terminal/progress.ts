import { formatDuration } from "../../domain/duration.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { formatSize } from "./format.ts"
import type { SystemOutput } from "./output.ts"
import { sanitize } from "./sanitize.ts"

export interface ProgressTask {
  /** What is being done: "saving", "indexing". */
  readonly verb: string
  /** How many items there will be, and the bytes of all of them together; null when that is not known. */
  readonly items: number
  readonly bytes: number | null
}

const redrawMs = 100
const barAfterMs = 1_000
const logLineMs = 10_000

/**
 * Shows long work: on a terminal one line that is drawn over, with a bar, the rate and the time left for anything
 * beyond a second; elsewhere a plain line every ten seconds, so that a log shows it is alive.
 */
export function showProgress(
  out: SystemOutput,
  work: ProgressTask,
  clock = () => performance.now(),
): ProgressReporter {
  const startedAt = clock()
  let number = 0
  let label = ""
  let item = { done: 0, bytes: 0 }
  let before = 0 // bytes of the items that are done
  let saidAt = startedAt
  const place = () => (work.items > 1 && number <= work.items ? `${number}/${work.items} ` : "") // one may come again
  const total = () => Math.max(work.bytes ?? 0, before + item.bytes)
  const done = () => before + Math.min(item.done, item.bytes)
  const head = () => `${work.verb} ${place()}${sanitize(label)}`
  const percent = () =>
    `${total() === 0 ? 0 : Math.floor((100 * done()) / total())} % of ${formatSize(total())}`

  const progressLine = (elapsed: number) => {
    if (elapsed < barAfterMs) return `${head()} · ${formatSize(item.bytes)}`
    const rate = (1000 * done()) / elapsed
    const left = rate === 0 ? "" : ` · ${formatDuration(((total() - done()) / rate) * 1000 + 999)} left`
    const facts = `${percent()} · ${formatSize(Math.floor(rate))}/s${left}`
    const width = (out.columns ?? 80) - Bun.stringWidth(head()) - Bun.stringWidth(facts) - 3
    return `${head()} ${bar(done(), total(), width)}${facts}`
  }
  return {
    begin(name, bytes) {
      number++
      label = name
      item = { done: 0, bytes }
      out.draw(progressLine(clock() - startedAt))
    },
    advance(bytes) {
      item.done += bytes
      const now = clock()
      if (now - saidAt < (out.lively ? redrawMs : logLineMs)) return
      saidAt = now
      if (out.lively) out.draw(progressLine(now - startedAt))
      else if (!out.quiet) out.note(`${head()}: ${percent()}`)
    },
    end() {
      before += item.bytes
      item = { done: 0, bytes: 0 }
      out.draw("")
    },
  }
}

/** `█████░░░░░`, as long as the terminal has room for it. */
function bar(done: number, total: number, width: number): string {
  const length = Math.min(30, width)
  if (length < 5) return ""
  const full = total === 0 ? 0 : Math.floor((length * done) / total)
  return `${"█".repeat(full)}${"░".repeat(length - full)} `
}
