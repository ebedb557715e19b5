/** What a transcript points to besides the session's own files: plans, what a parent keeps, outputs of commands. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { isOfSession } from "../../plugins/detect/claude-code/footprint/footprint.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { brokenGuarantees, leftovers, manifestOf } from "./export-invariants.ts"

const id = sessionId(1)
const parent = sessionId(2)
const uid = process.getuid?.() ?? 0
let machine: Machine
let temporary: string
beforeEach(() => {
  machine = new Machine()
  temporary = join(machine.root, "tmp")
  mkdirSync(temporary)
})
afterEach(() => machine.dispose())

const env = () => ({ CLAUDE_CODE_TMPDIR: temporary })
const run = (...args: string[]) => machine.run(args, { env: env() })

/** A conversation of which one record says each text. */
function said(...texts: string[]): string {
  const talk = { id, cwd: "/work/one", at: new Date() }
  const more = texts.map((text, number) => record(talk, number + 3, user(text))).join("")
  return machine.transcript(id, { text: conversation(talk) + more })
}

async function saved(...args: string[]) {
  const { code, json } = await run("export", id, "--json", ...args)
  expect([code, json.failures]).toEqual([0, []])
  expect(leftovers(machine)).toEqual([])
  const [result] = json.exports
  const manifest = manifestOf(result.manifest.replace(/\.manifest\.json$/, ""))
  const tied = manifest.files.filter(({ tie }: { tie?: string }) => tie !== undefined)
  const files = tied.map(({ tie, source }: { tie: string; source: string }) => [tie, source]).sort()
  return { result, manifest, files: files as [string, string][] }
}

describe("a plan", () => {
  const plan = (name: string) => machine.write(join(machine.claude, "plans", name), `# ${name}\n`)
  const slugged = (...slugs: string[]) => {
    const talk = { id, cwd: "/work/one", at: new Date() }
    const more = slugs.map((slug, number) => record(talk, number + 3, { ...user("go on"), slug })).join("")
    return machine.transcript(id, { text: conversation(talk) + more })
  }

  test("that a record names is saved, with its agents', and no other", async () => {
    slugged("calm-blue-fox", "wild-red-hen")
    const ours = ["calm-blue-fox.md", "calm-blue-fox-agent-a1b2.md", "wild-red-hen.md"].map(plan)
    plan("calm-blue-foxglove.md")
    plan("other.md")
    expect((await saved()).files).toEqual(ours.map((path) => ["plan", path] as [string, string]).sort())
    rmSync(machine.claude, { recursive: true })
    expect((await run("restore", id)).code).toBe(0)
    expect(ours.map((path) => existsSync(path))).toEqual([true, true, true])
  })

  test("that somebody only speaks of is not saved, and a name that leads elsewhere is none", async () => {
    plan("calm-blue-fox.md")
    machine.write(join(machine.claude, "settings.md"), "")
    said('the "slug":"calm-blue-fox" of it')
    appendFileSync(machine.transcriptPath(id, "/work/one"), '{"type":"x","slug":"../settings"}\n')
    expect((await saved()).files).toEqual([])
  })

  test("that was changed since stays as it is, and stops no restore", async () => {
    slugged("calm-blue-fox")
    const path = plan("calm-blue-fox.md")
    await saved()
    writeFileSync(path, "# changed\n")
    rmSync(machine.transcriptPath(id, "/work/one"))
    const { code, json } = await run("restore", id, "--json", "--force")
    expect(code).toBe(0)
    expect(json.restore.files.map((each: { outcome: string }) => each.outcome)).toEqual([
      "restored",
      "skipped",
    ])
    expect(readFileSync(path, "utf8")).toBe("# changed\n")
  })
})

describe("what a parent keeps", () => {
  const kept = () =>
    [
      `projects/-work-one/${parent}/tool-results/toolu_01A.json`,
      `image-cache/${parent}/1.png`,
      `uploads/${parent}/3f-paper.pdf`,
    ].map((place) => machine.write(join(machine.claude, place), `kept: ${place}`))

  test("is saved with the session that points there, and comes back", async () => {
    const paths = kept()
    machine.write(join(machine.claude, `image-cache/${parent}/2.png`), "not pointed to")
    said(...paths.map((path) => `Full output saved to: ${path}.\n\nPreview`))
    expect((await saved()).files).toEqual(paths.map((path) => ["kept", path] as [string, string]).sort())
    expect(brokenGuarantees(machine)).toEqual([])
    expect((await saved()).result.status).toBe("unchanged")
    rmSync(machine.claude, { recursive: true })
    expect((await run("restore", id)).code).toBe(0)
    expect(paths.map((path) => existsSync(path))).toEqual([true, true, true])
  })

  test.each([1, 5])("is found wherever in a large transcript it stands (%d steps in)", async (steps) => {
    const [path = ""] = kept()
    const transcript = said("x".repeat((4 << 20) * steps))
    const at = (4 << 20) * steps - 40 - path.length / 2
    truncateSync(transcript, Math.floor(at)) // so that the path lies over the edge of a step
    appendFileSync(transcript, `${path}"}}\n`)
    expect((await saved()).files).toEqual([["kept", path]])
  })
})

