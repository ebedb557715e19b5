import { afterEach, beforeEach, expect, test } from "bun:test"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { interrupted } from "../../../src/domain/errors.ts"
import type { ExportResult, SavePlan } from "../../../src/domain/export/export.ts"
import { parseSessionId, type SessionId } from "../../../src/domain/session/session-id.ts"
import type { SaveOptions } from "../../../src/rescue/export/save.ts"
import { SaveGroup } from "../../../src/rescue/export/save-group.ts"
import { provenFiles } from "../../../src/rescue/receipt.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
let group: SaveGroup
let staged = Promise.withResolvers<void>()
const open = (more: Partial<SaveOptions> = {}) =>
  new SaveGroup({ ...harness.options(), ...more }, () => staged.resolve())
beforeEach(() => {
  harness = new SaveHarness()
  group = open()
})
afterEach(() => {
  group.close()
  harness.dispose()
})

/** A session of its own, with one more file. */
function planOf(number: number, text = `session ${number}\n`): SavePlan {
  const id = parseSessionId(sessionId(number)) as SessionId
  const transcript = harness.write(`${id}.jsonl`, text)
  harness.write(`${id}/agent.jsonl`, `agent ${number}\n`)
  return { ...harness.plan(`${id}/agent.jsonl`), id, transcript }
}

const sessions = [1, 2, 3, 4, 5, 6]

/** Stages them all: the results come with the next commit. */
async function stage(plans: readonly SavePlan[]): Promise<Promise<ExportResult | Error>[]> {
  const results: Promise<ExportResult | Error>[] = []
  for (const plan of plans) {
    staged = Promise.withResolvers()
    const result = group.save(plan).catch((error: Error) => error)
    results.push(result)
    await Promise.race([result, staged.promise])
  }
  return results
}

const transcripts = () => harness.names().filter((name) => name.endsWith(".jsonl"))

test("nothing has a name or a result before the group is flushed; then all of it has", async () => {
  const results = await stage(sessions.map((number) => planOf(number)))
  const early = await Promise.race([...results, Promise.resolve("waiting")])
  expect([early, transcripts()]).toEqual(["waiting", []])
  await group.commit()
  const done = (await Promise.all(results)) as ExportResult[]
  expect(done.map(({ status }) => status)).toEqual(sessions.map(() => "verified"))
  expect(done.map(({ path }) => harness.read(path))).toEqual(sessions.map((number) => `session ${number}\n`))
  expect(done.map((result) => provenFiles(result).length)).toEqual(sessions.map(() => 2))
  expect(harness.names().filter((name) => name.startsWith("."))).toEqual([])
})

test("a source that is rewritten before its group is compared is copied again, by itself", async () => {
  const plans = sessions.map((number) => planOf(number))
  const results = await stage(plans)
  writeFileSync(plans[2]?.transcript as string, "rewritten\n")
  await group.commit()
  const done = (await Promise.all(results)) as ExportResult[]
  expect(done.map(({ path }) => harness.read(path))).toEqual(
    sessions.map((number) => (number === 3 ? "rewritten\n" : `session ${number}\n`)),
  )
  const manifest = JSON.parse(harness.read(done[2]?.manifest ?? null))
  expect(manifest.files[0].sha256).toBe(new Bun.CryptoHasher("sha256").update("rewritten\n").digest("hex"))
})

test("a session that fails fails alone", async () => {
  const plans = sessions.map((number) => planOf(number))
  rmSync(plans[1]?.transcript as string)
  const results = await stage(plans)
  await group.commit()
  const done = await Promise.all(results)
  expect(done.map((each) => (each instanceof Error ? "failed" : each.status))).toEqual(
    sessions.map((number) => (number === 2 ? "failed" : "verified")),
  )
  expect(transcripts()).toHaveLength(5)
})

test("a manifest that was damaged before it was read back fails its session alone", async () => {
  const results = await stage(sessions.map((number) => planOf(number)))
  const staging = harness.names().find((name) => name.startsWith(`.${sessionId(4)}`)) ?? ""
  writeFileSync(join(harness.pending, staging, "manifest.json"), "{}")
  await group.commit()
  const done = await Promise.all(results)
  expect(
    done.map((each) => (each instanceof Error ? each.message.split(" ").slice(1).join(" ") : "")),
  ).toEqual(sessions.map((number) => (number === 4 ? "does not contain what was written to it" : "")))
  expect(transcripts()).toHaveLength(5)
})

test("given up, nothing of a group is published and nothing is left", async () => {
  const results = await stage(sessions.map((number) => planOf(number)))
  group.abandon(interrupted())
  expect((await Promise.all(results)).map((each) => (each as { code?: string }).code)).toEqual(
    sessions.map(() => "INTERRUPTED"),
  )
  expect(harness.names()).toEqual([])
})

test("Ctrl-C while a group is compared publishes nothing of it", async () => {
  const controller = new AbortController()
  let compared = 0
  const progress = {
    signal: controller.signal,
    advance() {
      compared++
      if (compared > sessions.length * 2 + 3) controller.abort() // copied already
    },
  }
  group = open({ progress })
  const results = await stage(sessions.map((number) => planOf(number)))
  await group.commit()
  expect(new Set((await Promise.all(results)).map((each) => (each as { code?: string }).code))).toEqual(
    new Set(["INTERRUPTED"]),
  )
  expect(harness.names()).toEqual([])
})

test("the same session twice in a group: the second finds the first", async () => {
  const plan = planOf(1)
  const results = await stage([plan, plan])
  await group.commit()
  const done = (await Promise.all(results)) as ExportResult[]
  expect(done.map(({ status }) => status)).toEqual(["verified", "unchanged"])
  expect(transcripts()).toHaveLength(1)
})

test("a name that somebody takes meanwhile is left alone; the manifest names the next", async () => {
  const at = new Date("2026-01-02T03:04:05Z")
  group = open({ now: () => at })
  const results = await stage([planOf(1), planOf(2)])
  const theirs = join(harness.pending, `2026-01-02T03-04-05Z-${sessionId(2)}-LOSSLESS-session.jsonl`)
  writeFileSync(theirs, "by hand")
  await group.commit()
  const done = (await Promise.all(results)) as ExportResult[]
  expect(done.map(({ path }) => basename(path ?? "").slice(0, 20))).toEqual([
    "2026-01-02T03-04-05Z",
    "2026-01-02T03-04-06Z",
  ])
  expect(readFileSync(theirs, "utf8")).toBe("by hand")
  const manifest = JSON.parse(harness.read(done[1]?.manifest ?? null))
  expect(manifest.files[0].path).toBe(basename(done[1]?.path ?? ""))
})

test("a large file does not keep waiting what is complete", async () => {
  const [small] = await stage([planOf(1)])
  const large = group.save(planOf(2, `${"x".repeat(5 << 20)}\n`))
  expect((await small) as ExportResult).toMatchObject({ status: "verified" })
  await group.commit()
  while (readdirSync(harness.pending).some((name) => name.startsWith("."))) {
    await new Promise(setImmediate)
    await group.commit()
  }
  expect(await large).toMatchObject({ status: "verified" })
})
