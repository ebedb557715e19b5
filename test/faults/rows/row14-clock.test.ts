/** Row 14. Broken: the clock (2001, 2099) and the times of files. Held: exports are whole, states sane, a warning. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { utimesSync } from "node:fs"
import { basename } from "node:path"
import { committed, manifestOf } from "../../export/export-invariants.ts"
import { injected } from "../harness/counters.ts"
import { documentOf, type FaultTarget, faultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const ready = able("14", "faketime")
let machine: FaultTarget
beforeEach(() => {
  machine = faultTarget()
})
afterEach(() => machine.dispose())

const day = 86_400_000
const inYear = (year: number) => ["faketime", `${year}-02-03 04:05:06`]
const years = [2001, 2099]
// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
const ours = (report: any) => report.sessions.find((session: { id: string }) => session.id === id)

test.if(ready).each(years)(
  "in %i an export is whole, and the right year's runs take it for theirs",
  async (year) => {
    const answer = await machine.export(inYear(year))
    const [base = ""] = committed(machine)
    expect(basename(base)).toStartWith(`${year}-02-03T`) // the clock was really another one
    expect(manifestOf(base).exportedAt).toStartWith(`${year}-02-03T`)
    const wrong = [...wrongAfter(machine, answer), ...(await wrongAgain(machine))]
    injected("14", 1, wrong.length > 0 ? 1 : 0)
    expect([documentOf(answer).exports[0].status, wrong]).toEqual(["verified", []])
    expect(documentOf(await machine.export()).exports[0].status).toBe("unchanged")
  },
)

test.if(ready).each(years)("in %i the state is sane", async (year) => {
  const answer = await machine.run(["--status", "--all", "--json"], { program: inYear(year) })
  const session = ours(answer.json)
  injected("14", 1, 0)
  expect(new Date(answer.json.generatedAt).getFullYear()).toBe(year)
  expect([answer.code, session.state]).toEqual([0, "ORPHANED"])
  // only before a file's own time can a clock be seen to be wrong
  expect(session.flags.includes("clock")).toBe(year === 2001)
  expect(Date.parse(session.lastActivity)).toBeLessThanOrEqual(Date.parse(answer.json.generatedAt))
})

test("files from the future are not believed, and said", async () => {
  const future = new Date(Date.now() + 3650 * day)
  for (const path of machine.sources) utimesSync(path, future, future)
  const session = ours((await machine.run(["--status", "--all", "--json"])).json)
  const answer = await machine.export()
  const wrong = wrongAfter(machine, answer)
  injected("14", 1, wrong.length > 0 ? 1 : 0)
  expect([session.state, session.flags.includes("clock"), wrong]).toEqual(["ORPHANED", true, []])
})

test("times that go backwards after an export neither hide it nor make a second one", async () => {
  const first = documentOf(await machine.export()).exports[0]
  const past = new Date(Date.now() - 3650 * day)
  for (const path of machine.sources) utimesSync(path, past, past)
  const second = await machine.export()
  const wrong = wrongAfter(machine, second)
  injected("14", 1, wrong.length > 0 ? 1 : 0)
  expect([first.status, documentOf(second).exports[0].status, wrong]).toEqual(["verified", "unchanged", []])
  expect(committed(machine)).toHaveLength(1)
})
