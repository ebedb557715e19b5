/** A session of which there are many exports: each manifest is read once, not once for every other. */
import { describe, expect, test } from "bun:test"
import { hasStrace, traced } from "../faults/inject.ts"
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
})

function disposable<T extends { dispose(): void }>(machine: T): T & Disposable {
  return Object.assign(machine, { [Symbol.dispose]: () => machine.dispose() })
}
