/** Transcripts that somebody copied into the pending folder under names that are no good ones. */
import { expect, test } from "bun:test"
import { appendFileSync, copyFileSync, existsSync, mkdirSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { pendingOf } from "../export/export-invariants.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

test("a name with a line's end is adopted; one that is not UTF-8 is said to be the reason", async () => {
  const machine = new Machine()
  try {
    const source = machine.transcript(sessionId(1))
    const pending = pendingOf(machine)
    mkdirSync(pending, { recursive: true, mode: 0o700 })
    copyFileSync(source, join(pending, "two\nlines.jsonl"))
    const bad = Buffer.concat([Buffer.from(`${pending}/bad`), Buffer.from([0xff]), Buffer.from(".jsonl")])
    copyFileSync(source, bad)
    expect((await machine.run(["queue", "--json"])).json.exports).toHaveLength(2)
    const { code, json } = await machine.run(["cx", "--json"])
    const what = json.exports.map(
      ({ archived, failure }: { archived: string | null; failure: { message: string } | null }) =>
        archived === null ? failure?.message : "archived",
    )
    expect([code, what.toSorted()]).toEqual([1, ["archived", expect.stringContaining("not UTF-8")]])
    expect([existsSync(bad), existsSync(join(pending, "two\nlines.jsonl"))]).toEqual([true, false])
  } finally {
    await machine.dispose()
  }
})

test("copies of one session and second all go to the archive; so does one that has an archived one's name", async () => {
  const machine = new Machine()
  try {
    const source = machine.transcript(sessionId(1))
    const pending = pendingOf(machine)
    mkdirSync(pending, { recursive: true, mode: 0o700 })
    const copy = (name: string, more = "") => {
      copyFileSync(source, join(pending, name))
      appendFileSync(join(pending, name), more)
      utimesSync(join(pending, name), 1_700_000_000, 1_700_000_000)
    }
    const archived = async () => {
      const { code, json } = await machine.run(["cx", "--json"])
      expect([code, json.exports.map(({ failure }: { failure: unknown }) => failure)]).toEqual([
        0,
        json.exports.map(() => null),
      ])
      const { exports } = (await machine.run(["list", "--json"])).json
      expect(exports.map(({ state }: { state: string }) => state)).toEqual(exports.map(() => "archived"))
      return exports.map(({ name }: { name: string }) => name).toSorted()
    }
    copy("one.jsonl")
    copy("two.jsonl", '{"type":"mode"}\n')
    const names = await archived()
    expect(names).toHaveLength(2)
    copy(`${names[0]}.jsonl`, '{"type":"mode","more":1}\n')
    expect(await archived()).toHaveLength(3)
    expect((await machine.run(["verify"])).code).toBe(0)
  } finally {
    await machine.dispose()
  }
})
