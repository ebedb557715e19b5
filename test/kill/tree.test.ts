/** --tree: what a client has started is ended with it, but nothing that is a session of its own. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { idle } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf, startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere } from "./harness/clients.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("a session that runs inside another is saved with it, and not ended by --tree", async () => {
  const program = machine.copy("/bin/bash", join(machine.root, "inner/claude-code-linux-x64/claude"))
  const inner = machine.write(join(machine.root, "inner.sh"), "sleep 304 & wait")
  const outer = await client(
    machine,
    sessionId(1),
    `setsid sleep 305 & setsid "${program}" "${inner}" & ${idle}`,
  )
  const named = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[0] ?? ""
  const child = (name: string) =>
    until(`${name} to run`, () => childrenOf(outer.pid).find((pid) => named(pid) === name))
  const [session, tool] = [await child(program), await child("sleep")]
  await until("it to have started something", () => childrenOf(session).length === 1)
  machine.registry({ pid: session, procStart: startTick(session) }, sessionId(2), { cwd: "/work/two" })
  machine.transcript(sessionId(2), { cwd: "/work/two" })
  const dry = await machine.run(["kill", String(outer.pid), "--tree", "--dry-run"])
  expect(dry.stdout).toContain(`ends with it, and is saved first: session a0000002 (pid ${session})`)
  expect(dry.stdout).not.toContain(`left alone (a session of its own): pid ${session} `)
  expect(dry.stdout).toContain(`would end too: pid ${tool} `)
  const left = [session, ...childrenOf(session)]
  const { stdout, code } = await machine.run(["kill", String(outer.pid), "--force", "--tree"])
  const living = left.filter(isThere)
  for (const pid of living) process.kill(pid, "SIGKILL") // they are nobody's now
  expect(living).toEqual(left)
  expect([code, isThere(outer.pid), isThere(tool)]).toEqual([0, false, false])
  expect(stdout).toContain(`still running, saved first: session a0000002 (pid ${session})`)
  expect(stdout).toEndWith(
    `Next: session-rescue --kill ${session}   (a separate session, saved; still running)\n`,
  )
  const { json } = await machine.run(["list", "--json"])
  expect(json.exports.map((each: { id: string }) => each.id).toSorted()).toEqual([sessionId(1), sessionId(2)])
})
