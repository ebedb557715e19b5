import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { record, toolResult } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness, prompts } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const line = (text: string, number = 0) => prompts(harness.talk, [text], number)
const bare = (text: string, number = 0) => line(text, number).trimEnd()

describe("damaged lines are skipped, counted and listed; what is whole in them is read", () => {
  test("two objects on one line are both found, each at its own place", async () => {
    const first = bare("the glued one")
    const path = harness.write(`${first}${bare("the second glued", 1)}\n${line("after them", 2)}`)
    expect(await harness.read(path)).toMatchObject({ parts: 3, skippedCount: 0 })
    const places = harness.ask((index) =>
      index.search("glued", {}, 9).hits.map(({ source }) => source.offset),
    )
    expect(places.toSorted()).toEqual([0, Buffer.byteLength(first)])
  })

  test("a record that broke off, with a whole one written behind it", async () => {
    const torn = bare("torn away").slice(0, 120)
    const path = harness.write(`${torn}${bare('a survivor {in braces} \\" here', 1)}\n`)
    expect(await harness.read(path)).toMatchObject({
      ...{ parts: 1, skippedCount: 1 },
      skipped: [{ offset: 0, length: 120, why: "a record that breaks off" }],
    })
    expect(harness.texts("survivor")).toHaveLength(1)
    const [hit] = harness.ask((index) => index.search("survivor", {}, 9).hits)
    expect(hit?.source).toMatchObject({ offset: 120 })
  })

  test("an object inside a record that broke off is no record", async () => {
    const path = harness.write(`${bare("inner").slice(0, -1)}\n${line("outer", 1)}`)
    expect(await harness.read(path)).toMatchObject({ parts: 1, skippedCount: 1 })
  })

  test("runs of NUL bytes, as a power cut leaves them, before, between and behind records", async () => {
    const nuls = "\0".repeat(5000)
    const path = harness.write(`${nuls}${bare("one")}${nuls}${bare("two", 1)}\n${line("three", 2)}${nuls}`)
    const report = await harness.read(path)
    expect(report).toMatchObject({ parts: 3, skippedCount: 2 })
    expect(report.skipped.map(({ length }) => length)).toEqual([10_000, 5000])
    harness.append(line("four", 3))
    expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 1 })
    expect(harness.texts("one OR two OR three OR four")).toHaveLength(4)
  })

  test("behind NUL bytes a record that is still being written waits until it is whole", async () => {
    const half = line("growing words", 1)
    const path = harness.write(`${line("one")}${"\0".repeat(100)}${half.slice(0, -30)}`)
    expect(await harness.read(path)).toMatchObject({
      parts: 1,
      unfinished: half.length - 30,
      skippedCount: 2,
    })
    harness.append(half.slice(-30))
    expect(await harness.read(path)).toMatchObject({
      state: "appended",
      parts: 1,
      unfinished: 0,
      skippedCount: 1,
    })
    expect(harness.texts("growing")).toEqual(["growing words"])
  })

  test("lines that are no objects, empty ones, and other line ends", async () => {
    const path = harness.write(`\n\n[1,2]\nnull\nnot json\r\n${bare("with return")}\r\n \n42\n`)
    expect(await harness.read(path)).toMatchObject({ parts: 1, skippedCount: 4, unfinished: 0 })
    expect(await harness.read(path)).toMatchObject({ state: "unchanged", skippedCount: 4 })
  })

  test("bytes that are not UTF-8 spoil themselves only", async () => {
    const bytes = Buffer.from(bare("around here"))
    const broken = Buffer.concat([
      bytes.subarray(0, bytes.indexOf("around")),
      Buffer.from([0xff, 0xc3]),
      bytes.subarray(bytes.indexOf("around")),
    ])
    const path = harness.write(Buffer.concat([broken, Buffer.from("\n")]))
    expect(await harness.read(path)).toMatchObject({ parts: 1 })
    expect(harness.texts("here")).toEqual(["\uFFFD\uFFFDaround here"])
  })

  test("lone surrogates are read, and spoil nothing around them", async () => {
    const path = harness.write(
      `${bare("high XX low YY").replace("XX", "\\ud83d").replace("YY", "\\udc00")}\n${line("next to it", 1)}`,
    )
    expect(await harness.read(path)).toMatchObject({ parts: 2, skippedCount: 0 })
    expect(harness.texts("low")).toEqual(["high \uFFFD low \uFFFD"])
    expect(harness.texts("next")).toEqual(["next to it"])
  })

  test("a NUL inside a text does not cut it off", async () => {
    const path = harness.write(bare("before AB behind").replace("AB", "\\u0000"))
    await harness.read(path)
    expect(harness.texts("before")).toEqual(["before \0 behind"])
    expect(harness.texts("behind")).toHaveLength(1)
  })
})

describe("very long lines", () => {
  test("a line of 12 million characters is read like any other", async () => {
    const output = `${"many words again and again ".repeat(450_000)} needleattheend`
    const path = harness.write(
      line("short one") + record(harness.talk, 1, toolResult("toolu_1", output)) + line("behind", 2),
    )
    expect(await harness.read(path)).toMatchObject({ parts: 3, skippedCount: 0 })
    const [hit] = harness.ask((index) => index.search("needleattheend", {}, 9).hits)
    expect(hit?.text.length).toBe(output.length)
    expect(hit?.snippet.text).toContain("needleattheend")
    expect(harness.texts("behind")).toEqual(["behind"])
  })

  test("one of NUL bytes and others by turns does not take for ever, and is not told sign by sign", async () => {
    const path = harness.write(
      `${"a\0".repeat(1_500_000)}${bare("in it")}\0${"b\0".repeat(9)}\n${line("it ends", 1)}`,
    )
    const report = await harness.read(path)
    expect(report).toMatchObject({ parts: 2, unfinished: 0 })
    expect(report.skippedCount).toBeLessThan(1100)
    const [hit] = harness.ask((index) => index.search("in", {}, 9).hits)
    const covers = ({ offset, length }: { offset: number; length: number }) =>
      offset <= (hit?.source.offset ?? 0) && (hit?.source.offset ?? 0) < offset + length
    expect(report.skipped.slice(1).some(covers)).toBe(false)
  })

  test("a damaged one does not take for ever", async () => {
    const path = harness.write(`${'{"a":'.repeat(200_000)}\n${line("it ends")}`)
    expect(await harness.read(path)).toMatchObject({ parts: 1, skippedCount: 1 })
  })
})
