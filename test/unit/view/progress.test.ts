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

test("beyond a second: a bar, bytes and rate; the time left once three seconds have shown the rate", () => {
  const { reporter, clock, lines } = work(80, 1, 100 * MiB)
  reporter.begin("01e5af14", 100 * MiB)
  clock.now = 2_000
  reporter.advance(20 * MiB)
  clock.now = 5_000
  reporter.advance(30 * MiB)
  expect(lines().slice(1)).toEqual([
    "saving 01e5af14 ██████░░░░░░░░░░░░░░░░░░░░░░░░ 20 % of 100 MB · 10 MB/s",
    "saving 01e5af14 █████████████░░░░░░░░░░░░░░ 50 % of 100 MB · 10 MB/s · 5 s left",
  ])
})

test("of many, one line at a time; bar, rate and time left are those of all together", () => {
  const { reporter, clock, lines } = work(100, 3, 40 * MiB)
  reporter.begin("aaaaaaaa", 10 * MiB)
  clock.now = 4_000
  reporter.advance(10 * MiB)
  reporter.end()
  reporter.begin("bbbbbbbb", 20 * MiB)
  expect(lines().at(-1)).toBe(
    "saving 2/3 bbbbbbbb ███████░░░░░░░░░░░░░░░░░░░░░░░ 25 % of 40 MB · 2.5 MB/s · 12 s left",
  )
})

test("where the bytes of all are not known, bar and time left are those of each item", () => {
  const { reporter, clock, lines } = work(100, 0, null)
  reporter.begin("aaaaaaaa", 10 * MiB)
  clock.now = 4_000
  reporter.advance(10 * MiB)
  reporter.end()
  reporter.begin("bbbbbbbb", 20 * MiB)
  expect(lines().at(-1)).toBe("saving bbbbbbbb · 20 MB")
  clock.now = 8_000
  reporter.advance(10 * MiB)
  expect(lines().at(-1)).toBe(
    "saving bbbbbbbb ███████████████░░░░░░░░░░░░░░░ 50 % of 20 MB · 2.5 MB/s · 4 s left",
  )
})

test("work of less than three seconds never claims a time left", () => {
  const { reporter, clock, lines } = work(80, 2, 100 * MiB)
  reporter.begin("01e5af14", 90 * MiB)
  for (clock.now = 100; clock.now < 3_000; clock.now += 100)
    reporter.advance(clock.now < 2_000 ? MiB / 4 : 9 * MiB)
  expect(lines().length).toBeGreaterThan(20)
  expect(lines().filter((line) => line.includes("left"))).toEqual([])
})

test("the time left follows a change of the rate, without jumping", () => {
  const { reporter, clock, lines } = work(80, 1, 1000 * MiB)
  const left = () => Number(/(\d+) s left/.exec(lines().at(-1) ?? "")?.[1])
  reporter.begin("01e5af14", 1000 * MiB)
  const go = (seconds: number, bytes: number) => {
    for (let tick = 0; tick < 10 * seconds; tick++) {
      clock.now += 100
      reporter.advance(bytes / 10)
    }
  }
  go(10, 10 * MiB)
  expect(formatLeft(lines())).toBe("1 min left")
  go(1, 100 * MiB)
  const soon = left()
  expect(soon).toBeGreaterThan(20) // 8 s, were the last second believed
  go(4, 100 * MiB)
  expect(left()).toBeWithin(4, soon - 4)
})

const formatLeft = (lines: readonly string[]) => / · ([^·]* left)$/.exec(lines.at(-1) ?? "")?.[1]

test("the title of the session is beside its id, and cut where the bar needs the room", () => {
  const line = (columns: number) => {
    const { reporter, clock, lines } = work(columns, 12, 1000 * MiB)
    reporter.begin("01e5af14", 900 * MiB, "port the parser to the new grammar")
    clock.now = 5_000
    reporter.advance(100 * MiB)
    return lines()
  }
  expect(line(80)).toEqual([
    "saving 1/12 01e5af14 port the parser to the new grammar · 900 MB",
    "saving 1/12 01e5af14 port the… █░░░░░░░░░ 10 % of 1000 MB · 20 MB/s · 45 s left",
  ])
  expect(line(140)[1]).toContain("port the parser to the new grammar ███░░")
})

test("at 80 columns there is always a bar, whatever is done to how many", () => {
  for (const verb of ["saving", "archiving", "reading again", "comparing"]) {
    const { out, text } = terminal(80)
    const clock = { now: 0 }
    const size = 1023 * MiB
    const reporter = showProgress(out, { verb, items: 300, bytes: 300 * size }, () => clock.now)
    for (let number = 0; number < 300; number++) {
      reporter.begin("01e5af14", size, "a title that is as long as titles of sessions often are")
      clock.now += 7_000
      reporter.advance(size / 2)
      reporter.end()
    }
    const drawn = text()
      .split(/\r\u001b\[K/)
      .filter(Boolean)
      .slice(1)
    expect([verb, drawn.filter((line) => !/[█░]{10}/.test(line))]).toEqual([verb, []])
    expect(drawn.filter((line) => Bun.stringWidth(line) > 79)).toEqual([])
  }
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
