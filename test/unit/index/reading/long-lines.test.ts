/** Lines of many MB: read piece by piece, their texts searched row by row, each found once. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { readParts } from "../../../../plugins/detect/claude-code/parts/parts.ts"
import { readLine } from "../../../../src/index/index.ts"
import { record, toolResult, user } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness, prompts } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const line = (text: string, number = 0) => prompts(harness.talk, [text], number)
const bare = (text: string, number = 0) => line(text, number).trimEnd()
const mega = 1 << 20

/** `needles`: at which MB which words stand. */
function megabytes(
  size: number,
  needles: Readonly<Record<number, string>> = {},
  filler = "filler words ",
): string {
  const plain = filler.repeat(Math.ceil(mega / filler.length))
  return Array.from({ length: size }, (_, at) =>
    needles[at] === undefined ? plain : `${needles[at]} ${plain}`,
  ).join("")
}

const found = (query: string) => {
  return harness.ask((index) => {
    const { hits, total, totalIsExact } = index.search(query, {}, 50)
    return { places: hits.map(({ source }) => source.offset), total, totalIsExact }
  })
}
const once = (offset: number) => ({ places: [offset], total: 1, totalIsExact: true })
const never = { places: [], total: 0, totalIsExact: true }

test("in a line of 60 MB words are found wherever they stand, each once, and what is before and behind it", async () => {
  const before = line("short before")
  const text = megabytes(60, { 0: "beginneedle", 30: "middleneedle with friends", 59: "endneedle" })
  const long = record(harness.talk, 1, toolResult("toolu_1", text))
  const path = harness.write(before + long + line("short behind", 2))
  expect(await harness.read(path)).toMatchObject({ parts: 3, skippedCount: 0, unfinished: 0 })
  for (const query of [
    ...["beginneedle", "middleneedle", "endneedle", '"middleneedle with friends"', "middlenee*"],
    ...[
      "beginneedle endneedle",
      "filler endneedle -short",
      "NEAR(middleneedle friends, 3)",
      "endneedle OR beginneedle",
    ],
  ]) {
    expect({ query, ...found(query) }).toEqual({ query, ...once(before.length) })
  }
  for (const query of [
    "beginneedle -endneedle",
    '"beginneedle endneedle"',
    "endneedle absent",
    "short filler",
  ])
    expect({ query, ...found(query) }).toEqual({ query, ...never })
  expect(found("filler OR short").total).toBe(3)
  const [hit] = harness.ask((index) => index.search("middleneedle", {}, 9).hits)
  expect(hit?.snippet.text).toContain("filler words middleneedle with friends filler")
  expect(hit?.text.length).toBe(text.length)
  expect(hit?.text.slice(-5000)).toBe(text.slice(-5000))
  const { offset = 0, length = 0 } = hit?.source ?? {}
  expect(readFileSync(path).toString("utf8", offset, offset + length)).toBe(long.trimEnd())
  expect(readdirSync(dirname(harness.database)).filter((name) => name.includes("scratch"))).toEqual([])
}, 60_000)

test("without an index, as `show` reads it, one of 50 MB has its whole text too", async () => {
  const text = megabytes(50, { 0: "first", 49: "last" })
  const before = line("short before")
  const path = harness.write(
    before + record(harness.talk, 1, toolResult("toolu_1", text)) + line("behind", 2),
  )
  const read: [number, string | undefined][] = []
  for await (const { found, skipped, withFullTexts } of readLine(harness.source(path))) {
    expect(skipped).toEqual([])
    for (const each of found) {
      const about = readParts(each.record, "")
      if (about !== null) read.push([each.offset, withFullTexts(each, about).parts[0]?.text])
    }
  }
  expect(read.map(([offset]) => offset)).toEqual([0, before.length, expect.any(Number)])
  expect([read[1]?.[1]?.length, read[1]?.[1] === text, read[2]?.[1]]).toEqual([text.length, true, "behind"])
}, 60_000)

