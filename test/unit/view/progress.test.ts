import { describe, expect, test } from "bun:test"
import { showProgress } from "../../../src/view/terminal/progress.ts"
import { terminal, unicode } from "./stream.ts"

/** Work on a clock of its own, and the lines it drew, one after the other. */
function work(columns: number | null, items: number, bytes: number | null, environment = unicode) {
  const { out, text } = terminal(columns, { environment })
  const clock = { now: 0 }
  const reporter = showProgress(out, { verb: "saving", items, bytes }, () => clock.now)
  return {
    reporter,
    clock,
    lines: () =>
      text()
        .split(/\r\u001b\[K|\n/)
        .filter(Boolean),
    text,
  }
}
const MiB = 1 << 20

test("what takes less than a second is named, without a bar", () => {
  const { reporter, clock, lines } = work(80, 1, 10 * MiB)
  reporter.begin("01e5af14", 10 * MiB)
  clock.now = 900
  reporter.advance(5 * MiB)
  reporter.end()
  expect(lines()).toEqual(["saving 01e5af14 · 10 MB", "saving 01e5af14 · 10 MB"])
})

test("beyond a second: a bar, bytes, rate, and the time left", () => {
  const { reporter, clock, lines } = work(80, 1, 100 * MiB)
  reporter.begin("01e5af14", 100 * MiB)
  clock.now = 2_000
  reporter.advance(20 * MiB)
  clock.now = 5_000
  reporter.advance(30 * MiB)
  expect(lines().slice(1)).toEqual([
    "saving 01e5af14 █████░░░░░░░░░░░░░░░░░░░░░░ 20 % of 100 MB · 10 MB/s · 8 s left",
    "saving 01e5af14 █████████████░░░░░░░░░░░░░░ 50 % of 100 MB · 10 MB/s · 5 s left",
  ])
})

test("of many, one line at a time; bar, rate and time left are those of all together", () => {
  const { reporter, clock, lines } = work(100, 3, 40 * MiB)
  reporter.begin("aaaaaaaa", 10 * MiB)
  clock.now = 2_000
  reporter.advance(10 * MiB)
  reporter.end()
  reporter.begin("bbbbbbbb", 20 * MiB)
  expect(lines().at(-1)).toBe(
    "saving 2/3 bbbbbbbb ███████░░░░░░░░░░░░░░░░░░░░░░░ 25 % of 40 MB · 5.0 MB/s · 6 s left",
  )
})

test("what proves longer than it was thought to be never shows more than all of it", () => {
  const { reporter, clock, lines } = work(80, 1, 1 * MiB)
  reporter.begin("01e5af14", MiB)
  clock.now = 2_000
  reporter.advance(5 * MiB)
  expect(lines().at(-1)).toContain("100 % of 1.0 MB")
})

test("the line is taken away when it is over, and drawn ten times a second at most", () => {
  const { reporter, clock, text, lines } = work(80, 1, MiB)
  reporter.begin("01e5af14", MiB)
  for (clock.now = 1_000; clock.now < 2_000; clock.now++) reporter.advance(100)
  expect(lines().length).toBeLessThanOrEqual(11)
  reporter.end()
  expect(text()).toEndWith("\r\u001b[K")
})

test("it fits the terminal, and is ASCII where there is no Unicode", () => {
  for (const columns of [20, 40, 60, 80, 200]) {
    const { reporter, clock, lines } = work(columns, 12, 100 * MiB, { LANG: "C", TERM: "xterm" })
    reporter.begin("01e5af14", 100 * MiB)
    clock.now = 60_000
    reporter.advance(MiB)
    for (const line of lines())
      expect([columns, line.length < columns, /^[\x20-\x7e]*$/.test(line)]).toEqual([columns, true, true])
  }
})

describe("on a pipe", () => {
  test("nothing, but a line every ten seconds while it lasts", () => {
    const { reporter, clock, text } = work(null, 2, 100 * MiB)
    reporter.begin("01e5af14", 100 * MiB)
    for (clock.now = 0; clock.now < 25_000; clock.now += 100) reporter.advance(MiB / 10)
    reporter.end()
    expect(text()).toBe("saving 1/2 01e5af14: 10 % of 100 MB\nsaving 1/2 01e5af14: 20 % of 100 MB\n")
  })
})

test("with --json nothing is shown, on a terminal or a pipe", () => {
  for (const columns of [80, null]) {
    const { out, text } = terminal(columns, { json: true })
    const clock = { now: 0 }
    const reporter = showProgress(out, { verb: "saving", items: 1, bytes: MiB }, () => clock.now)
    reporter.begin("01e5af14", MiB)
    clock.now = 60_000
    reporter.advance(100)
    reporter.end()
    expect(text()).toBe("")
  }
})
