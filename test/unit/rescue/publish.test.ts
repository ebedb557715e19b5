import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { exportName } from "../../../src/domain/export/export.ts"
import { silent } from "../../../src/domain/progress.ts"
import { publish } from "../../../src/rescue/export/publish.ts"
import { openStaging } from "../../../src/rescue/export/staging.ts"
import { publishFile, publishFolder } from "../../../src/system/fs/durable.ts"
import { meddling, SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
const at = new Date("2026-01-02T03:04:05Z")
const now = () => at
beforeEach(() => {
  harness = new SaveHarness()
  harness.write("sub/agent.jsonl", "agent\n")
  mkdirSync(harness.pending, { recursive: true, mode: 0o700 })
})
afterEach(() => harness.dispose())

const place = (ending: string) => join(harness.pending, `${exportName(harness.id, at)}${ending}`)
const save = () => harness.save(harness.plan("sub/agent.jsonl"), { now })

test.each([".jsonl", ".manifest.json", ".files"])(
  "somebody's %s under the next name is never touched",
  async (ending) => {
    if (ending === ".files") mkdirSync(place(ending))
    else writeFileSync(place(ending), "by hand")
    const result = await save()
    expect([result.status, result.path]).toEqual(["verified", place(".jsonl").replace("04-05Z", "04-06Z")])
    expect(
      readdirSync(harness.pending).filter(
        (name) => place("").endsWith(name.slice(0, 20)) || place(ending).endsWith(name),
      ),
    ).toHaveLength(1)
    if (ending === ".files") expect(readdirSync(place(ending))).toEqual([])
    else expect(readFileSync(place(ending), "utf8")).toBe("by hand")
  },
)

test("our manifest never stands beside somebody's .jsonl, not even for a moment", async () => {
  writeFileSync(place(".jsonl"), "by hand")
  const staging = await openStaging(harness.pending, harness.id)
  writeFileSync(staging.transcript, "ours")
  const wanted: string[] = []
  await publish(
    { pending: harness.pending, archive: join(harness.root, "archive") },
    {
      ...{ staging, id: harness.id, at, hasFiles: false },
      async prepare(name) {
        wanted.push(name)
        rmSync(staging.manifest, { force: true })
        writeFileSync(staging.manifest, "{}")
      },
    },
  )
  expect(wanted).toEqual([exportName(harness.id, new Date(at.getTime() + 1000))])
})

test("a link to nowhere under the next name counts as taken", async () => {
  symlinkSync("/nowhere", place(".jsonl"))
  expect((await save()).path).not.toBe(place(".jsonl"))
})

test("publishing replaces neither a file nor a folder with something in it", async () => {
  const file = (name: string) => join(harness.pending, name)
  writeFileSync(file("new"), "new")
  writeFileSync(file("old"), "old")
  expect(await publishFile(file("new"), file("old"))).toBe("taken")
  expect(readFileSync(file("old"), "utf8")).toBe("old")
  mkdirSync(file("from"))
  mkdirSync(file("to/x"), { recursive: true })
  expect(publishFolder(file("from"), file("to"))).toBe("taken")
  expect(existsSync(file("to/x"))).toBe(true)
})

test("nor an empty folder, which a rename alone would replace", () => {
  const file = (name: string) => join(harness.pending, name)
  mkdirSync(file("from/ours"), { recursive: true })
  mkdirSync(file("to"))
  expect(publishFolder(file("from"), file("to"))).toBe("taken")
  expect([readdirSync(file("to")), readdirSync(file("from"))]).toEqual([[], ["ours"]])
})

test("a network disk that reports a finished link as an error is not believed", async () => {
  const file = (name: string) => join(harness.pending, name)
  writeFileSync(file("new"), "new")
  expect(await publishFile(file("new"), file("name"))).toBe("published")
  expect(await publishFile(file("new"), file("name"))).toBe("published")
})

test("four exports of one session in one second are four whole exports", async () => {
  const results = await Promise.all([save(), save(), save(), save()])
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill("verified"))
  expect(readdirSync(harness.pending)).toHaveLength(12)
})

test("an interrupted export leaves nothing", async () => {
  const controller = new AbortController()
  harness.write(`${harness.id}.jsonl`, Buffer.alloc(40 << 20, "x"))
  const progress = { ...meddling(() => controller.abort()), signal: controller.signal }
  const code = await harness.save(harness.plan(), { progress }).then(
    () => "done",
    (error) => error.code,
  )
  expect([code, readdirSync(harness.pending)]).toEqual(["INTERRUPTED", []])
})

test("Ctrl-C is heard between small files too", async () => {
  const controller = new AbortController()
  const names = Array.from({ length: 50 }, (_, number) => `sub/${number}`)
  for (const name of names) harness.write(name, "x")
  setImmediate(() => controller.abort())
  const progress = silent(controller.signal)
  const code = await harness.save(harness.plan(...names), { progress }).then(
    () => "done",
    (error) => error.code,
  )
  expect([code, readdirSync(harness.pending)]).toEqual(["INTERRUPTED", []])
})
