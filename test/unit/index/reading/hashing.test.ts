import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync, renameSync, rmSync } from "node:fs"
import type { IndexSource } from "../../../../src/index/index.ts"
import { record, sessionId, toolCall, toolResult, user } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness, prompts } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const name = "2026-03-01T10-00-00Z-LOSSLESS-session"
const pending = (path: string, more: Partial<IndexSource> = {}) =>
  harness.source(path, { place: "pending", export: name, ...more })
/** One that an archiver made: it is known by the checksum of its bytes. */
const archived = (path: string) => harness.source(path, { place: "archived", export: name, file: "sha256:1" })

/** The raw record of the one hit. */
function rawOf(query: string): string {
  return harness.ask((index) => {
    const { hits } = index.search(query, {}, 9)
    expect(hits).toHaveLength(1)
    const place = hits[0]?.source
    expect(place?.gone).toBe(false)
    return readFileSync(place?.path ?? "").toString(
      "utf8",
      place?.offset,
      (place?.offset ?? 0) + (place?.length ?? 0),
    )
  })
}

describe("a record that is met again is one row", () => {
  test("live, exported and archived", async () => {
    const text = prompts(harness.talk, ["the decision was taken", "yes"])
    const sources = [
      harness.source(harness.write(text)),
      pending(harness.write(text, "pending.jsonl")),
      harness.source(harness.write(text, "other.jsonl"), {
        place: "archived",
        export: "another",
        file: "sha256:2",
      }),
    ]
    expect(await harness.read(...sources)).toMatchObject({ state: "new", parts: 0 })
    expect(harness.texts("decision")).toHaveLength(1)
    expect(harness.ask((index) => index.stats())).toMatchObject({ parts: 2, sources: { present: 3 } })
  })

  test("written again behind a compaction", async () => {
    const text = prompts(harness.talk, ["said once"])
    await harness.read(harness.write(text + prompts(harness.talk, ["something else"], 1) + text))
    expect(harness.texts("once")).toEqual(["said once"])
  })

  test("a second yes is a second row", async () => {
    await harness.read(harness.write(prompts(harness.talk, ["yes", "go on", "yes"])))
    expect(harness.texts("yes")).toEqual(["yes", "yes"])
  })

  test("the same record in another session is that session's own", async () => {
    const text = prompts(harness.talk, ["shared by both"])
    const fork = text.replaceAll(`"sessionId":"${harness.talk.id}"`, `"sessionId":"${sessionId(2)}"`)
    await harness.read(harness.write(text), harness.write(fork, "fork.jsonl"))
    expect(harness.texts("shared", { session: sessionId(2) })).toHaveLength(1)
    expect(harness.texts("shared")).toHaveLength(2)
  })

  test("records without a name of their own: known by their bytes and how often they came", async () => {
    const summary = `${JSON.stringify({ ...user("all about login"), sessionId: harness.talk.id })}\n`
    const path = harness.write(summary + summary)
    await harness.read(
      path,
      harness.source(harness.write(summary + summary, "copy.jsonl"), { place: "pending" }),
    )
    expect(harness.texts("login")).toHaveLength(2)
    harness.append(summary)
    expect(await harness.read(path)).toMatchObject({ state: "appended", parts: 1 })
    expect(harness.texts("login")).toHaveLength(3)
  })
})

describe("two texts under one name", () => {
  const twice = (...texts: string[]) => texts.map((text) => record(harness.talk, 0, user(text))).join("")

  test("are both found, however long they are, in every copy once", async () => {
    const text = twice("first jackdaw", "other pelican", "first jackdaw", "first jackdaw and more")
    const path = harness.write(text)
    await harness.read(path, harness.source(harness.write(text, "copy.jsonl"), { place: "pending" }))
    expect(harness.texts("jackdaw").toSorted()).toEqual(["first jackdaw", "first jackdaw and more"])
    expect(harness.texts("pelican")).toEqual(["other pelican"])
  })

  test("one written anew with the same text is the same", async () => {
    const [line] = [record(harness.talk, 0, user("the same"))]
    await harness.read(harness.write(line + line.replace('"gitBranch":"main"', '"gitBranch":"trunk"')))
    expect(harness.texts("same")).toHaveLength(1)
  })
})

