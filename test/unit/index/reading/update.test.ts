import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { renameSync, truncateSync, utimesSync } from "node:fs"
import { readParts } from "../../../../plugins/detect/claude-code/parts/parts.ts"
import { silent } from "../../../../src/domain/progress.ts"
import { IndexWriter } from "../../../../src/index/index.ts"
import { IndexHarness, prompts, silentProgress } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

describe("what is new in a file is read, and nothing else", () => {
  test("a file is read once, and then found unchanged without being opened", async () => {
    const path = harness.write(prompts(harness.talk, ["the first word", "the second word"]))
    expect(await harness.read(path)).toMatchObject({ state: "new", parts: 2, skippedCount: 0 })
    const never = () => {
      throw new Error("it was opened")
    }
    expect(await harness.read({ ...harness.source(path), open: never })).toMatchObject({
      ...{ state: "unchanged", parts: 0, bytes: 0, error: null },
    })
    expect(harness.texts("word")).toHaveLength(2)
  })

  test("of a file that has grown only the new bytes are read, and its two ends are looked at", async () => {
    const path = harness.write(
      prompts(
        harness.talk,
        Array.from({ length: 400 }, (_, n) => `old text ${n}`),
      ),
    )
    await harness.read(path)
    const more = prompts(harness.talk, ["a newer text"], 400)
    harness.append(more)
    const source = harness.source(path)
    let bytes = 0
    const open = function* (from: number, length?: number) {
      for (const piece of source.open(from, length) as Iterable<Uint8Array>) {
        bytes += piece.length
        yield piece
      }
    }
    const report = await harness.read({ ...source, open })
    expect(report).toMatchObject({ state: "appended", parts: 1, bytes: more.length })
    expect(bytes).toBeLessThanOrEqual(more.length + 4 * 4096)
    expect(harness.texts("newer")).toEqual(["a newer text"])
    expect(harness.texts("old")).toHaveLength(50)
  })

  test("a file that was only touched is unchanged", async () => {
    const path = harness.write(prompts(harness.talk, ["something"]))
    await harness.read(path)
    utimesSync(path, new Date(), new Date("2030-01-01"))
    expect(await harness.read(path)).toMatchObject({ state: "unchanged", bytes: 0 })
  })

  test("a line that is still being written waits until it is whole", async () => {
    const [whole = "", half = ""] = [
      prompts(harness.talk, ["all of it"]),
      prompts(harness.talk, ["growing"], 1),
    ]
    const path = harness.write(whole + half.slice(0, -20))
    const unfinished = half.length - 20
    expect(await harness.read(path)).toMatchObject({
      ...{ state: "new", parts: 1, unfinished, skippedCount: 1 },
      skipped: [{ offset: whole.length, length: unfinished, why: "the last line is not whole" }],
    })
    expect(await harness.read(path)).toMatchObject({ state: "unchanged", unfinished, skippedCount: 1 })
    harness.append(half.slice(-20))
    expect(await harness.read(path)).toMatchObject({
      state: "appended",
      parts: 1,
      unfinished: 0,
      skippedCount: 0,
    })
    expect(harness.texts("growing")).toEqual(["growing"])
  })

  test("a last line without an end that is whole all the same is read at once, and not again", async () => {
    const path = harness.write(prompts(harness.talk, ["no end"]).trimEnd())
    expect(await harness.read(path)).toMatchObject({ parts: 1, unfinished: 0 })
    harness.append(`\n${prompts(harness.talk, ["after it"], 1)}`)
    expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 1 })
    expect([harness.texts("end"), harness.texts("after")]).toEqual([["no end"], ["after it"]])
  })
})

describe("a file that is not what it was", () => {
  test("a shrunk one is read anew and reported; what it held stays findable, said to be gone", async () => {
    const path = harness.write(prompts(harness.talk, ["kept words", "lost words"]))
    await harness.read(path)
    truncateSync(path, prompts(harness.talk, ["kept words"]).length)
    expect(await harness.read(path)).toMatchObject({ state: "rewritten", parts: 0 })
    const gone = harness.ask((index) =>
      index.search("words", {}, 9).hits.map(({ text, source }) => [text, source.gone]),
    )
    expect(gone.toSorted()).toEqual([
      ["kept words", false],
      ["lost words", true],
    ])
    expect(harness.ask((index) => index.stats().sources)).toEqual({ present: 1, missing: 0, superseded: 1 })
  })

  test("one that was rewritten at the same length is noticed, its records' new places are known", async () => {
    const path = harness.write(prompts(harness.talk, ["alpha one", "beta two"]))
    await harness.read(path)
    const [first = "", second = ""] = prompts(harness.talk, ["alpha one", "beta two"]).split(/(?<=\n)/)
    harness.write(second + first)
    expect(await harness.read(path)).toMatchObject({ state: "rewritten", parts: 0 })
    const places = harness.ask((index) =>
      index.search("alpha OR beta", {}, 9).hits.map(({ text, source }) => [text, source.offset, source.gone]),
    )
    expect(places.toSorted()).toEqual([
      ["alpha one", second.length, false],
      ["beta two", 0, false],
    ])
  })

  test("one replaced by a longer other one is no continuation", async () => {
    const path = harness.write(prompts(harness.talk, ["before"]))
    await harness.read(path)
    harness.write(
      prompts({ ...harness.talk, cwd: "/work/another" }, ["instead", "and more"], 5),
      "other.jsonl",
    )
    renameSync(harness.path("other.jsonl"), path)
    expect(await harness.read(path)).toMatchObject({ state: "rewritten", parts: 2 })
    expect([harness.texts("before"), harness.texts("instead")]).toEqual([["before"], ["instead"]])
  })

  test("a missing one keeps its rows, and is present again when it is back", async () => {
    const path = harness.write(prompts(harness.talk, ["still here"]))
    await harness.read(path)
    const writer = harness.writer()
    writer.markMissing(path)
    writer.close()
    expect(harness.ask((index) => index.search("still", {}, 1).hits[0]?.source.gone)).toBe(true)
    expect(await harness.read(path)).toMatchObject({ state: "unchanged" })
    expect(harness.ask((index) => index.search("still", {}, 1).hits[0]?.source.gone)).toBe(false)
  })
})

