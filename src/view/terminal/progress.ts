import { formatDuration } from "../../domain/duration.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { formatSize } from "./format.ts"
import type { SystemOutput } from "./output.ts"
import { fitColumns, sanitize } from "./sanitize.ts"

export interface ProgressTask {
  /** What is being done: "saving", "indexing". */
  readonly verb: string
  /** How many items there will be; 0 when that is not known. */
  readonly items: number
  /** The bytes of all items together; null when that is not known: then each item is shown by itself. */
  readonly bytes: number | null
}

const redrawMs = 100
const barAfterMs = 1_000
const logLineMs = 10_000
/** The time left is said only after so long, and for what lasts longer than a moment. */
const minRateMs = 3_000
/** How far back the rate looks: an older second counts less and less. */
const rateWindowMs = 5_000
const minBarColumns = 10
const maxBarColumns = 30
const minTitleColumns = 8

/**
 * Shows long work: on a terminal one line that is drawn over, with a bar, the rate and the time left for anything
 * beyond a second; elsewhere a plain line every ten seconds, so that a log shows it is alive.
 */
export function showProgress(
  out: SystemOutput,
  work: ProgressTask,
  clock = () => performance.now(),
): ProgressReporter {
  let number = 0
  let label = ""
  let title = ""
  let item = { done: 0, bytes: 0 }
  let before = 0 // bytes of the items that are done
  let saidAt = clock()
  let startedAt = saidAt
  let rate = measureRate(startedAt)
  const isPerItem = work.bytes === null
  const place = () => (work.items > 1 && number <= work.items ? `${number}/${work.items} ` : "") // one may come again
  const total = () => (isPerItem ? item.bytes : Math.max(work.bytes ?? 0, before + item.bytes))
  const done = () => (isPerItem ? 0 : before) + Math.min(item.done, item.bytes)
  const head = () => `${work.verb} ${place()}${sanitize(label)}`
  const percent = () =>
    `${total() === 0 ? 0 : Math.floor((100 * done()) / total())} % of ${formatSize(total())}`

  const progressLine = (now: number) => {
    const columns = (out.columns ?? 80) - 1
    const elapsed = now - startedAt
    if (elapsed < barAfterMs) return titled(`${head()}`, title, ` · ${formatSize(item.bytes)}`, columns)
    const bytesPerMs = rate.at(now, done())
    const left = elapsed < minRateMs || bytesPerMs === 0 ? null : (total() - done()) / bytesPerMs
    return barLine(
      {
        head: head(),
        title,
        share: total() === 0 ? 0 : done() / total(),
        percent: percent(),
        rate: `${formatSize(Math.floor(1000 * bytesPerMs))}/s`,
        left: left === null ? "" : `${formatDuration(left + 999)} left`,
      },
      columns,
    )
  }
  return {
    begin(name, bytes, named = null) {
      number++
      label = name
      title = named === null ? "" : sanitize(named)
      item = { done: 0, bytes }
      const now = clock()
      if (isPerItem) {
        startedAt = now
        rate = measureRate(now)
      }
      out.draw(progressLine(now))
    },
    advance(bytes) {
      item.done += bytes
      const now = clock()
      if (now - saidAt < (out.lively ? redrawMs : logLineMs)) return
      saidAt = now
      if (out.lively) out.draw(progressLine(now))
      else if (!out.quiet) out.note(`${head()}: ${percent()}`)
    },
    end() {
      before += item.bytes
      item = { done: 0, bytes: 0 }
      out.draw("")
    },
  }
}

/** Bytes per millisecond: at first the average since the start, then a moving one in which the last seconds count most. */
function measureRate(startedAt: number): { at(now: number, done: number): number } {
  let last = { at: startedAt, done: 0 }
  let rate: number | null = null
  return {
    at(now, done) {
      const passed = now - last.at
      if (passed <= 0) return rate ?? 0
      const weight = rate === null ? 1 : 1 - Math.exp(-passed / rateWindowMs)
      const momentary = Math.max(0, done - last.done) / passed
      rate = (rate ?? 0) + weight * (momentary - (rate ?? 0))
      last = { at: now, done }
      return rate
    },
  }
}

interface BarFacts {
  readonly head: string
  readonly title: string
  readonly share: number
  readonly percent: string
  readonly rate: string
  /** Empty while not enough is known. */
  readonly left: string
}

/** The bar is always there where the terminal has the usual 80 columns: title, rate and time left make room for it. */
function barLine({ head, title, share, percent, rate, left }: BarFacts, columns: number): string {
  const choices = [[percent, rate, left], [percent, left], [percent]].map((facts) =>
    facts.filter((each) => each !== "").join(" · "),
  )
  const roomBeside = (facts: string) => columns - Bun.stringWidth(head) - Bun.stringWidth(facts) - 2
  const facts = choices.find((each) => roomBeside(each) >= minBarColumns) ?? percent
  const room = roomBeside(facts)
  const named = titled(head, title, "", Bun.stringWidth(head) + room - minBarColumns)
  const length = Math.min(maxBarColumns, columns - Bun.stringWidth(named) - Bun.stringWidth(facts) - 2)
  return length < minBarColumns / 2 ? `${head} ${facts}` : `${named} ${bar(share, length)} ${facts}`
}

/** The title is between what stands before and after it, cut to the columns that they leave. */
function titled(head: string, title: string, tail: string, columns: number): string {
  const room = columns - Bun.stringWidth(head) - Bun.stringWidth(tail) - 1
  const shown = title === "" || room < minTitleColumns ? "" : ` ${fitColumns(title, room)}`
  return head + shown + tail
}

/** `█████░░░░░` */
function bar(share: number, length: number): string {
  const full = Math.floor(length * Math.min(1, share))
  return "█".repeat(full) + "░".repeat(length - full)
}
