/** What no crash that can be made here would show, and what comes between a look and a deed. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync, writeFileSync } from "node:fs"
import type { RescueError } from "../../src/domain/errors.ts"
import { silent } from "../../src/domain/progress.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { readSavedExports } from "../../src/rescue/catalog/saved-exports.ts"
import { restoreGroup } from "../../src/rescue/restore/restore.ts"
import { targetBelow } from "../../src/rescue/restore/target.ts"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { readStored } from "../fixtures/built-in.ts"
import { contents, footprintOf, id, Rescued } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

test.if(hasStrace)(
  "each file is flushed before it gets its name, the transcript last, and every folder after",
  async () => {
    await machine.export()
    machine.loseHome()
    const { answer, calls } = await traced(machine, ["restore", id], ["pwrite64", "fsync", "link", "mkdir"])
    expect(answer.code).toBe(0)
    const lines = calls.filter(({ line }) => line.includes(machine.claude)).map(({ line }) => line)
    const links = lines.filter((line) => / link\(/.test(line))
    expect(links.length).toBe(6)
    expect(links.at(-1)).toContain(`/${id}.jsonl")`)
    for (const link of links) {
      const temporary = /link\("([^"]+)"/.exec(link)?.[1] ?? ""
      const written = lines.findLastIndex(
        (line) => line.includes("pwrite64") && line.includes(`<${temporary}>`),
      )
      const flushed = lines.findIndex((line) => line.includes("fsync") && line.includes(`<${temporary}>`))
      expect([link, written > -1, written < flushed, flushed < lines.indexOf(link)]).toEqual([
        link,
        true,
        true,
        true,
      ])
      const folder = temporary.slice(0, temporary.lastIndexOf("/"))
      const after = lines.findLastIndex((line) => line.includes("fsync") && line.includes(`<${folder}>`))
      expect([folder, after > lines.indexOf(link)]).toEqual([folder, true])
    }
    const made = lines.flatMap((line) => / mkdir\("([^"]+)"/.exec(line)?.[1] ?? [])
    expect(made.length).toBeGreaterThan(8)
    const flushed = (path: string) =>
      calls.some(({ name, line }) => name === "fsync" && line.includes(`<${path}>`))
    for (const path of made)
      expect([path, flushed(path.slice(0, path.lastIndexOf("/")))]).toEqual([path, true])
  },
)

describe("what comes up while everything lies ready", () => {
  async function puttingBack(meanwhile: () => void) {
    const base = await machine.export()
    const parsed = parseSessionId(id)
    const saved = parsed && readSavedExports(machine.pending(), machine.archive).of(parsed)[0]
    if (!saved) throw new Error(`no export ${base}`)
    writeFileSync(machine.transcriptFile, "a stub\n")
    const files = saved.manifest.files.map((file) => {
      return { file, target: targetBelow(machine.claude, file.relative, ["projects"]) }
    })
    const progress = silent(new AbortController().signal)
    const item = { saved, files: files.slice(0, 1), links: [], foldersToSweep: [] }
    const run = restoreGroup([item], {
      read: readStored,
      progress,
      async beforePublish() {
        meanwhile()
        return new Map()
      },
    })
    const error: RescueError = await run.then(
      (results) => results.get(item) as RescueError,
      (thrown) => thrown,
    )
    expect([...contents(machine.claude).keys()].filter((name) => name.includes(".restoring"))).toEqual([])
    return error
  }

  test("a file that was changed after it was looked at is not replaced", async () => {
    const error = await puttingBack(() => writeFileSync(machine.transcriptFile, "another stub\n"))
    expect(error.code).toBe("REFUSED")
    expect(readFileSync(machine.transcriptFile, "utf8")).toBe("another stub\n")
  })

  test("a last look that says no leaves everything as it is", async () => {
    const error = await puttingBack(() => {
      throw new Error("held again")
    })
    expect(error.message).toBe("held again")
    expect(readFileSync(machine.transcriptFile, "utf8")).toBe("a stub\n")
  })

  test("nothing came up: it is replaced", async () => {
    const result = await puttingBack(() => {})
    expect(result).toMatchObject({ confirmed: true })
    expect(footprintOf(machine).size).toBe(6)
    expect(readFileSync(machine.transcriptFile, "utf8")).toContain("please mend")
  })
})
