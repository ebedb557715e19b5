/** What Gemini CLI's chats show without a process. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { addChat, chatFolder, geminiHome } from "../../fixtures/gemini/client.ts"
import { chat, chatWithoutHead, folderSum, lines, messagesOf, oldChat } from "../../fixtures/gemini/talk.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two, three] = [sessionId(1), sessionId(2), sessionId(3)]
const cwd = "/work/one"
const day = 86_400_000
/** What a resume leaves beside the file that it goes on with. */
const stub = () => `${chat({ id: one, cwd, at: new Date() }).split("\n")[0]}\n`

async function sessions(...args: string[]) {
  const { json, code } = await machine.run(["status", "--all", "--json", ...args])
  expect([code, json.warnings]).toEqual([0, []])
  return json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const manifestOf = async (id: string) => {
  const { json } = await machine.run(["export", id, "--json"])
  return { ...json.exports[0], manifest: await Bun.file(json.exports[0].manifest).json() }
}
const sourcesOf = (manifest: { files: { source: string }[] }) => manifest.files.map(({ source }) => source)

test.each([
  ["done", "closed", "the model spoke last"],
  ["open", "ended mid-turn", "the model has not answered yet"],
  ["call", "ended mid-turn", "it runs, or waits for your permission"],
  ["through", "ended mid-turn", "a tool is through"],
  ["refused", "closed", "refused or cancelled"],
  ["stopped", "closed", "was cancelled"],
  ["error", "closed", "ended with an error"],
] as const)("a session whose last turn is %s is %s", async (last, detail, message) => {
  addChat(machine, { id: one, cwd, last })
  const [found] = await sessions()
  expect(found).toMatchObject({ id: one, agent: "gemini", state: "ORPHANED", detail, cwd })
  expect(found).toMatchObject({ title: "please mend the login page", model: "gemini-2.5-pro" })
  expect(says(found)).toContain(message)
})

test("a turn that was stopped stays stopped, though the client writes its list of messages again without it", async () => {
  const path = addChat(machine, { id: one, cwd, last: "stopped" })
  const messages = messagesOf({ id: one, cwd, at: new Date() }).slice(0, 4)
  appendFileSync(path, lines([{ $set: { messages } }]))
  expect(await sessions()).toMatchObject([{ id: one, detail: "closed" }])
})

test("the context is what the last answer was made from; after a compaction it is not known", async () => {
  const path = addChat(machine, { id: one, cwd })
  expect(await sessions()).toMatchObject([{ contextTokens: 1025, contextWindow: 1_048_576 }])
  const summary = {
    id: "summary",
    timestamp: new Date().toISOString(),
    type: "user",
    content: "what was said",
  }
  appendFileSync(
    path,
    lines([{ $set: { messages: [summary, ...messagesOf({ id: one, cwd, at: new Date() })] } }]),
  )
  expect(await sessions()).toMatchObject([{ contextTokens: null, detail: "closed" }])
})

test("a document of an old version is read: its state, its title, and its folder by the folder's sum", async () => {
  const at = new Date(Date.now() - 60_000)
  const folder = join(geminiHome(machine), "tmp", folderSum(cwd), "chats")
  const path = join(folder, `session-2026-01-31T23-59-${one.slice(0, 8)}.json`)
  machine.write(path, oldChat({ id: one, cwd, at, last: "open" }, { summary: "Mending pages" }))
  machine.write(join(geminiHome(machine), "trustedFolders.json"), JSON.stringify({ [cwd]: "TRUST_FOLDER" }))
  expect(await sessions()).toMatchObject([{ id: one, cwd, title: "Mending pages", detail: "ended mid-turn" }])
  const { manifest } = await manifestOf(one)
  expect(manifest.files).toMatchObject([{ source: path, role: "transcript", store: "rewritten" }])
})

test("the title is the last summary, whoever wrote it; that makes the session no newer", async () => {
  const path = addChat(machine, { id: one, cwd, age: 10 * day })
  appendFileSync(path, lines([{ $set: { summary: "Login page mended" } }]))
  const [found] = await sessions()
  expect(found.title).toBe("Login page mended")
  expect(Date.now() - Date.parse(found.lastActivity)).toBeGreaterThan(9 * day)
  expect(Date.parse(found.purgeAt) - Date.now()).toBeLessThan(21 * day)
})

describe("two files of one id", () => {
  test("are one session, and both are saved", async () => {
    const path = addChat(machine, { id: one, cwd, last: "open" })
    const second = addChat(machine, { id: one, cwd, age: 0, text: stub() })
    const [found, ...more] = await sessions()
    expect([found.transcript, more]).toEqual([path, []])
    expect(says(found)).toContain("2 files have its id")
    expect(sourcesOf((await manifestOf(one)).manifest)).toContain(second)
  })

  test("one of which was deleted while its client ran: what is left is saved, and the loss is said", async () => {
    const path = addChat(machine, { id: one, cwd })
    addChat(machine, { id: one, cwd, age: 0, text: stub() })
    const before = await manifestOf(one)
    writeFileSync(path, chatWithoutHead({ id: one, cwd, at: new Date(), prompt: "since" }).slice(0, 900))
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, flags: expect.arrayContaining(["corrupt", "shrunk"]) })
    expect(says(found)).toContain(before.path)
    expect(sourcesOf((await manifestOf(one)).manifest)).toContain(path)
    const { json } = await machine.run(["resume", one, "--json"])
    expect(json.resumes[0]).toMatchObject({ command: null, reason: expect.stringContaining("beginning") })
  })
})

