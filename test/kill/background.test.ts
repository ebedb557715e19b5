/** Sessions of a background service: ended by that service, for good, or said to be back. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  type BackgroundSession,
  backgroundSession,
  job,
  roster,
  service,
  stopWith,
  subcommand,
} from "../fixtures/background.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { isThere } from "./harness/clients.ts"

setDefaultTimeout(60_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const lastWords = '{"type":"last-prompt"}\n'

/** The service stops a session: last words, its process gone, off the books. */
function stopping({ session, transcript, short }: BackgroundSession): string {
  const state = join(machine.claude, "jobs", short, "state.json")
  return [
    `printf '%s' '${lastWords}' >> '${transcript}'`,
    `kill -KILL ${session.pid}`,
    `sed -i 's/working/stopped/' '${state}'`,
    `echo '{"workers":{}}' > '${machine.claude}/daemon/roster.json'`,
  ].join("\n")
}

async function kill(name: string, PATH: string, ...more: string[]) {
  const { json, code } = await machine.run(["kill", name, "--force", "--json", ...more], { env: { PATH } })
  return { kill: json.kills?.[0], error: json.error, code }
}

test("is saved, stopped by its service, and stays ended", async () => {
  service(machine)
  const it = await backgroundSession(machine, id)
  roster(machine, [it])
  const { PATH, asked } = stopWith(machine, stopping(it))
  const { kill: report, code } = await kill(it.short, PATH)
  expect(report).toMatchObject({ id, pid: it.session.pid, outcome: "ended", reason: null })
  expect([code, readFileSync(asked, "utf8")]).toEqual([0, `${it.short}\n`])
  expect(readFileSync(report.exportsAfter[0].path, "utf8")).toBe(readFileSync(it.transcript, "utf8"))
  expect(readFileSync(it.transcript, "utf8")).toEndWith(lastWords)
})

test("that its service starts again is said to be back, exit 1", async () => {
  service(machine)
  const it = await backgroundSession(machine, id)
  roster(machine, [it])
  const again = join(machine.root, "again")
  const program = join(machine.root, "shell/claude-code-linux-x64/claude")
  machine.write(again, "while :; do read -rt 1 _ <> <(:); done")
  const restart = `'${program}' '${again}' --resume '${it.transcript}' > /dev/null 2>&1 < /dev/null &`
  const { PATH } = stopWith(machine, `kill -KILL ${it.session.pid}\n${restart}\necho $! > '${again}.pid'`)
  const { kill: report, code } = await kill(it.short, PATH)
  const pid = Number(readFileSync(`${again}.pid`, "utf8"))
  process.kill(pid, "SIGKILL")
  expect([report.outcome, code]).toEqual(["restarted", 1])
  expect(report.reason).toContain(`restarted it as pid ${pid}`)
  expect(report.hint).toContain(`claude stop ${it.short}`)
})

test("that ends without being noted as stopped is asked about again, and stays ended", async () => {
  service(machine)
  const it = await backgroundSession(machine, id)
  roster(machine, [it])
  const once = join(machine.root, "once")
  const { PATH, asked } = stopWith(
    machine,
    `if [ ! -e '${once}' ]; then : > '${once}'; kill -KILL ${it.session.pid}; exit 0; fi\n${stopping(it)}`,
  )
  const { kill: report, code } = await kill(it.short, PATH)
  expect([report.outcome, code]).toEqual(["ended", 0])
  expect(readFileSync(asked, "utf8")).toBe(`${it.short}\n${it.short}\n`)
})

test("that its service cannot stop is left running, and no signal is sent", async () => {
  const it = await backgroundSession(machine, id)
  const { PATH } = stopWith(machine, "echo 'no such session' >&2; exit 1")
  const { kill: report, code } = await kill(it.short, PATH)
  expect([report.outcome, code, isThere(it.session.pid)]).toEqual(["still-alive", 1, true])
  expect(report.reason).toBe(`claude stop ${it.short} failed (1): no such session`)
})

test("is stopped by the program that runs it: one that is gone is not replaced by another", async () => {
  const it = await backgroundSession(machine, id)
  const { PATH, asked } = stopWith(machine, "")
  await Bun.$`rm ${join(machine.root, "shell/claude-code-linux-x64/claude")}`
  const { kill: report } = await kill(it.short, PATH)
  expect([report.outcome, isThere(it.session.pid)]).toEqual(["still-alive", true])
  expect(report.reason).toContain(`claude stop ${it.short}`)
  expect(await Bun.file(asked).exists()).toBe(false)
})