describe("what is said of another record", () => {
  const summary = (leafUuid: string, text: string) =>
    `${JSON.stringify({ type: "summary", summary: text, leafUuid, sessionId: harness.talk.id })}\n`
  const uuid = (n: number) => JSON.parse(record(harness.talk, n, user(""))).uuid

  test.each(["before", "behind"])(
    "counts for the session that holds that one, also when it stands %s it",
    async (where) => {
      const said = prompts(harness.talk, ["one", "two"])
      const own = summary(uuid(1), "about puffins")
      await harness.read(
        harness.write(
          summary("of-another", "about razorbills") + (where === "before" ? own + said : said + own),
        ),
      )
      expect(harness.texts("puffins")).toEqual(["about puffins"])
      expect(harness.texts("razorbills")).toEqual([])
      expect(harness.ask((index) => index.search("two", {}, 1).hits[0]?.title)).toBe("about puffins")
    },
  )

  test("also when that one comes in a later run", async () => {
    await harness.read(harness.write(summary(uuid(1), "about puffins") + prompts(harness.talk, ["one"])))
    expect(harness.texts("puffins")).toEqual([])
    await harness.read(harness.append(prompts(harness.talk, ["two"], 1)))
    expect(harness.texts("puffins")).toEqual(["about puffins"])
  })
})

describe("a name", () => {
  test("is found, once, wherever it stands and however often", async () => {
    const named = (type: string, key: string, name: string) =>
      `${JSON.stringify({ type, [key]: name, sessionId: harness.talk.id })}\n`
    const again =
      named("custom-title", "customTitle", "harvest-ledger") +
      named("agent-name", "agentName", "harvest-ledger")
    await harness.read(
      harness.write(prompts(harness.talk, ["hello"]) + again + prompts(harness.talk, ["more"], 1) + again),
    )
    const hits = harness.ask((index) => index.search("harvest", {}, 9).hits)
    expect(hits.map(({ text, kind, role, title }) => [text, kind, role, title])).toEqual([
      ["harvest-ledger", "title", "user", "harvest-ledger"],
    ])
    expect(hits[0]?.project).toBe("/work/one")
  })
})

describe("records of another session in a session's file", () => {
  test("are found under both, and their file is known", async () => {
    const other = { ...harness.talk, id: sessionId(2) }
    const path = harness.write(prompts(harness.talk, ["mine"]) + prompts(other, ["a stray heron"], 5))
    await harness.read(path)
    for (const session of [harness.talk.id, other.id])
      expect(harness.texts("heron", { session })).toHaveLength(1)
    expect(harness.texts("mine", { session: other.id })).toEqual([])
    expect(
      harness.ask((index) => [index.foreignFiles(other.id), index.foreignFiles(harness.talk.id)]),
    ).toEqual([[{ path, place: "live", document: "", export: null, owner: harness.talk.id }], []])
  })
})

describe("records of a type that nobody knows", () => {
  test("are counted, of copies once", async () => {
    const strange = `${JSON.stringify({ type: "new-type", note: "some words" })}\n`
    const text = strange + prompts(harness.talk, ["x"]) + strange
    await harness.read(
      harness.write(text),
      harness.source(harness.write(text, "copy.jsonl"), { place: "pending" }),
    )
    expect(harness.ask((index) => index.unknownRecords())).toEqual([{ type: "new-type", records: 2 }])
    await harness.read(harness.append(strange))
    expect(harness.ask((index) => index.unknownRecords())).toEqual([{ type: "new-type", records: 3 }])
  })
})

function missing(path: string): void {
  const writer = harness.writer()
  writer.markMissing(path)
  writer.close()
}