describe("a file without its first line", () => {
  const rest = () => chatWithoutHead({ id: one, cwd, at: new Date() })

  test("is the session's that the folder's prompts name", async () => {
    const path = addChat(machine, { id: one, cwd, text: rest() })
    machine.write(
      join(dirname(path), "../logs.json"),
      JSON.stringify([{ sessionId: one, type: "user", message: "x" }]),
    )
    expect(await sessions()).toMatchObject([
      { id: one, flags: expect.arrayContaining(["corrupt", "purge-soon"]) },
    ])
  })

  test("and without any trace of its id is saved under its digits", async () => {
    const path = addChat(machine, { id: one, cwd, text: rest() })
    const id = one.slice(0, 8)
    const [found] = await sessions()
    expect(found.id).toBe(id)
    expect(says(found)).toContain("whole id")
    expect(sourcesOf((await manifestOf(id)).manifest)).toContain(path)
  })
})

test("subagents, tool outputs and the activity log belong to it; keys and what is shared do not", async () => {
  const path = addChat(machine, { id: one, cwd })
  const folder = join(dirname(path), "..")
  const own = [
    `chats/${one}/${two}.jsonl`,
    `tool-outputs/session-${one}/a.txt`,
    `tool-outputs/session-${two}/b.txt`,
    `logs/session-${one}.jsonl`,
    `${one}/plans/plan.md`,
  ].map((place) =>
    machine.write(join(folder, place), chat({ id: two, cwd, at: new Date(), kind: "subagent" })),
  )
  const others = [join(folder, "logs.json"), join(folder, `tool-outputs/session-${three}/c.txt`)]
  for (const each of [...others, join(geminiHome(machine), "oauth_creds.json")]) machine.write(each, "[]")
  expect(await sessions()).toHaveLength(1)
  const { manifest } = await manifestOf(one)
  expect(sourcesOf(manifest).toSorted()).toEqual([path, ...own, join(folder, ".project_root")].toSorted())
})

test("subagents whose session is gone are a session: nothing else would save them", async () => {
  const path = join(chatFolder(machine, cwd), one, `${two}.jsonl`)
  machine.write(path, chat({ id: two, cwd, at: new Date(), kind: "subagent" }))
  expect(await sessions()).toMatchObject([{ id: one, transcript: null }])
  expect(sourcesOf((await manifestOf(one)).manifest)).toContain(path)
})