describe("the output of a background command", () => {
  const folder = (session = id) => join(temporary, `claude-${uid}`, "-work-one", session, "tasks")
  const output = (name = "b1.output", session = id, text = "hello\n") =>
    machine.write(join(folder(session), name), text)
  const base = () => chmodSync(join(temporary, `claude-${uid}`), 0o700)

  test("is saved, whether the transcript names it or not, and a parent's that it names", async () => {
    const paths = [output(), output("b2.output"), output("b3.output", parent)]
    base()
    output("b4.output", parent)
    machine.write(join(folder(), "../scratchpad/x.output"), "")
    symlinkSync("/etc/passwd", join(folder(), "a1.output"))
    said(`Output is being written to: ${paths[2]}. You will be notified`)
    expect((await saved()).files).toEqual(paths.map((path) => ["output", path] as [string, string]).sort())
    expect(brokenGuarantees(machine)).toEqual([])
    expect((await saved()).result.status).toBe("unchanged")
  })

  test("that is gone is named in the manifest, and the session is whole all the same", async () => {
    const path = join(folder(), "b9.output")
    said(`Output is being written to: ${path}.`)
    const { manifest, result } = await saved()
    expect(manifest.skipped).toMatchObject([{ source: path, why: "it vanished before it could be read" }])
    expect(manifest.skipped[0].unread).toBeUndefined()
    expect([result.status, result.missing]).toEqual(["verified", []])
    expect((await saved()).result.status).toBe("unchanged")
  })

  test("that went with a reboot is still held by the export that has it", async () => {
    const path = output()
    base()
    said(`written to: ${path}.`)
    const first = await saved()
    rmSync(temporary, { recursive: true })
    const { result } = await saved()
    expect([result.status, result.path]).toEqual(["unchanged", first.result.path])
  })

  test("that is too large is named, not copied", async () => {
    const path = output()
    base()
    truncateSync(path, (256 << 20) + 1)
    said("nothing")
    const { manifest } = await saved()
    expect(manifest.skipped).toMatchObject([{ source: path, why: expect.stringContaining("256 MB") }])
  })

  test("of a folder that is another user's is not looked at", async () => {
    if (uid !== 0) return
    output()
    Bun.spawnSync(["chown", "-R", "65534", join(temporary, `claude-${uid}`)])
    said("nothing")
    expect((await saved()).files).toEqual([])
  })

  test("comes back to its place, if that is free and our own", async () => {
    const path = output()
    base()
    said("nothing")
    await saved()
    const restore = async () => {
      const { code, json } = await run("restore", id, "--json")
      expect(code).toBe(0)
      return json.restore.files.find((each: { relative: string }) => each.relative.startsWith(".outside/"))
    }
    rmSync(temporary, { recursive: true })
    expect(await restore()).toMatchObject({ path, outcome: "skipped", why: `${temporary} does not exist` })
    mkdirSync(temporary)
    expect(await restore()).toMatchObject({ path, outcome: "restored" })
    expect(readFileSync(path, "utf8")).toBe("hello\n")
    expect(statSync(join(temporary, `claude-${uid}`)).mode & 0o777).toBe(0o700)
    writeFileSync(path, "another\n")
    expect((await restore()).outcome).toBe("skipped")
    rmSync(path)
    chmodSync(join(temporary, `claude-${uid}`), 0o777)
    expect(await restore()).toMatchObject({
      outcome: "skipped",
      why: expect.stringContaining("others can write"),
    })
    expect(existsSync(path)).toBe(false)
    rmSync(join(temporary, `claude-${uid}`), { recursive: true })
    symlinkSync(machine.root, join(temporary, `claude-${uid}`))
    expect((await restore()).outcome).toBe("skipped")
    const to = join(machine.root, "to")
    expect((await run("restore", id, "--to", to)).code).toBe(0)
    expect(readFileSync(join(to, ".outside", path), "utf8")).toBe("hello\n")
  })
})

test("a restore puts only such files to such places", () => {
  const parsed = parseSessionId(id)
  if (parsed === null) throw new Error("no id")
  const places: [string, string, boolean][] = [
    ["plans/calm-blue-fox.md", "plan", true],
    ["plans/../settings.md", "plan", false],
    ["plans/a/b.md", "plan", false],
    ["settings.json", "plan", false],
    ["plans/calm-blue-fox.md", "kept", false],
    [`image-cache/${parent}/1.png`, "kept", true],
    [`image-cache/${parent}/deep/1.png`, "kept", false],
    [`image-cache/${parent}/1.png`, "", false],
    [`projects/-a/${parent}/tool-results/x.txt`, "kept", true],
    [`projects/-a/${parent}/subagents/x.jsonl`, "kept", false],
    [`projects/-a/${parent}.jsonl`, "kept", false],
    [`.outside/tmp/claude-1000/-a/${id}/tasks/b1.output`, "output", true],
    [`.outside/private/tmp/claude/-a/tasks/b1.output`, "output", true],
    [`.outside/tmp/claude-1000/-a/${id}/tasks/b1.output`, "kept", false],
    [`.outside/tmp/claude-1000/../x/tasks/b1.output`, "output", false],
    [`.outside/tmp/claude-1000/-a/${id}/tasks/b1.sh`, "output", false],
    [`.outside/home/me/.ssh/tasks/b1.output`, "output", false],
    [`.outside/etc/cron.d/x`, "output", false],
  ]
  for (const [relative, tie, allowed] of places)
    expect([relative, tie, isOfSession(relative, parsed, tie)]).toEqual([relative, tie, allowed])
})