describe("the raw record stays reachable", () => {
  const line = () => prompts(harness.talk, ["find me"], 3)

  test("in the live file, byte for byte", async () => {
    const text = prompts(harness.talk, ["écrit 保存 🙂", "more"]) + line()
    await harness.read(harness.write(text))
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("in the export, once the live file is purged", async () => {
    const text = prompts(harness.talk, ["before it"]) + line() + prompts(harness.talk, ["behind it"], 4)
    const live = harness.write(text)
    await harness.read(live, pending(harness.write(text, "pending.jsonl")))
    rmSync(live)
    missing(live)
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("in a copy where it lies elsewhere, once the live file is purged", async () => {
    const live = harness.write(prompts(harness.talk, ["before it"]) + line())
    await harness.read(live, pending(harness.write(`{"type":"mode"}\n${line()}`, "pending.jsonl")))
    rmSync(live)
    missing(live)
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("in the export, once the client has rewritten the live file to a stub", async () => {
    const live = harness.write(prompts(harness.talk, ["before it"]) + line())
    await harness.read(live, pending(harness.write(readFileSync(live), "pending.jsonl")))
    harness.write(`${JSON.stringify({ type: "mode", sessionId: harness.talk.id })}\n`)
    expect(await harness.read(live)).toMatchObject({ state: "rewritten", parts: 0 })
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("never said of a copy that it holds what the live file holds since it was rewritten", async () => {
    const text = prompts(harness.talk, ["alpha one", "beta two"])
    const live = harness.write(text)
    await harness.read(live, pending(harness.write(text, "pending.jsonl")))
    harness.write(prompts(harness.talk, ["gamma six", "delta ten"], 7)) // each as long as what was there
    expect(await harness.read(live)).toMatchObject({ state: "rewritten", parts: 2 })
    missing(live)
    const found = harness.ask((index) => index.search("one OR two OR six OR ten", {}, 9).hits)
    expect(Object.fromEntries(found.map(({ text, source }) => [text, source.gone]))).toEqual({
      ...{ "alpha one": false, "beta two": false, "gamma six": true, "delta ten": true },
    })
  })

  test("in the export, when the live file was put back, and is purged again", async () => {
    const live = harness.write(prompts(harness.talk, ["before it"]) + line())
    await harness.read(live, pending(harness.write(readFileSync(live), "pending.jsonl")))
    harness.write(readFileSync(live), "again.jsonl")
    renameSync(harness.path("again.jsonl"), live)
    expect(await harness.read(live)).toMatchObject({ state: "rewritten", parts: 0 })
    missing(live)
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("in the live file, whose disk was away while an export was read, and which is pruned", async () => {
    const live = harness.write(prompts(harness.talk, ["before it"]) + line())
    await harness.read(live)
    missing(live)
    for (const lead of ["", `{"type":"mode"}\n`]) {
      const copy = harness.write(lead + readFileSync(live), `pending${lead.length}.jsonl`)
      await harness.read(pending(copy))
      expect(await harness.read(live)).toMatchObject({ state: "unchanged" })
      missing(copy)
      expect(`${rawOf("find")}\n`).toBe(line())
      missing(live)
    }
  })

  test("in the archive, once the export has moved there: the rows follow, and nothing is read again", async () => {
    const path = harness.write(line(), "pending.jsonl")
    await harness.read(pending(path))
    const moved = harness.write(line(), "archived.jsonl")
    const open = () => {
      throw new Error("it was read again")
    }
    const writer = harness.writer()
    const { size, modifiedAt, file } = archived(moved)
    writer.move(path, { path: moved, place: "archived", file, size, modifiedAt })
    writer.close()
    rmSync(path)
    expect(await harness.read({ ...archived(moved), open })).toMatchObject({
      state: "unchanged",
      error: null,
    })
    expect(`${rawOf("find")}\n`).toBe(line())
    expect(harness.ask((index) => index.search("find", {}, 1).hits[0]?.source.place)).toBe("archived")
  })

  test("also when another run finds it gone that did not see it move", async () => {
    const path = harness.write(line(), "pending.jsonl")
    await harness.read(pending(path))
    const other = harness.writer()
    const { size, modifiedAt, file } = archived(harness.write(line(), "archived.jsonl"))
    const writer = harness.writer()
    writer.move(path, { path: harness.path("archived.jsonl"), place: "archived", file, size, modifiedAt })
    writer.close()
    other.markMissing(path)
    other.close()
    expect(`${rawOf("find")}\n`).toBe(line())
  })

  test("also when nobody said that it moved", async () => {
    await harness.read(pending(harness.write(line(), "pending.jsonl")))
    const moved = archived(harness.write(line(), "archived.jsonl"))
    expect(await harness.read(moved)).toMatchObject({ state: "unchanged", parts: 0 })
    expect(harness.ask((index) => index.search("find", {}, 1).hits[0]?.source.place)).toBe("archived")
    expect(harness.ask((index) => index.stats().sources)).toEqual({ present: 1, missing: 0, superseded: 0 })
  })
})

describe("what belongs together across files and readings", () => {
  test("a result that came in a later reading knows its call", async () => {
    const call = record(harness.talk, 0, toolCall("Bash", "toolu_9"))
    const path = harness.write(call)
    await harness.read(path)
    harness.append(record(harness.talk, 1, toolResult("toolu_9", "it worked")))
    await harness.read(path)
    const [hit] = harness.ask((index) => index.search("worked", {}, 1).hits)
    expect(hit).toMatchObject({ tool: "Bash", kind: "tool_result", role: "tool" })
    expect(harness.ask((index) => index.part(hit?.answers ?? 0))).toMatchObject({ kind: "tool_use" })
  })

  test("a subagent's file belongs to the session, and says who spoke", async () => {
    const said = record(harness.talk, 0, { ...user("from the depth"), isSidechain: true })
    const path = harness.write(said, "subagents/agent-abc123.jsonl")
    await harness.read(harness.source(path, { document: "subagents/agent-abc123.jsonl" }))
    const [hit] = harness.ask((index) => index.search("depth", {}, 1).hits)
    expect(hit).toMatchObject({ session: harness.talk.id, subagent: "abc123" })
  })
})
