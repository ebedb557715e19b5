/** What is at the other end of a process's input and output: with it a server that nobody needs is told from one in use. */
import { afterEach, describe, expect, test } from "bun:test"
import { type Pid, parsePid } from "../../../src/domain/session/pid.ts"
import { processEnds } from "../../../src/system/process/process-ends.ts"
import { until } from "../../fixtures/until.ts"
import { isThere } from "../../kill/harness/clients.ts"

const started: Bun.Subprocess[] = []
const strays: Pid[] = []
afterEach(async () => {
  for (const pid of strays.splice(0)) if (isThere(pid)) process.kill(pid, "SIGKILL")
  for (const child of started.splice(0)) {
    child.kill("SIGKILL")
    await child.exited
  }
})

const python = Bun.which("python3")
const node = Bun.which("node")

function start(command: string[]): Bun.Subprocess<"pipe", "pipe", "ignore"> {
  const child = Bun.spawn(command, { stdio: ["pipe", "pipe", "ignore"] })
  started.push(child)
  return child
}

/** Starts a program that says the pid of what it has started, and knows it no more once it is ended itself. */
async function parentOf(command: string[]): Promise<{ parent: Bun.Subprocess; child: Pid }> {
  const parent = start(command)
  const reader = parent.stdout.getReader()
  const child = parsePid(new TextDecoder().decode((await reader.read()).value).trim())
  if (child === null) throw new Error("it has said no pid")
  strays.push(child)
  return { parent, child }
}

const sleep = ["sleep", "300"]
const waiting = "import time; time.sleep(300)"
const withPipes = `
import subprocess, time
child = subprocess.Popen(${JSON.stringify(sleep)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(child.pid, flush=True); time.sleep(300)`
const withSockets = `
const child = require("child_process").spawn("sleep", ["300"], { stdio: ["pipe", "pipe", "ignore"], detached: true })
console.log(child.pid); setInterval(() => {}, 1e6)`

describe.skipIf(process.platform !== "linux" || python === null)("the ends of a process", () => {
  test.each([
    ["pipes", [python ?? "", "-c", withPipes]],
    ...(node === null
      ? []
      : [["sockets, as Node and the client make them", [node, "-e", withSockets]] as const]),
  ])("%s: somebody, and nobody once its parent is gone", async (_, command) => {
    const { parent, child } = await parentOf([...command])
    expect(await processEnds(child)).toMatchObject({ input: "somebody", output: "somebody", ports: [] })
    parent.kill("SIGKILL")
    await parent.exited
    expect(await processEnds(child)).toMatchObject({ input: "nobody", output: "nobody", ports: [] })
    expect(isThere(child)).toBe(true)
  })

  test("whoever else still holds the other end is somebody", async () => {
    const forked = withPipes.replace("print(", `import os\nif os.fork() == 0: ${waiting}\nprint(`)
    const { parent, child } = await parentOf([python ?? "", "-c", forked])
    const [other] = await until("the fork", () => {
      const list = Bun.spawnSync(["ps", "-o", "pid=", "--ppid", String(parent.pid)]).stdout.toString()
      const pids = list.trim().split(/\s+/).map(Number)
      return pids.length === 2 && pids.filter((pid) => pid !== child)
    })
    strays.push(parsePid(other ?? 0) as Pid)
    parent.kill("SIGKILL")
    await parent.exited
    expect(await processEnds(child)).toMatchObject({ input: "somebody", output: "somebody" })
    process.kill(other ?? 0, "SIGKILL")
    await until("it to be gone", () => !isThere(other ?? 0))
    expect(await processEnds(child)).toMatchObject({ input: "nobody", output: "nobody" })
  })

  test("a file, /dev/null and what is closed have no other end; ports that it listens on are named", async () => {
    const listening = `
import socket, os, sys
s = [socket.socket(), socket.socket(socket.AF_INET6)]
s[0].bind(("127.0.0.1", 0)); s[1].bind(("::1", 0)); [x.listen() for x in s]
os.write(1, " ".join(str(x.getsockname()[1]) for x in s).encode()); os.close(0); os.dup2(os.open("/dev/null", 1), 1)
${waiting}`
    const child = start([python ?? "", "-c", listening])
    const reader = child.stdout.getReader()
    const ports = new TextDecoder()
      .decode((await reader.read()).value)
      .split(" ")
      .map(Number)
    const ends = await until("its output to be closed", async () => {
      const ends = await processEnds(child.pid as Pid)
      return ends?.output === "none" && ends
    })
    expect(ends).toMatchObject({ input: "none", output: "none", ports: ports.toSorted((a, b) => a - b) })
  })

  test("one that began its session, and one that only is in it", async () => {
    const leader = Bun.spawn(sleep, { detached: true, stdio: ["ignore", "ignore", "ignore"] })
    started.push(leader)
    expect((await processEnds(leader.pid as Pid))?.leads).toBe(true)
    expect((await processEnds(start(sleep).pid as Pid))?.leads).toBe(false)
  })

  test("of one that is gone nothing is told", async () => {
    const child = start(["true"])
    await child.exited
    expect(await processEnds(child.pid as Pid)).toBeNull()
  })
})
