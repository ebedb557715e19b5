import { afterEach, beforeEach, expect, test } from "bun:test"
import { lstatSync, readFileSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { isInstalled } from "../../faults/harness/installed.ts"
import { Machine } from "../../fixtures/machine.ts"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { committed, manifestOf, pendingOf } from "../export-invariants.ts"

const id = sessionId(1)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const shell = (script: string, cwd: string) => Bun.spawnSync(["sh", "-c", script], { cwd }).stdout.toString()

test("the manifest says what was saved, from where, when and by what", async () => {
  const at = new Date(Date.now() - 60_000)
  const transcript = machine.transcript(id, { text: `${conversation({ id, cwd: "/work/one", at })}{"torn` })
  const todos = machine.write(`${machine.claude}/todos/${id}-agent-${id}.json`, "[]")
  const { json } = await machine.run(["export", id, "--json"])
  const version = (await machine.run(["--version"])).stdout.trim()
  const [base = ""] = committed(machine)
  const manifest = manifestOf(base)
  const source = lstatSync(transcript, { bigint: true })
  expect(manifest).toMatchObject({
    format: "session-rescue-manifest",
    formatVersion: 2,
    tool: { name: "session-rescue", version },
    session: {
      id,
      agent: "claude-code",
      home: machine.claude,
      transcript,
      cwd: "/work/one",
      state: "ORPHANED",
      flags: ["torn-tail"],
      lastRecordAt: new Date(at.getTime() - 9000).toISOString(),
    },
    links: [],
    skipped: [],
  })
  expect(manifest.files).toMatchObject([
    {
      role: "transcript",
      source: transcript,
      relative: `projects/-work-one/${id}.jsonl`,
      length: Number(source.size),
      sha256: json.exports[0].sha256,
      inode: String(source.ino),
    },
    { role: "footprint", source: todos, relative: `todos/${id}-agent-${id}.json`, length: 2 },
  ])
})

test.if(isInstalled("jq"))("a stranger checks it with jq and sha256sum", async () => {
  const transcript = machine.transcript(id)
  machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
  machine.write(`${dirname(transcript)}/${id}/tool-results/a b.txt`, "x")
  await machine.run(["export", id])
  const check = "jq -r '.files[] | \"\\(.sha256)  \\(.path)\"' *.manifest.json | sha256sum -c --strict"
  expect(shell(check, pendingOf(machine)).match(/: OK$/gm)).toHaveLength(3)
})

test.if(isInstalled("python3"))("a stranger checks it with python", async () => {
  machine.transcript(id)
  await machine.run(["export", id])
  const program =
    "import json,glob,hashlib;m=json.load(open(glob.glob('*.manifest.json')[0]))\n" +
    "print(all(hashlib.sha256(open(f['path'],'rb').read()).hexdigest()==f['sha256'] for f in m['files']))"
  const { stdout } = Bun.spawnSync(["python3", "-c", program], { cwd: pendingOf(machine) })
  expect(stdout.toString()).toBe("True\n")
})

test("--md5 agrees with md5sum, in the answer and in the manifest", async () => {
  const transcript = machine.transcript(id)
  const { json } = await machine.run(["export", id, "--md5", "--json"])
  const md5 = shell(`md5sum < '${transcript}'`, machine.root).slice(0, 32)
  const [base = ""] = committed(machine)
  expect([json.exports[0].md5, manifestOf(base).files[0].md5]).toEqual([md5, md5])
  expect((await machine.run(["export", id, "--md5", "--json"])).json.exports[0]).toMatchObject({
    status: "unchanged",
    md5,
  })
})

test("later exports never change a manifest", async () => {
  const transcript = machine.transcript(id)
  await machine.run(["export", id])
  const [base = ""] = committed(machine)
  const before = [readFileSync(`${base}.manifest.json`, "utf8"), statSync(`${base}.manifest.json`).mtimeMs]
  await machine.run(["export", id, "--md5"])
  machine.write(transcript, `${readFileSync(transcript, "utf8")}{}\n`)
  await machine.run(["export", id])
  expect(committed(machine)).toHaveLength(2)
  expect([readFileSync(`${base}.manifest.json`, "utf8"), statSync(`${base}.manifest.json`).mtimeMs]).toEqual(
    before,
  )
})