describe("reading that breaks off", () => {
  test("an interruption keeps what was read; the next run goes on from there", async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `message number ${n}`)
    const path = harness.write(prompts(harness.talk, texts))
    const stop = new AbortController()
    const pieces = function* (from: number) {
      for (const chunk of harness.source(path).open(from) as Iterable<Uint8Array>) {
        for (let at = 0; at < chunk.length; at += 2000) {
          if (at === 4000) stop.abort()
          yield chunk.subarray(at, at + 2000)
        }
      }
    }
    const writer = harness.writer()
    const signal = silent(stop.signal)
    const report = await writer.update({ ...harness.source(path), open: pieces }, readParts, signal)
    expect(report).toMatchObject({ state: "broken-off" })
    expect(report.parts).toBeGreaterThan(0)
    writer.close()
    expect(harness.texts("message")).toHaveLength(report.parts)
    expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 30 - report.parts })
    expect(harness.texts("message")).toHaveLength(30)
  })

  test("of a large file what was read is lasting before its end, and a crash costs no more than a batch", async () => {
    const path = harness.write(
      prompts(
        harness.talk,
        Array.from({ length: 300 }, (_, n) => `message number ${n}`),
      ),
    )
    const writer = new IndexWriter(harness.database, () => {}, { batchBytes: 20_000 })
    const seen: number[] = []
    const source = harness.source(path)
    const open = function* (from: number, length?: number) {
      for (const piece of source.open(from, length) as Iterable<Uint8Array>) {
        for (let at = 0; at < piece.length; at += 4000) {
          if (length === undefined) seen.push(harness.ask((index) => index.stats().parts))
          yield piece.subarray(at, at + 4000)
        }
      }
    }
    await writer.update({ ...source, open }, readParts, silentProgress)
    writer.discard()
    const steps = new Set(seen)
    expect(steps.size).toBeGreaterThan(3)
    const lasting = harness.texts("message").length
    expect(harness.ask((index) => index.stats().parts)).toBe(Math.max(...steps))
    expect(lasting).toBeGreaterThan(0)
    expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 300 - Math.max(...steps) })
    expect(harness.ask((index) => index.search("message", {}, 1).total)).toBe(300)
  })

  test("a file that becomes shorter meanwhile is said to, and is read anew", async () => {
    const path = harness.write(prompts(harness.talk, ["kept words", "lost words"]))
    const source = harness.source(path)
    truncateSync(path, prompts(harness.talk, ["kept words"]).length)
    const report = await harness.read(source)
    expect(report).toMatchObject({
      state: "broken-off",
      error: { message: expect.stringContaining("shorter") },
    })
    expect(await harness.read(path)).toMatchObject({ error: null, unfinished: 0 })
    expect(harness.texts("words")).toEqual(["kept words"])
  })

  test("of many small files what was read is lasting before the last", async () => {
    const paths = Array.from({ length: 20 }, (_, n) =>
      harness.write(prompts(harness.talk, ["small"], n), `${n}.jsonl`),
    )
    const writer = new IndexWriter(harness.database, () => {}, { batchBytes: 100_000 })
    for (const path of paths) await writer.update(harness.source(path), readParts, silentProgress)
    writer.discard()
    const { parts } = harness.ask((index) => index.stats())
    expect(parts).toBeGreaterThan(10)
    expect(parts).toBeLessThan(20)
  })

  test("a file that cannot be opened any more loses nothing", async () => {
    const path = harness.write(prompts(harness.talk, ["kept words"]))
    await harness.read(path)
    const source = harness.source(path)
    const open = () => {
      throw new Error("permission denied")
    }
    const report = await harness.read({ ...source, open, size: source.size + 10, modifiedAt: 1 })
    expect(report).toMatchObject({ state: "broken-off", error: { message: "permission denied" } })
    expect(harness.ask((index) => index.stats().sources)).toEqual({ present: 1, missing: 0, superseded: 0 })
    expect(harness.texts("kept")).toEqual(["kept words"])
  })

  test("an error while reading is told, and costs only what was not read yet", async () => {
    const good = harness.write(prompts(harness.talk, ["safe"]), "good.jsonl")
    const bad = harness.write(prompts(harness.talk, ["half read"], 1), "bad.jsonl")
    const open = () => {
      throw Object.assign(new Error("input/output error"), { code: "EIO" })
    }
    const report = await harness.read(good, { ...harness.source(bad), open })
    expect(report).toMatchObject({ state: "broken-off", parts: 0 })
    expect(report.error?.message).toBe("input/output error")
    expect(harness.texts("safe")).toEqual(["safe"])
    expect(await harness.read(bad)).toMatchObject({ state: "appended", parts: 1 })
  })

  test("a plugin that fails on a record costs that record only", async () => {
    const path = harness.write(prompts(harness.talk, ["good", "evil", "fine"]))
    const writer = harness.writer()
    const read: typeof readParts = (record, document) => {
      if (JSON.stringify(record).includes("evil")) throw new Error("oops")
      return readParts(record, document)
    }
    const report = await writer.update(harness.source(path), read, silentProgress)
    writer.close()
    expect(report).toMatchObject({
      parts: 2,
      skippedCount: 1,
      skipped: [{ why: expect.stringContaining("oops") }],
    })
  })
})
