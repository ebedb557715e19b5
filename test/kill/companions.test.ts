/** Sessions that run below a tool of the one that is ended: they end with it, so they are saved and named like it. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, renameSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf, startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere, type KnownClient } from "./harness/clients.ts"
import { KillHarness } from "./harness/kill-harness.ts"

setDefaultTimeout(30_000)
let machine: Machine
let harness: KillHarness
beforeEach(() => {
  machine = new Machine()
  harness = new KillHarness(machine)
})
afterEach(() => machine.dispose())

/** Runs what it is told, and takes along what it has started when it leaves, as the real client does its tools. */
const outerScript = `trap 'kill $(jobs -p); exit 0' TERM; while read -r line; do eval "$line"; done`
const innerScript = `trap 'printf "%s\\n" "{\\"type\\":\\"last-prompt\\"}" >> "$1"; kill $(jobs -p); exit 0' TERM; eval "$2"; while :; do read -rt 1 _ <> <(:); done`

/** A session of another one's tool, with a registry file and a transcript. */
async function startInner(
  above: KnownClient,
  id: string,
  then = ":",
): Promise<{ pid: number; transcript: string }> {
  const program = machine.copy("/bin/bash", join(machine.root, "inner/claude-code-linux-x64/claude"))
  const script = machine.write(join(machine.root, "inner.sh"), innerScript)
  const cwd = `/work/${id.slice(0, 8)}`
  const transcript = machine.transcript(id, { cwd })
  const before = childrenOf(above.pid)
  above.say(`'${program}' '${script}' '${transcript}' '${then}' < /dev/null &\n`)
  const pid = await until("it to run", () => childrenOf(above.pid).find((each) => !before.includes(each)))
  await until("its program", () => readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith(program))
  machine.registry({ pid, procStart: startTick(pid) }, id, { cwd, status: "busy" })
  return { pid, transcript }
}

const ids = [sessionId(1), sessionId(2), sessionId(3)] as const
const savedIds = async () => {
  const { json } = await machine.run(["list", "--json"])
  return [...new Set(json.exports.map((each: { id: string }) => each.id))].toSorted()
}

test("a session of its tool is saved with its last words, and the report names it", async () => {
  const outer = await client(machine, ids[0], outerScript)
  const inner = await startInner(outer, ids[1])
  const dry = await machine.run(["kill", String(outer.pid), "--dry-run", "--force", "--json"])
  expect(dry.json.kills[0]).toMatchObject({
    companions: [{ id: ids[1], pid: inner.pid, ended: false }],
    survivors: [],
  })
  const { json, code } = await machine.run(["kill", String(outer.pid), "--force", "--json"])
  expect([code, isThere(outer.pid), isThere(inner.pid)]).toEqual([0, false, false])
  expect(json.kills[0]).toMatchObject({
    outcome: "ended",
    companions: [{ id: ids[1], ended: true }],
    survivors: [],
  })
  expect(await savedIds()).toEqual([ids[0], ids[1]])
  const again = await machine.run(["export", ids[1], "--json"])
  expect(again.json.exports[0].status).toBe("unchanged") // its last words are among what was saved
  expect(readFileSync(inner.transcript, "utf8")).toContain("last-prompt")
})

test("so is the session of that one's tool", async () => {
  const outer = await client(machine, ids[0], outerScript)
  const third = machine.transcript(ids[2], { cwd: "/work/three" })
  const program = join(machine.root, "inner/claude-code-linux-x64/claude")
  const deeper = `"${program}" "${machine.root}/inner.sh" "${third}" ":" &`
  const inner = await startInner(outer, ids[1], deeper)
  const pid = await until("the third", () => childrenOf(inner.pid)[0])
  await until("its program", () => readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith(program))
  machine.registry({ pid, procStart: startTick(pid) }, ids[2], { cwd: "/work/three" })
  const { json } = await machine.run(["kill", String(outer.pid), "--force", "--json"])
  expect(json.kills[0].companions.map((each: { id: string }) => each.id).toSorted()).toEqual([ids[1], ids[2]])
  expect(await savedIds()).toEqual([...ids])
})

test("one that cannot be saved ends nothing: neither is signalled", async () => {
  const outer = await client(machine, ids[0], outerScript)
  const inner = await startInner(outer, ids[1])
  let begun = 0
  const saving = () => {
    if (++begun !== 2) return // the first is copied already
    renameSync(inner.transcript, `${inner.transcript}.away`)
    symlinkSync(`${inner.transcript}.away`, inner.transcript)
  }
  const { reports } = await harness.kill(await harness.find(outer.pid), { saving })
  expect(reports[0]?.outcome).toBe("failed")
  expect(reports[0]?.reason).toContain("which would end with it")
  expect([isThere(outer.pid), isThere(inner.pid), harness.asked]).toEqual([true, true, 0])
})

test("the question names it; one that was started meanwhile is saved, and asked about anew", async () => {
  const outer = await client(machine, ids[0], outerScript)
  await startInner(outer, ids[1])
  const named: (string | null)[][] = []
  const confirm: Parameters<KillHarness["kill"]>[1] = {
    async confirm({ companions }) {
      named.push(companions.map(({ id }) => id))
      if (named.length === 1) await startInner(outer, ids[2])
      return true
    },
  }
  const { outcomes } = await harness.kill(await harness.find(outer.pid), confirm)
  expect(named).toEqual([[ids[1]], [ids[1], ids[2]]])
  expect(outcomes).toEqual(["ended"])
  expect(await savedIds()).toEqual([...ids])
})

test("the session this is asked from is never ended with another", async () => {
  const outer = await client(machine, ids[0], outerScript)
  const inner = await startInner(outer, ids[1])
  const env = { CLAUDE_CODE_SESSION_ID: ids[1] }
  const { json, code } = await machine.run(["kill", String(outer.pid), "--force", "--json"], { env })
  expect([code, json.kills[0].outcome, isThere(outer.pid), isThere(inner.pid)]).toEqual([
    4,
    "refused",
    true,
    true,
  ])
})

test("asked from inside a session that would end with it, by the word of a client's variable, it is refused", async () => {
  const outer = await client(machine, ids[0], outerScript)
  const inner = await startInner(outer, ids[1])
  const { code, json } = await machine.run(["kill", String(outer.pid), "--force", "--json"], {
    env: { OPENCODE_PID: String(inner.pid) },
  })
  expect([code, json.kills[0].outcome]).toEqual([4, "refused"])
  expect(json.kills[0].reason).toContain("OPENCODE_PID names it")
  expect([outer.pid, inner.pid].map(isThere)).toEqual([true, true])
})
