import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { day } from "../../src/domain/duration.ts"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { binary, Machine, tree } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
  mkdirSync(join(machine.root, "bin"))
  symlinkSync(binary, join(machine.root, "bin/session-rescue"))
})
afterEach(() => machine.dispose())

interface Finding {
  topic: string
  level: "ok" | "advice" | "broken"
  message: string
  next: string | null
}

async function doctor(env: Record<string, string> = {}) {
  const PATH = `${machine.root}/bin:${process.env.PATH}`
  const { code, json } = await machine.run(["doctor", "--json"], { env: { PATH, ...env } })
  const findings = json.findings as Finding[]
  return {
    code,
    ok: json.ok,
    findings,
    of: (topic: string) => findings.filter((each) => each.topic === topic),
  }
}

describe("doctor", () => {
  test("on a machine where all is well has nothing to fix, and changes nothing", async () => {
    machine.transcript(sessionId(1))
    const before = tree(machine.root)
    const { code, ok, findings, of } = await doctor()
    expect([code, ok]).toEqual([0, true])
    expect(findings.filter(({ level, topic }) => level !== "ok" && topic !== "data")).toEqual([])
    expect(of("path")[0]?.message).toBe(`a shell finds it as ${machine.root}/bin/session-rescue`)
    expect(of("clients")[0]?.message).toContain("1 session, 0 running, written by 2.1.100")
    expect(tree(machine.root)).toEqual(before)
  })

  test("names the clients' versions beside those it was tried with, and which of them are newer", async () => {
    const wrote = (number: number, version: string) =>
      machine.transcript(sessionId(number), {
        text: conversation({ id: sessionId(number), cwd: "/work/one", at: new Date(), version }),
      })
    wrote(1, "2.1.197")
    const tried = "(tried with 1.0.100, 2.0.60, 2.1.197, 2.1.231, 2.1.280, 2.1.332"
    expect((await doctor()).of("clients")[0]?.message).toEndWith(`, written by 2.1.197 ${tried})`)
    wrote(2, "2.1.333")
    wrote(3, "9.0.0")
    const [clients] = (await doctor()).of("clients")
    expect(clients?.message).toEndWith(
      `, written by 2.1.197, 2.1.333, 9.0.0 ${tried}; 2.1.333, 9.0.0: newer than all of these)`,
    )
    expect(clients?.level).toBe("ok")
  })

  test("every advice says what to do, and the last line is the first of them", async () => {
    const { stdout } = await machine.run(["doctor"], { env: { PATH: "/usr/bin:/bin" } })
    expect(stdout).toContain("session-rescue is not on PATH\n")
    expect(stdout.trimEnd().split("\n").at(-1)).toStartWith(
      "Next: add this line to your shell's start-up file: export PATH=",
    )
    const { findings } = await doctor({ PATH: "/usr/bin:/bin" })
    for (const each of findings)
      expect([each.message, each.next !== null]).toEqual([each.message, each.level !== "ok"])
    // scripts written for 0.1.0 read `says`
    for (const each of findings) expect(each).toHaveProperty("says", each.message)
  })

  test("a home that only a running client names and nobody here can see is no fault of this machine", async () => {
    await machine.client({ env: { CLAUDE_CONFIG_DIR: "/nowhere/to/be/seen" } })
    const { code, of } = await doctor()
    expect(code).toBe(0)
    expect(of("clients").find(({ message }) => message.startsWith("/nowhere/"))).toMatchObject({
      level: "advice",
      next: "run session-rescue where that client runs",
    })
  })

  test("a line to paste holds for a folder of any name", async () => {
    const data = join(machine.root, "my 'data")
    const pending = join(data, "sessions-export-pending-anthropic")
    mkdirSync(pending, { recursive: true })
    chmodSync(pending, 0o755)
    const { of } = await doctor({ SESSION_RESCUE_DATA: data })
    const line = of("data").find(({ message }) => message.includes("can be read by others"))?.next ?? ""
    expect(Bun.spawnSync(["sh", "-c", line]).exitCode).toBe(0)
    expect(statSync(pending).mode & 0o777).toBe(0o700)
  })

  test("another binary of that name first on PATH", async () => {
    machine.write(join(machine.root, "other/session-rescue"), "#!/bin/sh\n")
    chmodSync(join(machine.root, "other/session-rescue"), 0o755)
    const { of } = await doctor({ PATH: `${machine.root}/other:${machine.root}/bin` })
    expect(of("path")[0]).toMatchObject({
      level: "advice",
      message: expect.stringContaining(`${machine.root}/other/session-rescue`),
    })
  })

  test("a data folder that takes nothing is broken: exit 1", async () => {
    const { code, ok, of } = await doctor({ SESSION_RESCUE_DATA: "/proc/1/nothing" })
    expect([code, ok]).toEqual([1, false])
    expect(of("data")[0]).toMatchObject({
      level: "broken",
      message: "cannot write to /proc/1/nothing",
    })
  })

  test("a pending folder that everybody may write, or read", async () => {
    const pending = join(machine.data, "sessions-export-pending-anthropic")
    mkdirSync(pending, { recursive: true })
    chmodSync(pending, 0o777)
    expect((await doctor()).of("data").find(({ level }) => level === "broken")?.next).toBe(
      `chmod 700 '${pending}'`,
    )
    chmodSync(pending, 0o755)
    const { code, of } = await doctor()
    expect(code).toBe(0)
    expect(of("data").find(({ level }) => level === "advice")?.message).toContain(
      "can be read by others (mode 755)",
    )
  })

  test("what the client is about to delete, and the setting behind it", async () => {
    machine.write(join(machine.claude, "settings.json"), '{"cleanupPeriodDays": 10}')
    machine.transcript(sessionId(1), { age: 8 * day })
    const [purge] = (await doctor()).of("purge")
    expect(purge?.level).toBe("advice")
    expect(purge?.message).toMatch(
      /will delete 1 session not saved, the first in 4\d h; .*settings\.json: cleanupPeriodDays 10$/,
    )
  })

  test("a transcript that is not whole is named, and the command that says what that means", async () => {
    const path = machine.transcript(sessionId(1), { text: `{"type":"user"}\n{"torn` })
    const [found] = (await doctor()).of("transcripts")
    expect(found).toMatchObject({
      level: "advice",
      message: `1 transcript is not whole, such as ${path} (torn-tail)`,
    })
    expect(found?.next).toContain(`session-rescue doctor ${sessionId(1)}`)
  })

  test.if(hasStrace)("what a run that was cut off has left, also of a session that is gone", async () => {
    const pending = join(machine.data, "sessions-export-pending-anthropic")
    machine.transcript(sessionId(1))
    const killed = { call: "link", when: 1, effect: "signal=SIGKILL" }
    expect((await traced(machine, ["export", "--all"], ["link"], [killed])).answer.code).toBe(137)
    rmSync(machine.transcriptPath(sessionId(1), "/work/one"))
    const [found] = (await doctor()).of("leftovers")
    expect(found?.level).toBe("advice")
    expect(found?.message).toStartWith(`1 folder left by interrupted runs: ${pending}/.${sessionId(1)}.`)
  })

  test("a registry entry of a client that died, and one that cannot be read", async () => {
    machine.write(join(machine.claude, "sessions/4000000.json"), "{}")
    expect((await doctor()).of("registry")[0]?.message).toContain(
      "1 entry, 1 left by clients that did not exit cleanly",
    )
    machine.write(join(machine.claude, "sessions/4000001.json"), "{")
    expect((await doctor()).of("registry")[0]?.message).toContain("1 of 2 entries cannot be read")
  })

  test("what a client that died has left: to be saved, until it is", async () => {
    machine.transcript(sessionId(1))
    const entry = JSON.stringify({ pid: 4000000, sessionId: sessionId(1) })
    machine.write(join(machine.claude, "sessions/4000000.json"), entry)
    expect((await doctor()).of("registry")[0]).toMatchObject({ level: "advice" })
    expect((await machine.run(["export", "--all"])).code).toBe(0)
    const [found] = (await doctor()).of("registry")
    expect(found).toMatchObject({ level: "ok", message: expect.stringContaining("what they left is saved") })
  })

  test("a process that outlived its client", async () => {
    const program = machine.copy("/bin/sleep", join(machine.root, "mcp-server"))
    const env = { CLAUDE_CODE_SESSION_ID: sessionId(7) }
    const starter = machine.start(["sh", "-c", `'${program}' 300 & echo $! > '${machine.root}/pid'`], { env })
    await starter.exited
    const pid = await until("its number", () =>
      Bun.file(join(machine.root, "pid"))
        .text()
        .then((text) => Number(text)),
    )
    const [found] = (await doctor()).of("processes")
    process.kill(pid, "SIGKILL")
    expect(found).toMatchObject({ level: "advice", message: expect.stringContaining(`${pid} (mcp-server)`) })
  })

  test("hooks and commands whose program is gone are broken: exit 1", async () => {
    const place = join(machine.root, "gone/session-rescue")
    machine.copy(binary, place)
    Bun.spawnSync([place, "setup", "--commands", "--hooks"], { env: { HOME: machine.home } })
    expect((await doctor()).of("setup")[0]).toMatchObject({
      level: "ok",
      message: `/session-rescue, /cx, /sx, /cxq, PreCompact, SessionEnd, Stop, Notification, SessionStart in ${machine.claude}`,
    })
    rmSync(place)
    const { code, of } = await doctor()
    expect(code).toBe(1)
    expect(of("setup")[0]?.message).toContain(`the program they call no longer exists: ${place}`)
  })

  test("a hook that failed today", async () => {
    machine.write(
      join(machine.data, "hook.log"),
      `${new Date().toISOString()} SessionEnd x failed: DISK_FULL: no space\n`,
    )
    expect((await doctor()).of("hooks")[0]).toMatchObject({
      level: "advice",
      message: expect.stringContaining("DISK_FULL"),
    })
  })

  test("a refused plugin and a mistake in the config file, each with what mends it", async () => {
    const plugin = machine.write(
      join(machine.home, ".config/session-rescue/plugins/classify/mine.ts"),
      'import { definePlugin } from "session-rescue"\nexport default definePlugin({ name: "mine", stage: "classify", classify: async () => null })\n',
    )
    chmodSync(plugin, 0o666)
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), 'colour = "red"\n')
    const { of } = await doctor()
    expect(of("plugins")[0]).toMatchObject({ level: "advice", next: expect.stringContaining("chmod") })
    expect(of("config")[0]).toMatchObject({
      message: expect.stringContaining('the key "colour" is unknown'),
      next: expect.stringContaining("the rest of the file is used"),
    })
  })

  test("a config file that is no TOML is not used at all, and is not said to be", async () => {
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), 'data_dir = "/mnt/usb"\nx = [\n')
    expect((await doctor()).of("config")[0]).toMatchObject({
      message: expect.stringContaining("is not valid TOML"),
      next: "fix the file: none of it is used, its data_dir and homes neither",
    })
  })
})