test("a dry run says who would stop it", async () => {
  const it = await backgroundSession(machine, id)
  const { stdout } = await machine.run(["kill", it.short, "--dry-run", "--force"])
  expect(stdout).toContain(
    `have its background service stop it (claude stop ${it.short}); nothing was changed`,
  )
})

test("what it writes after it was saved is no reason to stop it unsaved", async () => {
  const it = await backgroundSession(machine, id, {
    script: 'while :; do printf "%s\\n" "{\\"type\\":\\"x\\"}" >> "$2"; done',
  })
  const { PATH, asked } = stopWith(machine, "")
  const { kill: report, code } = await kill(it.short, PATH)
  expect([report.outcome, code, await Bun.file(asked).exists()]).toEqual(["refused", 4, false])
})

describe("a process that holds no conversation is not ended as if nothing were lost", () => {
  test("the terminal of a session, by its pid", async () => {
    const it = await backgroundSession(machine, id)
    const { error, code } = await kill(String(it.host.pid), "")
    expect([code, error.code, isThere(it.host.pid)]).toEqual([4, "REFUSED", true])
    roster(machine, [it])
    const named = await kill(String(it.host.pid), "")
    expect(named.error.message).toContain("the terminal of a background session")
    expect(named.error.hint).toContain(`session-rescue --kill ${it.short}`)
  })

  test("the service, by its pid", async () => {
    const running = service(machine)
    const it = await backgroundSession(machine, id)
    roster(machine, [it])
    const { error, code } = await kill(String(running.pid), "")
    expect([code, isThere(running.pid)]).toEqual([4, true])
    expect(error.message).toContain("the background service")
    expect(error.hint).toContain(`session-rescue --kill ${it.short}`)
  })

  test("a window on a session, by its pid and by its terminal", async () => {
    const it = await backgroundSession(machine, id)
    roster(machine, [it])
    const window = subcommand(machine, "attach", [it.short], { terminal: {} })
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions.map((each: { pid: number }) => each.pid)).toEqual([it.session.pid])
    const [helper] = json.services[0].helpers.filter((each: { pid: number }) => each.pid === window.pid)
    expect(helper).toMatchObject({ role: "window", holds: [id] })
    for (const name of [String(window.pid), helper.tty]) {
      const { error, code } = await kill(name, "")
      expect([name, code]).toEqual([name, 4])
      expect(error.hint).toContain("the session runs on without it")
      expect(error.hint).toContain(`claude attach ${it.short}`)
    }
    expect(isThere(window.pid)).toBe(true)
  })
})

describe("between two lives", () => {
  test("it is not called crashed, and its line is the one that shows it", async () => {
    service(machine)
    const it = await backgroundSession(machine, id)
    roster(machine, [it])
    await it.session.end()
    const { json } = await machine.run(["status", "--json", "--all"])
    expect(json.sessions).toMatchObject([{ id, state: "ACTIVE", detail: "starting again", pid: null }])
    const { stdout } = await machine.run(["resume", it.short])
    expect(stdout).toContain(`claude attach ${it.short}`)
    expect(stdout).not.toContain("--resume")
  })

  test("it is ended in its next life", async () => {
    service(machine)
    const it = await backgroundSession(machine, id)
    await it.host.end()
    await it.session.end()
    roster(machine, [it])
    const ending = stopWith(machine, "")
    const killing = kill(it.short, ending.PATH)
    const next = await backgroundSession(machine, id)
    roster(machine, [next])
    stopWith(machine, stopping(next))
    const { kill: report, code } = await killing
    expect([report.outcome, report.pid, code]).toEqual(["ended", next.session.pid, 0])
  })
})

describe("once its service has ended it on purpose", () => {
  test("it is no crash, whatever its last record is; and it is resumed as any other", async () => {
    const it = await backgroundSession(machine, id)
    await it.session.end() // its registry file stays behind, as after a crash
    job(machine, id, "stopped")
    const { json } = await machine.run(["status", "--json", "--all"])
    expect(json.sessions).toMatchObject([{ id, state: "ORPHANED", detail: "stopped" }])
    expect((await machine.run(["resume", it.short])).stdout).toContain(`claude --resume ${id}`)
  })

  test("a later life in a terminal may have crashed all the same", async () => {
    const it = await backgroundSession(machine, id)
    await it.session.end()
    job(machine, id, "stopped", new Date(Date.now() - 3_600_000))
    const at = new Date().toISOString()
    appendFileSync(
      it.transcript,
      `${JSON.stringify({ type: "user", sessionId: id, timestamp: at, message: { role: "user", content: "go on" } })}\n`,
    )
    const { json } = await machine.run(["status", "--json", "--all"])
    expect(json.sessions).toMatchObject([{ id, detail: "crashed mid-turn" }])
  })
})
