import { afterAll, describe, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { kill } from "node:process"
import { isolated, realHome } from "./guard.ts"

const guard = resolve(import.meta.dir, "guard.ts")
const folder = mkdtempSync(join(tmpdir(), "guard-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs `body` as a test run of its own, under another environment. */
function testRun(body: string, env: Record<string, string | undefined>, wrap: string[] = []) {
  writeFileSync(
    join(folder, "probe.test.ts"),
    `import { test } from "bun:test"\ntest("probe", () => {${body}})\n`,
  )
  const command = [process.execPath, "test", "--preload", guard, "./probe.test.ts"]
  const run = Bun.spawnSync([...wrap, ...command], { cwd: folder, env: { ...process.env, ...env } })
  return { code: run.exitCode, output: `${run.stdout}${run.stderr}` }
}

function sleeper() {
  return Bun.spawn(["sleep", "60"], { stdout: "ignore" })
}

/** Starts a process whose parent has ended, and tells its pid. */
function orphan(): number {
  return Number(Bun.spawnSync(["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"]).stdout.toString())
}

describe("a run that could touch the real machine does not start", () => {
  test.if(process.platform === "linux")("outside the sandbox", () => {
    const { code, output } = testRun("", { SESSION_RESCUE_TEST_SANDBOX: undefined })
    expect(output).toContain("bun run test:unit")
    expect(code).toBe(1)
  })

  test.if(process.platform === "linux")("with the variable of a sandbox that it is not in", () => {
    expect(testRun("", { SESSION_RESCUE_TEST_SANDBOX: "pid:[1]" }).code).toBe(1)
  })

  test("with the real home as HOME", () => {
    const { code, output } = testRun("", { HOME: realHome() })
    expect(output).toContain("throw-away")
    expect(code).toBe(1)
  })

  test("and otherwise it does", () => {
    expect(testRun("", {}).code).toBe(0)
  })
})

describe("a signal", () => {
  test("reaches a child", async () => {
    const child = sleeper()
    process.kill(child.pid)
    await child.exited
    expect(child.signalCode).toBe("SIGTERM")
  })

  test("reaches a grandchild", async () => {
    const child = Bun.spawn(["sh", "-c", "sleep 60 >/dev/null & echo $!; wait"], { stdout: "pipe" })
    const { value } = await child.stdout.getReader().read()
    process.kill(Number(new TextDecoder().decode(value)), "SIGKILL")
    expect(await child.exited).toBe(0)
  })

  test.if(isolated)("reaches a daemon that this run started", () => {
    expect(process.kill(orphan(), "SIGKILL")).toBe(true)
  })

  test("to a process that is gone fails as it does everywhere", async () => {
    const child = Bun.spawn(["true"])
    await child.exited
    expect(() => process.kill(child.pid, "SIGTERM")).toThrow("ESRCH")
  })

  test("to a group, to every process, to init, to the runner or to its parent is refused", () => {
    const child = sleeper()
    for (const pid of [0, -1, -child.pid, 1, process.pid, process.ppid, Number.NaN]) {
      expect(() => process.kill(pid, "SIGCONT")).toThrow("guard")
      expect(() => kill(pid, "SIGCONT")).toThrow("guard")
    }
    child.kill()
  })

  test("to a process beside this run is refused", () => {
    const wrap = [
      "sh",
      "-c",
      'sleep 60 >/dev/null 2>&1 & STRANGER=$! "$@"; code=$?; kill $!; exit $code',
      "sh",
    ]
    const { code, output } = testRun(`process.kill(Number(process.env.STRANGER), "SIGCONT")`, {}, wrap)
    expect(output).toContain("this test run did not start it")
    expect(code).toBe(1)
  })

  test("that only asks whether a process exists is no signal", () => {
    expect(process.kill(process.ppid, 0)).toBe(true)
  })
})

describe.if(isolated)("the real home", () => {
  test("cannot be written", () => {
    expect(() => writeFileSync(join(realHome(), "session-rescue-was-here"), "")).toThrow(
      /EROFS|EACCES|ENOENT/,
    )
  })

  test.each([".claude", ".config/session-rescue", "PROJECTS/.coditect-data"])(
    "shows nothing in %s",
    (name) => {
      const entries = (() => {
        try {
          return readdirSync(join(realHome(), name))
        } catch {
          return []
        }
      })()
      expect(entries).toEqual([])
    },
  )

  test("is not where a program looks for it", () => {
    expect(process.env.HOME).not.toBe(realHome())
    const own = /^(CLAUDE|ANTHROPIC_|SESSION_RESCUE_(?!TEST_)|XDG_|TMUX(_PANE)?$)/
    expect(Object.keys(process.env).filter((name) => own.test(name))).toEqual([])
  })
})