test("filters hold for it, and no list has it more than once", async () => {
  const call = {
    type: "tool_use",
    id: "toolu_1",
    name: "Bash",
    input: { command: megabytes(3, { 2: "cmdneedle" }) },
  }
  const said = {
    type: "assistant",
    message: { role: "assistant", content: [call, { type: "text", text: "and then" }] },
  }
  const failed = record(harness.talk, 2, {
    ...{ type: "user" },
    message: {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          is_error: true,
          content: megabytes(4, { 3: "badneedle" }),
        },
      ],
    },
  })
  await harness.read(
    harness.write(line("first", 0) + record(harness.talk, 1, said) + failed + line("last", 3)),
  )
  harness.ask((index) => {
    expect(index.search("badneedle", { errors: true }, 9).total).toBe(1)
    expect(index.search("badneedle", { commands: true }, 9).total).toBe(0)
    expect(index.search("cmdneedle", { commands: true, tool: "Bash", role: "assistant" }, 9).total).toBe(1)
    expect(index.search("badneedle", { since: 0, until: harness.talk.at.getTime() }, 9).total).toBe(1)
    expect(index.search("badneedle", { until: 1000 }, 9).total).toBe(0)
    expect(index.search("", { errors: true }, 9)).toMatchObject({ total: 1, hits: [{ kind: "tool_result" }] })
    expect(index.search("", {}, 9).total).toBe(5)
    expect(index.recent({}, 9).map(({ kind }) => kind)).toEqual([
      "text",
      "tool_result",
      "text",
      "tool_use",
      "text",
    ])
    const [failure] = index.failures({}, 9)
    expect([failure?.call?.tool, failure?.next.map(({ text }) => text)]).toEqual(["Bash", ["last"]])
    const [run] = index.commands({}, 9)
    expect([run?.call.command?.length, run?.result?.isError]).toEqual([call.input.command.length, true])
    expect(index.around(failure?.result.part ?? 0, 1, 1)).toHaveLength(3)
    expect(index.stats().parts).toBe(5)
  })
}, 60_000)

test("a word that stands in every row of it crowds out nothing else", async () => {
  const texts = Array.from({ length: 500 }, (_, number) => line(`crowd ${number}`, number))
  await harness.read(harness.write(texts.join("") + line(megabytes(3, {}, "crowd of words "), 500)))
  expect(found("crowd")).toMatchObject({ total: 501, totalIsExact: true })
})

test("escapes, pairs, lone surrogates, NULs and signs of three bytes come through wherever pieces end", async () => {
  const signs = ['\\"q\\"', "\\\\", "\\ud83d\\ude00", "\\ud83d", "\\u0000", "日本語", "é", "\\n", "𠀀", "\\/"]
  let body = ""
  for (let at = 0; body.length < 3 * mega; at++) body += `w${at}${signs[at % signs.length]} `
  const json = bare("BODY").replace("BODY", () => `${body}lastneedle 最後の針`)
  await harness.read(harness.write(`${json}\n`))
  const whole = JSON.parse(json).message.content.toWellFormed()
  const [hit] = harness.ask((index) => index.search("最後の針", {}, 9).hits)
  expect(Bun.hash(hit?.text ?? "")).toBe(Bun.hash(whole))
  expect(hit?.snippet.text).toContain("lastneedle 最後の針")
  for (const word of ["w0", "w5000", "w99999", "w123450"]) expect(found(word).total).toBe(1)
})

test("half written it waits, and completed it is there once; what follows goes on", async () => {
  const long = line(megabytes(5, { 0: "growneedle", 4: "fullneedle" }), 1)
  const path = harness.write(line("first") + long.slice(0, 2 * mega))
  expect(await harness.read(path)).toMatchObject({ parts: 1, unfinished: 2 * mega })
  expect(found("growneedle")).toEqual(never)
  harness.append(long.slice(2 * mega, -1))
  expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 1, unfinished: 0 }) // whole without its end
  harness.append(`\n${line("and on", 2)}`)
  expect(await harness.read(path)).toMatchObject({
    state: "appended",
    parts: 1,
    unfinished: 0,
    skippedCount: 0,
  })
  expect(found("growneedle fullneedle").total).toBe(1)
  expect(found("on").total).toBe(1)
})

