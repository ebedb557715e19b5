import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { isolated } from "./guard.ts"

const sandbox = resolve(import.meta.dir, "sandbox.sh")
const has = (program: string) => Bun.which(program) !== null

function inSandbox(...command: string[]) {
  const run = Bun.spawnSync(["sh", sandbox, ...command])
  return { code: run.exitCode, out: run.stdout.toString(), err: run.stderr.toString() }
}

/** Pids whose command line is `sleep SECONDS`: every test takes a number of its own. */
function sleeping(seconds: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${seconds}\0`
    } catch {
      return false
    }
  })
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await Bun.sleep(50)
  return condition()
}

test("output and exit status pass through", () => {
  const { code, out, err } = inSandbox("sh", "-c", "echo out; echo err >&2; exit 7")
  expect([code, out, err.endsWith("err\n")]).toEqual([7, "out\n", true])
})

test("two runs share no home", () => {
  const homes = [inSandbox("sh", "-c", "echo $HOME").out, inSandbox("sh", "-c", "echo $HOME").out]
  expect(homes[0]).not.toBe(homes[1])
})

describe.if(isolated)("in the sandbox", () => {
  test("no process of outside is seen", () => {
    expect(inSandbox("sh", "-c", "ls /proc | grep -c '^[0-9]'").out.trim()).toMatch(/^[1-6]$/)
  })

  test("orphans are reaped", () => {
    const script = "sh -c 'sleep 0.1 & exit'; sleep 0.4; grep -l '^State:.Z' /proc/[0-9]*/status"
    expect(inSandbox("sh", "-c", script).out).toBe("")
  })

  test.if(has("tmux"))("tmux runs, and it is a server of its own", () => {
    const script =
      "tmux new-session -d 'tty >$HOME/tty; sleep 5'; sleep 0.5; cat $HOME/tty; tmux list-sessions | wc -l"
    expect(inSandbox("sh", "-c", script).out).toMatch(/^\/dev\/pts\/\d+\n\s*1\n$/)
  })

  test.if(has("strace"))("strace runs", () => {
    const { code, err } = inSandbox("strace", "-f", "-e", "trace=execve", "sh", "-c", "true & wait")
    expect(err).toContain("execve(")
    expect(code).toBe(0)
  })

  test("what a command left running ends with it", async () => {
    expect(inSandbox("sh", "-c", "setsid sleep 86401 >/dev/null 2>&1 & sleep 0.1").code).toBe(0)
    expect(await until(() => sleeping(86401).length === 0)).toBe(true)
  })

  test.each(["SIGTERM", "SIGKILL"] as const)("nothing outlives its shell ended by %s", async (signal) => {
    const run = Bun.spawn(["sh", sandbox, "sh", "-c", "setsid sleep 86402 & sleep 86402"])
    expect(await until(() => sleeping(86402).length === 2)).toBe(true)
    run.kill(signal)
    expect(await until(() => sleeping(86402).length === 0)).toBe(true)
  })

  test.if(has("tmux"))("Ctrl-C leaves nothing running", async () => {
    const tmux = (...args: string[]) => Bun.spawnSync(["tmux", "-L", "ctrl-c", "-f", "/dev/null", ...args])
    tmux("new-session", "-d", "sh")
    tmux("send-keys", `sh '${sandbox}' sh -c 'setsid sleep 86403 & sleep 86403'`, "Enter")
    expect(await until(() => sleeping(86403).length === 2)).toBe(true)
    tmux("send-keys", "C-c")
    expect(await until(() => sleeping(86403).length === 0)).toBe(true)
    tmux("kill-server")
  })
})
