import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)

/** A folder that is there, with a conversation of it. */
function project(name: string): string {
  const cwd = join(machine.root, "work", name)
  mkdirSync(cwd, { recursive: true })
  machine.transcript(id, { cwd })
  return cwd
}

async function resume(...args: string[]) {
  const { json, code } = await machine.run(["resume", "--json", ...args])
  return { code, ...json.resumes[0] }
}

test("the line is the folder and the client's own command", async () => {
  const cwd = project("one")
  const { stdout, code } = await machine.run(["--resume", id])
  expect(code).toBe(0)
  expect(stdout).toContain(`\n  cd '${cwd}' && claude --resume ${id}\n`)
  expect(stdout).toContain("· please mend the login page · ")
  expect(stdout.trimEnd().split("\n").at(-1)).toStartWith(`Next: session-rescue --export ${id.slice(0, 8)}`)
  expect((await machine.run(["resume", "--json"])).json).toEqual({
    schemaVersion: 1,
    resumes: [
      {
        id,
        command: `cd '${cwd}' && claude --resume ${id}`,
        start: cwd,
        reason: null,
        note: null,
        cwd,
        nearest: null,
        rehome: null,
        state: "ORPHANED",
      },
    ],
    notShown: 0,
    leftOff: 0,
    warnings: [],
  })
})

test("what is saved as it is need not be saved again before its line is pasted", async () => {
  project("one")
  const next = async () => (await machine.run(["--resume", id])).stdout.trimEnd().split("\n").at(-1)
  expect(await next()).toStartWith(
    `Next: session-rescue --export ${id.slice(0, 8)}   (unless you have a copy`,
  )
  const { stdout } = await machine.run(["--export", id])
  expect(stdout.trimEnd()).toEndWith(
    `Next: session-rescue --resume ${id.slice(0, 8)}   (the command that resumes it)`,
  )
  expect(await next()).toBe("Next: paste that command   (unchanged since it was saved)")
  expect((await machine.run(["cx"])).code).toBe(0)
  expect(await next()).toBe("Next: paste that command   (unchanged since it was saved)")
  const [{ path }] = (await machine.run(["list", "--json"])).json.exports
  rmSync(path)
  expect(await next()).toStartWith("Next: session-rescue --export")
  expect((await machine.run(["--export", id])).code).toBe(0)
  const talk = { id, cwd: "/", at: new Date() }
  appendFileSync(machine.transcriptPath(id, join(machine.root, "work/one")), record(talk, 3, user("go on")))
  expect(await next()).toStartWith("Next: session-rescue --export")
})

test("a session that only an export still holds is said to be saved, and how it is put back", async () => {
  project("one")
  expect((await machine.run(["--export", id])).code).toBe(0)
  rmSync(machine.transcriptPath(id, join(machine.root, "work/one")))
  for (const command of ["resume", "export"]) {
    const { code, stderr } = await machine.run([command, id.slice(0, 8)])
    expect(code).toBe(3)
    expect(stderr).toContain(`${id.slice(0, 8)} is no longer in any client's home, but exported`)
    expect(stderr).toContain(`Next: restore it: session-rescue restore ${id.slice(0, 8)}`)
  }
  expect((await machine.run(["resume", "ffff"])).stderr).toContain('no session matches "ffff"')
})

test("one that grows without a process here has a client elsewhere: no second one is started on it", async () => {
  const cwd = project("one")
  const path = machine.transcriptPath(id, cwd)
  machine.start(["sh", "-c", 'while :; do echo "{}" >> "$1"; sleep 0.02; done', "-", path])
  const { command, reason, code } = await resume(id)
  expect([command, code]).toEqual([null, 0])
  expect(reason).toContain("being written from elsewhere")
})

test("pasted where another home is named, the line still leads to the client's usual one", async () => {
  const cwd = project("one")
  const echo = `#!/bin/sh\necho "$PWD $* \${CLAUDE_CONFIG_DIR-none}"\n`
  chmodSync(machine.write(join(machine.root, "bin/claude"), echo), 0o755)
  const env = { CLAUDE_CONFIG_DIR: join(machine.root, "other") }
  mkdirSync(env.CLAUDE_CONFIG_DIR)
  const { json } = await machine.run(["resume", id, "--json"], { env })
  const pasted = Bun.spawnSync(["sh", "-c", json.resumes[0].command], {
    env: { ...env, PATH: `${machine.root}/bin:/usr/bin:/bin`, HOME: machine.home },
  })
  expect(pasted.stdout.toString()).toBe(`${cwd} --resume ${id} none\n`)
  const usual = { CLAUDE_CONFIG_DIR: `${machine.claude}/` }
  const { stdout } = await machine.run(["resume", id], { env: usual })
  expect(stdout).toContain(`\n  cd '${cwd}' && claude --resume ${id}\n`)
})

