import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, truncateSync } from "node:fs"
import { namesIn, pendingOf } from "../../export/export-invariants.ts"
import { Machine } from "../../fixtures/machine.ts"
import { markProcessed } from "../../fixtures/processed.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { client, isThere, type KnownClient } from "../harness/clients.ts"

setDefaultTimeout(30_000)
const id = sessionId(1)
let machine: Machine
let target: KnownClient
beforeEach(async () => {
  machine = new Machine()
  target = await client(machine, id)
  expect((await machine.run(["export", id])).code).toBe(0)
  markProcessed(pendingOf(machine))
  expect((await machine.run(["archive"])).code).toBe(0)
})
afterEach(() => machine.dispose())

test("a session whose bytes are in the archive is ended without another copy: the archive is the proof", async () => {
  const { code, json } = await machine.run(["kill", id, "--force", "--json"])
  const [kill] = json.kills
  expect([code, kill.outcome, kill.export.status]).toEqual([0, "ended", "unchanged"])
  expect(kill.export.path).toEndWith(".jsonl.zst")
  expect(isThere(target.pid)).toBe(false)
  expect(namesIn(pendingOf(machine))).toEqual([])
})

test("an archive that is damaged proves nothing: it is saved again before it is ended", async () => {
  const folder = `${machine.data}/sessions-export-archive-anthropic`
  const packed = namesIn(folder).find((name) => name.endsWith(".jsonl.zst"))
  truncateSync(`${folder}/${packed}`, 40)
  const { code, json } = await machine.run(["kill", id, "--force", "--json"])
  const [kill] = json.kills
  expect([code, kill.outcome, kill.export.status]).toEqual([0, "ended", "verified"])
  expect(readFileSync(kill.export.path).equals(readFileSync(target.transcript))).toBe(true)
  expect(json.warnings.join()).toContain(packed)
})
