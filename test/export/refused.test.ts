import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { addKimi, kimiId } from "../fixtures/agents/kimi.ts"
import { Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { isolated } from "../guard.ts"
import { brokenGuarantees, committed, leftovers, pendingOf } from "./export-invariants.ts"

const root = isolated && process.getuid?.() === 0
if (!root) console.error("\n!!! NOT ROOT IN A SANDBOX: full disks and other users are SKIPPED\n")

const id = sessionId(1)
let machine: Machine
let mounts: string[]
beforeEach(() => {
  mounts = []
})
afterEach(async () => {
  for (const place of mounts.toReversed()) sh(`umount -l '${place}'`)
  await machine.dispose()
})

function sh(script: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["sh", "-c", script])
  if (exitCode !== 0) throw new Error(`${script}: ${stderr}`)
}

function mount(options: string, place: string): void {
  mkdirSync(place, { recursive: true })
  sh(`mount -t tmpfs -o ${options} tmpfs '${place}'`)
  mounts.push(place)
}

function session(megabytes: number): string {
  const talk = { id, cwd: "/work/one", at: new Date() }
  const text = conversation(talk) + record(talk, 3, user("x".repeat(1 << 20))).repeat(megabytes)
  return machine.transcript(id, { text })
}

const failed = async (program: string[] = []) => {
  const { code, json } = await machine.run(["export", id, "--json"], { program })
  expect([code, json.exports]).toEqual([1, []])
  return json.failures[0] as { code: string; message: string; hint: string }
}

test.if(root)("a full disk is named with its free space and a way out; with room it goes on", async () => {
  machine = new Machine()
  session(3)
  mount("size=2m,mode=700", machine.data)
  const { code, message, hint } = await failed()
  expect([code, /free: \d+ MB/.test(message), hint.includes("--data-dir")]).toEqual(["DISK_FULL", true, true])
  expect([...committed(machine), ...leftovers(machine)]).toEqual([])
  sh(`mount -o remount,size=20m '${machine.data}'`)
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBe("verified")
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
})

test.if(root)(
  "a disk without room for one file of the footprint is full, and nothing is published",
  async () => {
    machine = new Machine()
    const transcript = session(0)
    machine.write(transcript.replace(".jsonl", "/tool-results/b.txt"), "x".repeat(3 << 20))
    mount("size=2m,mode=700", machine.data)
    expect((await failed()).code).toBe("DISK_FULL")
    expect([...committed(machine), ...leftovers(machine)]).toEqual([])
  },
)

test.if(root)("a live session whose only folder may not be listed has not nothing on disk", async () => {
  const program = ordinary()
  const second = sessionId(2)
  machine.registry(await machine.client(), second)
  const folder = dirname(machine.write(`${machine.claude}/tasks/${second}/1.json`, "{}"))
  give()
  chmodSync(folder, 0)
  const { code, json } = await machine.run(["export", second, "--json"], { program })
  expect([code, json.exports]).toEqual([1, []])
  expect(json.failures).toMatchObject([{ code: "NO_PERMISSION", message: expect.stringContaining(folder) }])
})

test.if(root)("a transcript that may not be read is missing, and what else there is is saved", async () => {
  const program = ordinary()
  const transcript = machine.transcriptPath(id, "/work/one")
  machine.write(transcript.replace(".jsonl", "/subagents/agent-1.jsonl"), '{"a":1}\n')
  give()
  const run = async () => (await machine.run(["export", id, "--json"], { program })).json
  const whole = (await run()).exports[0]
  chmodSync(transcript, 0)
  const [partly] = (await run()).exports
  expect(partly).toMatchObject({
    status: "incomplete",
    files: 1,
    sha256: null,
    missing: [{ path: transcript }],
  })
  const { stdout } = await machine.run(["export", id], { program })
  expect(stdout.trimEnd().split("\n").at(-1)).toContain(
    `Missing: ${transcript.replace(machine.home, "~")} (it may not be read).`,
  )
  const back = await machine.run(["restore", id, "--dry-run", "--json", "--to", `${machine.root}/to`], {
    program,
  })
  expect(back.json.restore.export).toBe(whole.path) // the longest
})

test.if(root)("a disk without room for another file name is a full disk too", async () => {
  machine = new Machine()
  session(0)
  mount("size=9m,nr_inodes=4,mode=700", machine.data)
  expect((await failed()).code).toBe("DISK_FULL")
  expect([...committed(machine), ...leftovers(machine)]).toEqual([])
})

test.if(root)("a read-only disk is named as one", async () => {
  machine = new Machine()
  session(0)
  mount("size=9m,mode=700", machine.data)
  sh(`mount -o remount,ro '${machine.data}'`)
  expect(await failed()).toMatchObject({ code: "READ_ONLY", hint: expect.stringContaining("--data-dir") })
})

test.if(root)("what else is written to such a disk says so, too", async () => {
  machine = new Machine()
  session(0)
  mount("size=64k,mode=700", machine.data)
  writeFileSync(join(machine.data, "other"), Buffer.alloc(64 << 10))
  const said = async (...args: string[]) => {
    const { code, json } = await machine.run([...args, "--json"])
    return [code, json.error.code]
  }
  expect(await said("cxq", "words")).toEqual([1, "DISK_FULL"])
  sh(`mount -o remount,ro '${machine.data}'`)
  expect(await said("dismiss", id)).toEqual([1, "READ_ONLY"])
})

test("a limit on file sizes is named, and nothing of the try is left", async () => {
  machine = new Machine()
  session(3)
  const { code, hint } = await failed(["sh", "-c", 'ulimit -f 2000; exec "$@"', "sh"])
  expect([code, hint.includes("ulimit -f")]).toEqual(["FILE_TOO_LARGE", true])
  expect([...committed(machine), ...leftovers(machine)]).toEqual([])
})

