/** Transcripts that somebody copied into the pending folder under names that are no good ones. */
import { expect, test } from "bun:test"
import { copyFileSync, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { pendingOf } from "../export/promise.ts"
import { sessionId } from "../fixtures/conversation.ts"
import { Machine } from "../fixtures/machine.ts"

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
