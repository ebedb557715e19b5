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
  const task = new TaskProgress(work, clock())
  let saidAt = clock()
  return {
    begin(label, bytes, title = null) {
      const now = clock()
      task.begin({ label, bytes, title: title === null ? "" : sanitize(title), done: 0 }, now)
      out.draw(task.line(now, out.columns ?? 80))
    },
    advance(bytes) {
      task.advance(bytes)
      const now = clock()
      if (now - saidAt < (out.lively ? redrawMs : logLineMs)) return
      saidAt = now
      if (out.lively) out.draw(task.line(now, out.columns ?? 80))
      else if (!out.quiet) out.note(`${task.head}: ${task.percent}`)
    },
    end() {
      task.end()
      out.draw("")
    },
  }
}

const noItem = { label: "", title: "", done: 0, bytes: 0 }

/** How far a task is: one item after another, or all of them together. */
class TaskProgress {
  readonly #work: ProgressTask
  #startedAt: number
  #rate: ReturnType<typeof measureRate>
  #number = 0
  #item: { label: string; title: string; done: number; bytes: number } = { ...noItem }
  #before = 0 // bytes of the items that are done

  constructor(work: ProgressTask, now: number) {
    this.#work = work
    this.#startedAt = now
    this.#rate = measureRate(now)
  }

  begin(item: typeof noItem, now: number): void {
    this.#number++
    this.#item = item
    if (this.#work.bytes !== null) return
    this.#startedAt = now
    this.#rate = measureRate(now)
  }

  advance(bytes: number): void {
    this.#item.done += bytes
  }

  end(): void {
    this.#before += this.#item.bytes
    this.#item = { ...this.#item, done: 0, bytes: 0 }
  }

  get head(): string {
    const { verb, items } = this.#work
    const place = items > 1 && this.#number <= items ? `${this.#number}/${items} ` : "" // one may come again
    return `${verb} ${place}${sanitize(this.#item.label)}`
  }

  get percent(): string {
    const share = this.#total === 0 ? 0 : Math.floor((100 * this.#done) / this.#total)
    return `${share} % of ${formatSize(this.#total)}`
  }

  line(now: number, screenColumns: number): string {
    const columns = screenColumns - 1
    const { title, bytes } = this.#item
    const elapsed = now - this.#startedAt
    if (elapsed < barAfterMs) return withTitle(this.head, title, ` · ${formatSize(bytes)}`, columns)
    const rate = this.#rate.at(now, this.#done)
    const left = elapsed < minRateMs || rate === 0 ? null : (this.#total - this.#done) / rate
    const facts = {
      head: this.head,
      title,
      share: this.#share,
      percent: this.percent,
      rate: `${formatSize(Math.floor(1000 * rate))}/s`,
      left: left === null ? "" : `${formatDuration(left + 999)} left`,
    }
    return barLine(facts, columns)
  }

  get #total(): number {
    const { bytes } = this.#work
    return bytes === null ? this.#item.bytes : Math.max(bytes, this.#before + this.#item.bytes)
  }

  get #done(): number {
    const { done, bytes } = this.#item
    return (this.#work.bytes === null ? 0 : this.#before) + Math.min(done, bytes)
  }

  get #share(): number {
    return this.#total === 0 ? 0 : this.#done / this.#total
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
  const named = withTitle(head, title, "", Bun.stringWidth(head) + room - minBarColumns)
  const length = Math.min(maxBarColumns, columns - Bun.stringWidth(named) - Bun.stringWidth(facts) - 2)
  return length < minBarColumns / 2 ? `${head} ${facts}` : `${named} ${bar(share, length)} ${facts}`
}

/** The title is between what stands before and after it, cut to the columns that they leave. */
function withTitle(head: string, title: string, tail: string, columns: number): string {
  const room = columns - Bun.stringWidth(head) - Bun.stringWidth(tail) - 1
  const shown = title === "" || room < minTitleColumns ? "" : ` ${fitColumns(title, room)}`
  return head + shown + tail
}

/** `█████░░░░░` */
function bar(share: number, length: number): string {
  const full = Math.floor(length * Math.min(1, share))
  return "█".repeat(full) + "░".repeat(length - full)
}