/** A machine of an ordinary user's, in a folder that such a user can reach. */
function ordinary(): string[] {
  mount("mode=755", "/mnt")
  const { TMPDIR } = process.env
  process.env.TMPDIR = "/mnt"
  machine = new Machine()
  process.env.TMPDIR = TMPDIR
  chmodSync(machine.root, 0o755)
  session(0)
  return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
}
const give = () => sh(`chown -R 65534:65534 '${machine.root}'`)

test.if(root)("a file of the footprint that may not be read is named, and the rest is saved", async () => {
  const program = ordinary()
  const secret = machine.write(`${machine.claude}/todos/${id}.json`, "[]")
  give()
  sh(`chown 0:0 '${secret}' && chmod 600 '${secret}'`)
  const { code, json } = await machine.run(["export", id, "--json"], { program })
  expect([code, json.failures]).toEqual([1, []])
  expect(json.exports).toMatchObject([
    { status: "incomplete", files: 1, missing: [{ path: secret, why: "it may not be read" }] },
  ])
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
})

test.if(root)(
  "a project's folder that may not be listed is a failure of whoever wants everything saved",
  async () => {
    const program = ordinary()
    const folder = dirname(machine.transcript(sessionId(7), { cwd: "/work/seven" }))
    machine.write(`${machine.claude}/settings.json`, "{}")
    give()
    sh(`chown 0:0 '${folder}' '${machine.claude}/settings.json'`)
    for (const path of [folder, `${machine.claude}/settings.json`]) chmodSync(path, 0o600)
    const { code, json } = await machine.run(["export", "--all", "--json"], { program })
    expect([code, json.exports.length]).toEqual([1, 1])
    expect(json.failures).toMatchObject([{ id: null, code: "NO_PERMISSION" }])
    const { stdout } = await machine.run(["export"], { program })
    expect(stdout).toContain(`not seen · ${folder} may not be read`)
    expect(stdout).toContain("1 place NOT searched.")
    expect((await machine.run(["export", id], { program })).code).toBe(0) // that one was found
  },
)

test.if(root)(
  "a folder of the footprint that may not be listed is named, and the rest is saved",
  async () => {
    const program = ordinary()
    const agents = dirname(
      machine.write(`${machine.claude}/projects/-work-one/${id}/subagents/agent-1.jsonl`, "{}\n"),
    )
    give()
    chmodSync(agents, 0)
    const { code, json } = await machine.run(["export", id, "--json"], { program })
    expect([code, json.failures]).toEqual([1, []])
    expect(json.exports).toMatchObject([
      { status: "incomplete", missing: [{ path: agents, why: "it may not be read" }] },
    ])
  },
)

test.if(root)("so is one in a project whose folder has a UUID in its name", async () => {
  const program = ordinary()
  const own = machine.transcript(id, { cwd: `/work/${sessionId(9)}` })
  const agents = dirname(machine.write(own.replace(".jsonl", "/subagents/agent-1.jsonl"), "{}\n"))
  give()
  chmodSync(agents, 0)
  const { code, json } = await machine.run(["export", own, "--json"], { program })
  expect([code, json.failures]).toEqual([1, []])
  expect(json.exports).toMatchObject([
    { status: "incomplete", missing: [{ path: agents, why: "it may not be read" }] },
  ])
})

test.if(root)("so is one of an agent whose ids are more than a UUID", async () => {
  const program = ordinary()
  const wire = addKimi(machine, { id: kimiId(1), cwd: "/work/one" })
  const agents = dirname(machine.write(`${dirname(dirname(wire))}/agent-1/wire.jsonl`, "{}\n"))
  give()
  chmodSync(agents, 0)
  const { code, json } = await machine.run(["export", kimiId(1), "--json"], { program })
  expect([code, json.failures]).toEqual([1, []])
  expect(json.exports).toMatchObject([
    { status: "incomplete", missing: [{ path: agents, why: "it may not be read" }] },
  ])
})

test.if(root)(
  "a shared folder that may not be listed is missing from every session that may have files in it",
  async () => {
    const program = ordinary()
    const second = sessionId(2)
    machine.transcript(second)
    const todos = dirname(machine.write(`${machine.claude}/todos/${second}.json`, "[]"))
    give()
    chmodSync(todos, 0)
    const { json } = await machine.run(["export", id, second, "--json"], { program })
    const missing = [{ path: todos, why: "it may not be read" }]
    expect(json.failures).toEqual([])
    expect(json.exports).toMatchObject([
      { status: "incomplete", missing },
      { status: "incomplete", missing },
    ])
  },
)

test.if(root)("a data folder that may not be written is named, and the way out", async () => {
  const program = ordinary()
  give()
  mkdirSync(machine.data)
  chmodSync(machine.data, 0o755)
  sh(`chown 0:0 '${machine.data}'`)
  expect(await failed(program)).toMatchObject({
    code: "NO_PERMISSION",
    hint: expect.stringContaining("--data-dir"),
  })
})

test.if(root)("a pending folder of another user is refused", async () => {
  const program = ordinary()
  mkdirSync(pendingOf(machine), { recursive: true })
  give()
  sh(`chown 1:1 '${pendingOf(machine)}'`)
  expect(await failed(program)).toMatchObject({
    code: "UNSAFE_FOLDER",
    hint: expect.stringContaining(`chown -R 65534 '${pendingOf(machine)}'`),
  })
})

test("a data folder that is a file is a clear error", async () => {
  machine = new Machine()
  session(0)
  writeFileSync(machine.data, "not a folder")
  expect((await failed()).message).toContain(machine.data)
})
