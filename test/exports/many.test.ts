/** Many exports: each is read once, not once for every other. */
import { describe, expect, test } from "bun:test"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { Rescued } from "../restore/rescued.ts"

describe.if(hasStrace)("the exports of one session", () => {
  test.each([["list"], ["verify"]])("%s reads each manifest once", async (command) => {
    using machine = disposable(new Rescued())
    const first = await machine.export()
    const count = 8
    for (let n = 1; n < count; n++) machine.copyExport(first, `2026-01-01T00-00-0${n}Z`)
    const { answer, calls } = await traced(machine, [command, "--json"], ["openat"])
    expect(JSON.parse(answer.stdout).exports).toHaveLength(count)
    const opened = calls.filter(({ line }) => line.includes(`${machine.pending()}/20`))
    expect(opened.filter(({ line }) => line.includes(".manifest.json")).length).toBe(count)
  })

  test("prune looks into a full folder no oftener for sessions with one export", async () => {
    using machine = disposable(new Rescued())
    const looks: number[] = []
    for (let n = 2; n < 8; n++) {
      machine.transcript(sessionId(n))
      expect((await machine.run(["export", sessionId(n)])).code).toBe(0)
      const { calls } = await traced(machine, ["prune", "--json"], ["openat"])
      looks.push(calls.filter(({ line }) => line.includes(`"${machine.pending()}"`)).length)
    }
    expect(looks).toEqual(looks.map(() => looks[0] ?? 0))
  })
})

function disposable<T extends { dispose(): void }>(machine: T): T & Disposable {
  return Object.assign(machine, { [Symbol.dispose]: () => machine.dispose() })
}
