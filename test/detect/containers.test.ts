/** Clients that see other files than we do under the same names: containers, sandboxes. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { locateHere } from "../../plugins/detect/claude-code/processes/containers.ts"
import type { Context } from "../../src/sdk/context.ts"
import type { ProcessEntry } from "../../src/system/process/processes.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

setDefaultTimeout(30_000)
let machine: Machine
let inside: string
beforeEach(() => {
  machine = new Machine()
  inside = join(machine.root, "inside")
})
afterEach(() => machine.dispose())

const id = sessionId(1)

/** A client in a mount namespace of its own, in which `over` shows what is in `inside`. */
async function contained(over: string, env: Record<string, string> = {}): Promise<number> {
  const program = machine.copy("/bin/bash", join(machine.root, "claude-code-linux-x64/claude"))
  const script = machine.write(join(machine.root, "idle.sh"), `: > "$1"; ${idle}`)
  const ready = join(machine.root, "ready")
  for (const folder of [over, inside]) mkdirSync(folder, { recursive: true })
  const steps = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
  const command = ["unshare", "-m", "sh", "-c", steps, "-", inside, over, program, script, ready]
  const { pid } = machine.start(command, { cwd: machine.root, env })
  await until("the client to be ready", () => Bun.file(ready).exists())
  return pid
}

describe.if(isInstalled("unshare"))("a client in a container", () => {
  test("whose home is another one is told of, and never ended as if it had nothing on disk", async () => {
    machine.write(join(inside, `projects/p/${id}.jsonl`), conversation({ id, cwd: "/x", at: new Date() }))
    const pid = await contained(machine.claude)
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions).toEqual([])
    expect(json.warnings).toEqual([expect.stringContaining(`process ${pid} is a client in a container`)])
    expect((await machine.run(["kill", String(pid), "--force"])).code).toBe(3)
  })

  test("that shares our home under another name is found in it", async () => {
    inside = machine.claude
    const path = machine.transcript(id, { cwd: machine.root, age: -1_000 })
    const pid = await contained(join(machine.root, "node/.claude"), { HOME: join(machine.root, "node") })
    const { json } = await machine.run(["status", "--json"])
    expect(json).toMatchObject({
      sessions: [{ id, pid, home: machine.claude, transcript: path }],
      warnings: [],
    })
  })
})

test.each([
  ["of the container", 9, null],
  ["that was lent to it", 3, "pts/0"],
])("a terminal %s, by its number, is ours only if it is the same device", (_, device, terminal) => {
  const stat = (path: string, devices: Record<string, number>) =>
    path in devices ? { kind: "other", device: devices[path], inode: 2 } : null
  const devices = { "/.": 1, "/h/.": 5, "/dev/pts/0": 3 }
  const theirs = { "/proc/7/root/.": 2, "/proc/7/root/h/.": 5, "/proc/7/root/dev/pts/0": device }
  const ctx = {
    files: { stat: (path: string) => stat(path, { ...devices, ...theirs }) },
  } as unknown as Context
  const entry = { pid: 7, terminal: "pts/0", foreground: true } as unknown as ProcessEntry
  expect(locateHere(ctx, entry, "/h", [])).toMatchObject({ home: "/h", entry: { terminal } })
})
