/** runPostProcess, as the queue calls it: ours in our own process, a user's in one of its own; it never throws. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Exported } from "../../src/domain/export/export.ts"
import { runPostProcess } from "../../src/pipeline/queue/post-process.ts"
import type { LoadedPlugin } from "../../src/plugin-host/protocol/loaded-plugin.ts"
import type { PostProcessRun } from "../../src/plugin-host/protocol/post-process-run.ts"
import type { PostProcessPlugin } from "../../src/sdk/contracts.ts"
import { postProcessor } from "../fixtures/plugins.ts"

let folder: string
let exported: Exported
let warnings: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-one-"))
  warnings = []
  const path = join(folder, "x.jsonl")
  writeFileSync(path, "{}\n")
  const sha256 = new Bun.CryptoHasher("sha256").update("{}\n").digest("hex")
  const files = [{ role: "transcript" as const, path, length: 3, sha256 }]
  exported = { name: "x", path, manifestPath: null, manifest: null, files }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function how(more: Partial<PostProcessRun> = {}): PostProcessRun {
  const paths = { home: folder, data: folder }
  const warn = (message: string) => void warnings.push(message)
  const readIntoIndex = () => Promise.reject(new Error("no index here"))
  const signal = new AbortController().signal
  return { signal, warn, options: {}, timeoutMs: 20_000, paths, readIntoIndex, ...more }
}

function ours(run: PostProcessPlugin["run"]): LoadedPlugin<PostProcessPlugin> {
  const plugin = { name: "mine", stage: "post-process", on: "export", run } as const
  return { plugin, source: "built-in", path: null, timeoutMs: null, options: {} }
}

function users(body: string): LoadedPlugin<PostProcessPlugin> {
  const path = join(folder, "mine.ts")
  writeFileSync(path, postProcessor("mine", body))
  chmodSync(path, 0o600)
  const run = () => Promise.reject(new Error("not here"))
  return {
    plugin: { name: "mine", stage: "post-process", on: "export", run },
    source: "user",
    path,
    timeoutMs: null,
    options: {},
  }
}

const forever = () => new Promise<never>(() => {})

describe("of ours", () => {
  test("what it answers is the result, and it gets what it needs", async () => {
    const plugin = ours(async (given, ctx) => {
      ctx.log("hello")
      const { code, stdout } = await ctx.run(["sh", "-c", "cat; exit 3"], { input: "in" })
      return [given.name, code, stdout, ctx.files.text(given.path, 10), ctx.options.a]
    })
    const result = await runPostProcess(plugin, exported, how({ options: { a: 1 } }))
    expect(result).toEqual({ ok: true, result: ["x", 3, "in", "{}\n", 1] })
    expect(warnings).toEqual(["mine: hello"])
  })

  test("a throw, an endless await and an interruption are its failure", async () => {
    const thrown = ours(() => Promise.reject(new Error("no luck")))
    expect(await runPostProcess(thrown, exported, how())).toEqual({ ok: false, why: "no luck" })
    const late = await runPostProcess(ours(forever), exported, how({ timeoutMs: 30 }))
    expect(late).toEqual({ ok: false, why: "it took longer than 30 ms", late: true })
    const stop = new AbortController()
    const running = runPostProcess(ours(forever), exported, how({ signal: stop.signal }))
    stop.abort()
    expect(await running).toEqual({ ok: false, why: "interrupted" })
  })

  test("a change of the export is found, whatever it answered", async () => {
    const plugin = ours(async () => appendFileSync(exported.path, "x"))
    const damaged = [`${exported.path} was changed`]
    const why = `it changed the export: ${damaged[0]}`
    expect(await runPostProcess(plugin, exported, how())).toEqual({ ok: false, why, damaged })
  })
})

describe("of a user's", () => {
  test("what it answers is the result, null as well", async () => {
    expect(await runPostProcess(users("return { n: exported.files.length }"), exported, how())).toEqual({
      ok: true,
      result: { n: 1 },
    })
    expect(await runPostProcess(users(""), exported, how())).toEqual({ ok: true, result: null })
  })

  test("an interruption ends it", async () => {
    const stop = new AbortController()
    const warn = () => stop.abort() // as soon as it runs
    const running = runPostProcess(
      users('ctx.log("here"); for (;;) {}'),
      exported,
      how({ signal: stop.signal, warn }),
    )
    expect(await running).toEqual({ ok: false, why: "interrupted" })
  })

  test("one that was interrupted before it began does not begin", async () => {
    const body = `require("node:fs").appendFileSync(exported.path, "x")`
    expect(await runPostProcess(users(body), exported, how({ signal: AbortSignal.abort() }))).toEqual({
      ok: false,
      why: "interrupted",
    })
  })
})