test("of two records on one line, and behind NUL bytes, each is found at its place", async () => {
  const [long, torn] = [
    bare(megabytes(3, { 2: "gluedneedle" }), 1),
    bare(megabytes(2, { 1: "tornneedle" }), 2),
  ]
  const nuls = "\0".repeat(5000)
  const broken = torn.slice(0, -40)
  const path = harness.write(
    `${bare("one")}${long}\n${nuls}${broken}${bare("survivor", 3)}\n${nuls}${bare("half")}`.slice(0, -9),
  )
  const report = await harness.read(path)
  expect(report).toMatchObject({ parts: 3, unfinished: bare("half").length - 9 })
  expect(report.skipped.slice(0, 2)).toMatchObject([
    { offset: bare("one").length + long.length + 1, length: 5000, why: "5000 NUL bytes" },
    { length: broken.length, why: "a record that breaks off" },
  ])
  expect(found("gluedneedle")).toEqual(once(bare("one").length))
  expect([found("survivor").total, found("tornneedle").total]).toEqual([1, 0])
})

test("the same record met again elsewhere is one, and lies in both places", async () => {
  const text = line("first") + line(megabytes(3, { 2: "twiceneedle" }), 1) + line("last", 2)
  await harness.read(harness.write(text), harness.source(harness.write(`\n${text}`, "copy.jsonl")))
  expect(found("twiceneedle").total).toBe(1)
  const [hit] = harness.ask((index) => index.search("twiceneedle", {}, 9).hits)
  expect(harness.ask((index) => index.locations(hit?.part ?? 0))).toHaveLength(2)
  harness.append(line("one more", 3))
  await harness.read(harness.path())
  expect([found("more").total, harness.ask((index) => index.recent({}, 99).length)]).toEqual([1, 4])
})

test("one that ends the index does not give its numbers to what is read next", async () => {
  const path = harness.write(line(megabytes(3, { 2: "endingneedle" })))
  await harness.read(path)
  harness.append(line("laterneedle", 1))
  await harness.read(path)
  expect([
    found("endingneedle").total,
    found("laterneedle").total,
    found("endingneedle laterneedle").total,
  ]).toEqual([1, 1, 0])
  const [hit] = harness.ask((index) => index.search("laterneedle", {}, 9).hits)
  expect(hit?.text).toBe("laterneedle")
})

test("a record of a million small pieces is one text; titles and paths never show a mark", async () => {
  const pieces = Array.from({ length: 200_000 }, (_, at) => ({ type: "text", text: `p${at}` }))
  const path = `/work/${"deep/".repeat(4000)}file.ts`
  const edit = { type: "tool_use", id: "t1", name: "Edit", input: { file_path: path, text: megabytes(1) } }
  const long = record(harness.talk, 1, { type: "assistant", message: { role: "assistant", content: [edit] } })
  const prompt = line(`Titled ${megabytes(2)}`, 0)
  await harness.read(harness.write(prompt + long + record(harness.talk, 2, user(pieces))))
  expect([found("p0").total, found("p199999").total, found("deep").total]).toEqual([1, 1, 1])
  harness.ask((index) => {
    const [part] = index.recent({}, 1)
    expect(part?.title).toStartWith("Titled filler words")
    const [file] = index.files({}, 9)
    expect([file?.path.startsWith("/work/deep/"), /\/\/sr/.test(file?.path ?? "")]).toEqual([true, false])
    expect(index.recent({}, 9).some(({ text }) => text.includes("//sr"))).toBe(false)
  })
})