describe("the printed line, pasted, lands in the folder and starts the client there", () => {
  const names = [
    "with spaces ",
    'it\'s "quoted"',
    "$HOME $(touch x) `touch x` \\",
    "-rf",
    "*?[a]~#!&;<>(){}",
    "new\nline",
    "ends in newlines\n\n",
    "\u001b[31mescape\u0007",
    "bidi \u202egpj.exe \u2066x\u2069 \u206a \ufeff",
    "tag \u{e0041} \ufff9 \u009b31m \u007f",
    "percent %s %% \\n \\045",
    "日本語 é 👩‍👩‍👧",
  ]
  const shells = [["sh"], ["dash"], ["bash"], ["busybox", "sh"], ["zsh"]].filter(([name = ""]) =>
    Bun.which(name),
  )
  const echo = '#!/bin/sh\nprintf "%s|" "$PWD" "$*" "$CLAUDE_CONFIG_DIR"\n'

  test.each(names)("%j", async (name) => {
    chmodSync(machine.write(join(machine.root, "bin/claude"), echo), 0o755)
    const home = join(machine.root, `home of ${name}`)
    mkdirSync(join(home, "projects"), { recursive: true })
    const cwd = project(name)
    const filed = dirname(machine.transcriptPath(id, cwd))
    symlinkSync(filed, join(home, "projects", basename(filed)))
    const { stdout } = await machine.run(["resume"], { env: { CLAUDE_CONFIG_DIR: home } })
    const line = stdout.split("\n").find((each) => each.startsWith("  ")) ?? ""
    for (const shell of shells) {
      const pasted = Bun.spawnSync([...shell, "-c", line], {
        env: { PATH: `${machine.root}/bin:/usr/bin:/bin`, HOME: machine.home },
        cwd: "/",
      })
      const [folder = "", ...words] = pasted.stdout.toString().split("|")
      const [option, reached = ""] = words
      expect([shell, pasted.stderr.toString()]).toEqual([shell, ""])
      expect([shell, realpathSync(folder), option]).toEqual([shell, cwd, `--resume ${id}`])
      expect([shell, realpathSync(reached)]).toEqual([shell, home])
    }
  })
})

test("a folder that is no absolute path is not run as one", async () => {
  for (const cwd of ["-", "", "~", "work"]) {
    rmSync(machine.claude, { recursive: true })
    mkdirSync(join(machine.root, "work"), { recursive: true })
    machine.transcript(id, { cwd: `${machine.root}/gone`, text: conversation({ id, cwd, at: new Date() }) })
    expect(await resume()).toMatchObject({ command: null, reason: expect.stringMatching(/working folder/) })
  }
})

test("a live one says what to end first, and never a line to paste", async () => {
  const client = await machine.client()
  const cwd = project("one")
  machine.registry(client, id, { cwd })
  expect(await resume()).toMatchObject({ command: null, reason: `end it first: pid ${client.pid}` })
})

test("a stub and a session of which only subagents are left say why there is no line", async () => {
  machine.transcript(id, { text: "" })
  expect((await resume(id)).reason).toContain("no conversation")
  const path = machine.transcriptPath(sessionId(2), "/work/one")
  machine.write(path.replace(/\.jsonl$/, "/subagents/agent-1.jsonl"), "{}\n")
  expect((await resume(sessionId(2))).reason).toContain("transcript is missing")
})

test("without a name the newest twenty are shown, with --all every one", async () => {
  for (let number = 0; number < 22; number++) machine.transcript(sessionId(number), { age: number * 60_000 })
  const some = await machine.run(["resume", "--json"])
  expect([some.json.resumes.length, some.json.notShown]).toEqual([20, 2])
  expect(some.json.resumes[0].id).toBe(sessionId(0))
  expect((await machine.run(["resume"])).stdout).toContain("2 older sessions not shown")
  expect((await machine.run(["resume", "--json", "--all"])).json.resumes).toHaveLength(22)
})

test("with nothing there it says so and ends with 0", async () => {
  const { code, stdout } = await machine.run(["resume"])
  expect([code, stdout]).toEqual([
    0,
    `No session was found; the home is ${machine.home}.\nNext: nothing to save here. Another client home: CLAUDE_CONFIG_DIR=… session-rescue\n`,
  ])
})

test("of a running session the last line is the command that ends it first", async () => {
  const cwd = project("one")
  const client = await machine.client({ cwd })
  machine.registry(client, id, { cwd })
  const { stdout, code } = await machine.run(["--resume", id])
  expect(code).toBe(0)
  expect(stdout).toContain(`\nNext: session-rescue --kill ${client.pid}   (`)
})
