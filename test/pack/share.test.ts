/** `pack --share` in the compiled program: what others may read, and still resume. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, sessionName } from "../fixtures/agents/opencode.ts"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { Machine } from "../fixtures/machine.ts"
import { assistant, record, sessionId, user } from "../fixtures/talk/conversation.ts"

let here: Machine
let there: Machine
beforeEach(() => {
  here = new Machine()
  there = new Machine()
})
afterEach(() => Promise.all([here.dispose(), there.dispose()]))

const id = sessionId(9)
const key = ["AKIA", "QWERTYUIOP123456"].join("")
const token = ["ghp_", "a1B2".repeat(10)].join("")
const picture = "iVBORw0KGgo".repeat(20)

function addSecretTalk(): void {
  const cwd = join(here.home, "work")
  const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: picture } }
  const lines = [
    record(talk, 0, user(`use ${key} in ${here.home}/work/.env`)),
    record(talk, 1, { ...assistant("done"), toolUseResult: { [`${here.home}/x`]: [token] } }),
    record(talk, 2, { type: "user", message: { role: "user", content: [image] } }),
    `{"torn": "${key}`,
  ]
  const path = here.transcript(id, { cwd, text: lines.join("") })
  const below = path.replace(/\.jsonl$/, "")
  here.write(join(below, "tool-results/out.txt"), `export GITHUB=${token}\n`)
  here.write(join(below, "tool-results/raw.bin"), Buffer.from([0, 255, ...Buffer.from(key)]))
  here.write(join(below, "subagents/agent-1.jsonl"), record(talk, 4, user(`again ${token}`)))
}

/** Everything that standard tools find in a pack. */
function contents(file: string): string {
  const { stdout, exitCode } = Bun.spawnSync(["tar", "--zstd", "-xOf", file])
  expect(exitCode).toBe(0)
  return `${stdout}${Bun.spawnSync(["tar", "--zstd", "-tf", file]).stdout}`
}

async function shared(...more: string[]) {
  addSecretTalk()
  const file = join(here.root, "talk.tar.zst")
  return { file, said: await here.run(["pack", id, file, "--share", ...more]) }
}

describe("pack --share", () => {
  test("holds no secret, no picture, no home folder; it says that, and that it is best effort", async () => {
    const { file, said } = await shared()
    expect([said.code, said.stderr]).toEqual([0, expect.stringContaining("best effort")])
    expect(said.stderr).toContain("blacked out: AWS access key")
    expect(said.stderr).toContain("blacked out: GitHub token")
    expect(said.stdout).toContain("It is redacted")
    const all = contents(file)
    const slug = here.home.replace(/[^A-Za-z0-9]/g, "-")
    for (const secret of [key, token, picture, here.home, slug]) expect(all).not.toContain(secret)
    expect(all).toContain("in ~/work/.env")
    expect(all).toContain('"kind": "redacted"')
    const index = Bun.spawnSync(["tar", "--zstd", "-xOf", file, "pack.json"]).stdout.toString()
    expect(JSON.parse(index).sessions).toMatchObject([{ id, redacted: true }])
  })

  test("nothing of the redacted copies stays here, and the export is untouched", async () => {
    const { said } = await shared("--json")
    expect(said.json).toMatchObject({ redacted: true, leftOut: { unreadLines: 1, pictures: 1 } })
    expect(said.json.leftOut.files).toEqual([expect.stringContaining("raw.bin")])
    expect(said.json.secrets.map(({ kind }: { kind: string }) => kind)).toContain("AWS access key")
    expect(readdirSync(here.data).filter((name) => name.includes("share"))).toEqual([])
    expect((await here.run(["verify", id])).code).toBe(0)
  })

  test("--strict says by its exit code that something was found", async () => {
    const { said } = await shared("--strict")
    expect(said.code).toBe(1)
  })

  test("unpack says that it is redacted, and the conversation is there", async () => {
    const { file } = await shared()
    const folder = join(there.root, "shop")
    here.write(join(folder, "x"), "")
    const said = await there.run(["unpack", file, "--folder", folder])
    expect([said.code, said.stdout]).toEqual([0, expect.stringContaining("redacted by who packed it")])
    const text = readFileSync(there.transcriptPath(id, folder), "utf8")
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).uuid),
    ).toHaveLength(3)
  })

  test("a rollout of Codex", async () => {
    const thread = threadId(1)
    const path = addRollout(here, { id: thread, cwd: join(here.home, "work"), prompt: `with ${key}` })
    expect(readFileSync(path, "utf8")).toContain(key)
    const file = join(here.root, "codex.tar.zst")
    expect((await here.run(["pack", thread, file, "--share"])).code).toBe(0)
    for (const secret of [key, here.home]) expect(contents(file)).not.toContain(secret)
    rmSync(path)
    const said = await there.run(["unpack", file, "--json"])
    expect([said.code, said.json.sessions]).toMatchObject([0, [{ redacted: true }]])
  })

  test("rows of a database are refused, and nothing is written", async () => {
    const database = new OpencodeDatabase(here)
    database.add({ id: sessionName(1) })
    database.close()
    const said = await here.run(["pack", sessionName(1), join(here.root, "o.tar.zst"), "--share"])
    expect([said.code, said.stderr]).toEqual([4, expect.stringContaining("cannot be redacted")])
    expect(readdirSync(here.root)).not.toContain("o.tar.zst")
  })
})
