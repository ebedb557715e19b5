import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { lockExport } from "../../src/rescue/io/lock.ts"
import { brokenGuarantees, leftovers, namesIn } from "../export/export-invariants.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { contents, id, Rescued, snapshot } from "../restore/rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

const prune = async (...args: string[]) => {
  const { code, json } = await machine.run(["prune", ...args, "--json"])
  return {
    code,
    removed: json.removed.map(({ path }: { path: string }) => path.replace(/\.jsonl$/, "")),
    json,
  }
}

/** Nothing was removed, and why. */
async function keptAll(): Promise<string> {
  const before = contents(machine.data)
  const { code, removed, json } = await prune()
  expect([code, removed]).toEqual([0, []])
  expect(contents(machine.data)).toEqual(before)
  return json.kept.map(({ why }: { why: string }) => why).join("\n")
}

test("of a session that grew, only the newest export stays, and it is whole", async () => {
  const first = await machine.export()
  machine.grow()
  const second = await machine.export()
  machine.grow()
  machine.write(join(machine.own, "subagents/agent-2.jsonl"), '{"agent":2}\n')
  const third = await machine.export()
  const before = snapshot(machine.root)
  const planned = await prune("--dry-run")
  expect([planned.code, planned.removed]).toEqual([0, [first, second]])
  expect(snapshot(machine.root)).toEqual(before)
  const { code, removed, json } = await prune()
  expect([code, removed]).toEqual([0, [first, second]])
  expect(json.removed[0]).toMatchObject({ id, supersededBy: `${third}.jsonl`, place: "pending" })
  expect(machine.exports()).toEqual([third])
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  expect(await keptAll()).toBe("")
})

test.each(["archive-zstd", "archive-move"])(
  "what the archive holds whole goes, older or newer (%s)",
  async (archiver) => {
    const first = await machine.export()
    machine.grow()
    const archived = await machine.archiveIt(await machine.export(), archiver)
    const copy = machine.copyExport(first, "2099-01-01T00-00-00Z")
    const { removed, json } = await prune()
    expect(removed.toSorted()).toEqual([first, copy].toSorted())
    expect(json.removed[0].place).toBe("archived")
    expect(json.removed[0].supersededBy).toStartWith(archived)
    expect(machine.exports()).toEqual([])
    expect((await machine.run(["verify"])).code).toBe(0)
  },
)

test("the state of what was to be processed goes with it", async () => {
  const first = await machine.export()
  machine.write(join(`${first}.queue`, "notify.json"), "{}")
  machine.grow()
  await machine.export()
  await prune()
  expect(namesIn(machine.pending()).filter((name) => name.startsWith(basename(first)))).toEqual([])
})

describe("stays", () => {
  const older = async (change: (base: string) => void | Promise<void>) => {
    const first = await machine.export()
    await change(first)
    machine.grow()
    return { first, second: await machine.export() }
  }

  test("an only export, an archived one, one of another session", async () => {
    await machine.archiveIt(await machine.export())
    machine.transcript(sessionId(2))
    await machine.run(["export", sessionId(2)])
    expect(await keptAll()).toBe("")
  })

  test("one whose transcript is not how the newer one's begins (a stub after a good copy)", async () => {
    await machine.export()
    writeFileSync(machine.transcriptFile, '{"type":"summary"}\n')
    await machine.export()
    expect(await keptAll()).toContain("is shorter")
  })

  test("one of the same length with another byte", async () => {
    await machine.export()
    const bytes = readFileSync(machine.transcriptFile)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(machine.transcriptFile, bytes)
    await machine.export()
    expect(await keptAll()).toContain("is different")
  })

  test("one with another byte and a newer one that is longer: compared, not believed", async () => {
    await machine.export()
    const bytes = readFileSync(machine.transcriptFile)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(machine.transcriptFile, bytes)
    machine.grow()
    await machine.export()
    expect(await keptAll()).toContain("does not begin like the other's")
  })

  test("one with a file, or a link, that the newer one lacks", async () => {
    symlinkSync("b.txt", join(machine.own, "tool-results/link"))
    await older(() => unlinkSync(join(machine.own, "tool-results/link")))
    expect(await keptAll()).toContain("lacks the link")
    unlinkSync(join(machine.own, "tool-results/b.txt"))
    await machine.export()
    expect(await keptAll()).toContain("lacks")
  })

  test("one whose task list was rewritten since", async () => {
    await older(() => void machine.write(join(machine.claude, "tasks", id, "1.json"), "[]"))
    expect(await keptAll()).toContain("1.json is different")
  })

  test("one that holds a file nobody knows", async () => {
    await older((base) => void machine.write(join(`${base}.files`, "notes.txt"), "mine"))
    expect(await keptAll()).toContain("notes.txt")
  })

  test("one that is damaged, or of which a part is missing", async () => {
    const { first } = await older((base) => truncateSync(`${base}.jsonl`, 40))
    expect(await keptAll()).toContain("does not begin like the other's")
    writeFileSync(`${first}.jsonl`, readFileSync(machine.transcriptFile))
    rmSync(`${first}.files/tasks`, { recursive: true })
    await keptAll()
  })

  test("one whose only keeper is damaged, and the keeper", async () => {
    const { second } = await older(() => {})
    const agent = [...contents(`${second}.files`).keys()].find((name) => name.includes("agent-1")) ?? ""
    writeFileSync(join(`${second}.files`, agent), "spoilt")
    expect(await keptAll()).toContain("it is damaged")
  })

  test("one whose files are links, and one whose keeper's are", async () => {
    const { first, second } = await older(() => {})
    for (const base of [first, second]) {
      await Bun.$`mv ${base}.jsonl ${machine.root}/away && ln -s ${machine.root}/away ${base}.jsonl`.quiet()
      await keptAll()
      await Bun.$`rm ${base}.jsonl && mv ${machine.root}/away ${base}.jsonl`.quiet()
    }
    expect((await prune()).removed).toEqual([first])
  })

  test("one that another run works on", async () => {
    const { first } = await older(() => {})
    const lock = await lockExport(machine.pending(), basename(first))
    const { code, json } = await prune()
    expect([code, json.removed, json.kept[0]?.why]).toEqual([0, [], "another run is working on it"])
    lock?.release()
    expect((await prune()).removed).toEqual([first])
  })

  test("one of another home with the same id", async () => {
    const { first } = await older(() => {})
    machine.editManifest(first, (manifest) => {
      manifest.session.home = "/another/home"
    })
    expect(await keptAll()).toContain("another home")
  })

  test("a copy made by hand, and an export without a manifest that can be read", async () => {
    const { first } = await older(() => {})
    machine.write(join(machine.pending(), `2020-01-01T00-00-00Z-${id}-LOSSLESS-session.jsonl`), "{}\n")
    truncateSync(`${first}.manifest.json`, 10)
    await keptAll()
  })
})