describe("the client deletes", () => {
  const settings = (sessionRetention: unknown) =>
    machine.write(
      join(geminiHome(machine), "settings.json"),
      `// mine\n${JSON.stringify({ general: { sessionRetention } })}`,
    )
  const purges = async () => (await sessions()).map(({ purgeAt }: { purgeAt: string | null }) => purgeAt)
  const inDays = (at: string) => Math.round((Date.parse(at) - Date.now()) / day)

  test("after 30 days, or as its settings say, or never", async () => {
    addChat(machine, { id: one, cwd, age: 2 * day })
    expect((await purges()).map(inDays)).toEqual([28])
    settings({ maxAge: "1w" })
    expect((await purges()).map(inDays)).toEqual([5])
    settings({ enabled: false })
    expect(await purges()).toEqual([null])
  })

  test("more than the newest of a folder, where that is set: they are warned of", async () => {
    addChat(machine, { id: one, cwd, age: 2 * day })
    addChat(machine, { id: two, cwd, age: day })
    settings({ maxCount: 1 })
    const found = await sessions()
    expect(found.find(({ id }: { id: string }) => id === one).flags).toContain("purge-soon")
    expect(found.find(({ id }: { id: string }) => id === two).flags).not.toContain("purge-soon")
  })
})

describe("a damaged file", () => {
  test("is said to be, and does not hide the others", async () => {
    addChat(machine, { id: one, cwd, text: "" })
    writeFileSync(addChat(machine, { id: two, cwd }), new Uint8Array(4096))
    addChat(machine, { id: three, cwd })
    const found = await sessions()
    expect(found.map(({ detail }: { detail: string }) => detail).toSorted()).toEqual([
      "closed",
      "stub",
      "unreadable",
    ])
  })

  test("a document that breaks off is saved as it is, and its session is found", async () => {
    const text = oldChat({ id: one, cwd, at: new Date() }).slice(0, 700)
    const path = addChat(machine, {
      id: one,
      cwd,
      text,
      name: `session-2026-01-31T23-59-${one.slice(0, 8)}.json`,
    })
    expect(await sessions()).toMatchObject([{ id: one, detail: "unreadable", flags: ["corrupt"] }])
    const { manifest, status, path: copy } = await manifestOf(one)
    expect([status, sourcesOf(manifest)[0], readFileSync(copy, "utf8")]).toEqual(["verified", path, text])
  })

  test("a torn last line leaves the session known", async () => {
    appendFileSync(addChat(machine, { id: one, cwd }), '{"id":"mess')
    expect(await sessions()).toMatchObject([{ id: one, detail: "closed", flags: ["torn-tail"] }])
  })

  test("a link is not followed", async () => {
    const path = addChat(machine, { id: one, cwd })
    symlinkSync(path, path.replace(one.slice(0, 8), two.slice(0, 8)))
    const { json } = await machine.run(["export", "--all", "--json"])
    expect(json.failures).toMatchObject([{ code: "SOURCE_IS_LINK" }])
  })
})

test("a damaged list of folders is no obstacle: each folder names its own", async () => {
  addChat(machine, { id: one, cwd })
  writeFileSync(join(geminiHome(machine), "projects.json"), '{"projects":{"/wo')
  expect(await sessions()).toMatchObject([{ id: one, cwd }])
})

test("GEMINI_CLI_HOME names the folder above the home", async () => {
  addChat(machine, { id: one, cwd })
  const env = { GEMINI_CLI_HOME: join(machine.root, "elsewhere") }
  mkdirSync(env.GEMINI_CLI_HOME)
  const { json } = await machine.run(["status", "--all", "--json"], { env })
  expect(json.sessions).toMatchObject([{ id: one }]) // the usual one is searched, too
  rmSync(geminiHome(machine), { recursive: true })
  const moved = join(
    env.GEMINI_CLI_HOME,
    ".gemini/tmp/one/chats",
    `session-2026-01-31T23-59-${two.slice(0, 8)}.jsonl`,
  )
  machine.write(moved, chat({ id: two, cwd, at: new Date() }))
  utimesSync(moved, new Date(), new Date())
  const { json: there } = await machine.run(["status", "--all", "--json"], { env })
  expect(there.sessions).toMatchObject([{ id: two, transcript: moved }])
})
