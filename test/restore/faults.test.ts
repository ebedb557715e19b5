/** A restore is killed, or fails, at its steps: no name stands for half a file, and the next one finishes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Call, hasStrace, traced } from "../faults/harness/inject.ts"
import { some } from "../faults/harness/sample.ts"
import { contents, footprintOf, Rescued } from "./rescued.ts"

const names = [
  ...["openat", "mkdir", "pwrite64", "pread64", "fsync", "fchmod", "link", "symlink", "rename", "renameat2"],
  ...["unlink", "unlinkat", "rmdir"],
]
const errors = ["EIO", "ENOSPC", "EACCES", "EMFILE", "EROFS", "EDQUOT", "EPERM"]
const stub = '{"type":"summary","summary":"a stub"}\n'

describe.if(hasStrace).each(["a lost home", "a stub in place, with --force"])("%s", (kind) => {
  const replacing = kind !== "a lost home"
  const args = ["restore", ...(replacing ? ["--force"] : []), "--json"]
  let machine: Rescued
  let whole: Map<string, string>
  let steps: readonly Call[] = []
  let struckAt: readonly Call[] = []
  let file = ""
  beforeAll(async () => {
    machine = new Rescued()
    machine.grow(`${JSON.stringify({ type: "user", text: "x".repeat(600_000) })}\n`)
    symlinkSync("b.txt", join(machine.own, "tool-results/link"))
    whole = footprintOf(machine)
    file = `${await machine.export()}.jsonl`
    fresh()
    const { answer, calls } = await traced(machine, [...args, file], names)
    expect(answer.code).toBe(0)
    steps = calls.filter(({ line }) => line.replaceAll(/AT_FDCWD<[^>]*>/g, "").includes(machine.claude))
    struckAt = names.flatMap((name) => some(steps.filter((each) => each.name === name)))
    for (const name of ["mkdir", "pwrite64", "fsync", replacing ? "renameat2" : "link"]) {
      expect([name, steps.some((step) => step.name === name)]).toEqual([name, name !== "mkdir" || !replacing])
    }
  })
  afterAll(() => machine.dispose())

  function fresh(): void {
    if (!replacing) machine.loseHome()
    else {
      for (const base of machine.exports()) {
        if (`${base}.jsonl` === file) continue
        for (const end of [".jsonl", ".manifest.json", ".files"])
          rmSync(base + end, { recursive: true, force: true })
      }
      writeFileSync(machine.transcriptFile, stub)
    }
  }

  /** What does not hold of the home after a fault. */
  function wrongNow(): string[] {
    const transcript = machine.transcriptFile.slice(machine.claude.length + 1)
    return [...footprintOf(machine)].flatMap(([name, bytes]) => {
      if (name.endsWith("/") || name.includes(".restoring")) return []
      if (replacing && name === transcript && bytes === stub) return []
      return whole.get(name) === bytes ? [] : [`${name} is not whole`]
    })
  }

  function lostStub(): string[] {
    if (!replacing || readFileSync(machine.transcriptFile, "utf8") === stub) return []
    const kept = machine.exports().some((base) => readFileSync(`${base}.jsonl`, "utf8") === stub)
    return kept ? [] : ["the stub was replaced without having been saved"]
  }

  async function wrongAgain(): Promise<string[]> {
    const answer = await machine.run([...args, file])
    const wrong = answer.code === 0 ? [] : [`the rerun: ${answer.stdout}`]
    const now = footprintOf(machine)
    for (const name of now.keys()) if (!whole.has(name)) wrong.push(`left over: ${name}`)
    for (const [name, bytes] of whole)
      if (now.get(name) !== bytes) wrong.push(`not there after the rerun: ${name}`)
    return wrong
  }

  async function struck(step: Call, effect: string): Promise<string[]> {
    fresh()
    const fault = { call: step.name, when: step.when, effect }
    const { answer, hit } = await traced(machine, [...args, file], [step.name], [fault])
    const wrong = [...(hit ? [] : ["the fault missed"]), ...wrongNow(), ...lostStub()]
    if (answer.code === 0 && [...whole].some(([name, bytes]) => footprintOf(machine).get(name) !== bytes))
      wrong.push("success, yet not everything is there")
    const left = [...contents(machine.claude).keys()].filter((name) => name.includes(".restoring"))
    if (effect.startsWith("error=") && !/unlink|rmdir/.test(step.name) && left.length > 0)
      wrong.push(`temporary files after an error: ${left}`)
    wrong.push(...(await wrongAgain()))
    return wrong.map((what) => `${step.name} #${step.when} ${effect} (${step.line.slice(0, 150)}): ${what}`)
  }

  test("killed at its steps", async () => {
    const wrong: string[] = []
    for (const step of struckAt) wrong.push(...(await struck(step, "signal=SIGKILL")))
    expect(wrong).toEqual([])
    expect(steps.length).toBeGreaterThan(replacing ? 20 : 60)
  }, 300_000)

  test("an error at its steps", async () => {
    const wrong: string[] = []
    for (const [index, step] of struckAt.entries())
      wrong.push(...(await struck(step, `error=${errors[index % errors.length]}`)))
    expect(wrong).toEqual([])
  }, 300_000)

  test("writes that say they were done and were not", async () => {
    const wrong: string[] = []
    for (const step of some(steps.filter(({ name }) => name === "pwrite64"))) {
      const claimed = / = (\d+)$/.exec(step.line)?.[1]
      wrong.push(...(await struck(step, `retval=${claimed}`)))
    }
    expect(wrong).toEqual([])
  }, 60_000)
})
