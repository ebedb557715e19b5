import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { binary, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

describe("what is typed wrong is refused with exit code 2, and what was meant is named", () => {
  test.each([
    [["status", "--jsn"], "unknown option for status: --jsn", "--json"],
    [["--status", "--explian"], "unknown option for status: --explian", "--explain"],
    [["export", "--Md5"], "unknown option for export: --Md5", "--md5"],
    [["resume", "--xyzzyplugh"], "unknown option for resume: --xyzzyplugh", "session-rescue resume --help"],
    [["status", "-x"], "unknown option for status: -x", "session-rescue status --help"],
    [["--expot", "pts/3"], "unknown option for status: --expot", "did you mean: session-rescue --export\n"],
    [["kill", "--all"], "unknown option for kill: --all", "session-rescue kill --help"],
    [["--constructor"], "unknown option for status: --constructor", "session-rescue status --help"],
    [["stauts"], 'unknown command: "stauts"', "session-rescue status\n"],
    [["exp"], 'unknown command: "exp"', "session-rescue export\n"],
    [["frobnicate"], 'unknown command: "frobnicate"', "session-rescue --help"],
    [["toString"], 'unknown command: "toString"', "session-rescue --help"],
    [[""], 'unknown command: ""', "session-rescue --help"],
    [["--status", "--export"], "these commands cannot be combined: status, export", "one after the other"],
    [["status", "--resume"], "these commands cannot be combined: status, resume", "one after the other"],
    [["status", "--status"], "these commands cannot be combined: status, status", "one after the other"],
    [["status", "--data-dir", "--all"], "--data-dir needs a value", "status --help"],
    [["export", "--data-dir"], "--data-dir needs a value", "export --help"],
    [["export", "--data-dir", ""], "--data-dir needs a value", "export --help"],
    [["export", "--data-dir="], "--data-dir needs a value", "export --help"],
    [["status", "--all=yes"], "--all does not take a value", "status --help"],
    [["status", "--hung-after", "soon"], 'invalid duration for --hung-after: "soon"', "10m"],
    [["status", "--hung-after", "-5m"], 'invalid duration for --hung-after: "-5m"', "10m"],
    [["status", "--sort", "colour"], 'invalid value for --sort: "colour"', "need, activity, size or memory"],
    [["status", "--agent", "nobody"], 'unknown agent: "nobody"', "claude-code"],
    [["usage", "pts/3"], 'unexpected argument for usage: "pts/3"', "usage --help"],
  ])("%j", async (args, message, hint) => {
    const answer = await machine.run(args)
    expect(answer.code).toBe(2)
    expect(answer.stdout).toBe("")
    expect(answer.stderr).toContain(message)
    expect(answer.stderr).toMatch(/^Next: /m)
    expect(answer.stderr).toContain(hint)
    expect(answer.stderr).not.toContain("    at ")
  })
})

describe("with --json an error is one document on standard output, and nothing else is there", () => {
  test.each([
    [["status", "--jsn", "--json"], 2, "USAGE"],
    [["--json", "--status", "--export"], 2, "USAGE"],
    [["frobnicate", "--json"], 2, "USAGE"],
    [["export", "--data-dir", "--json"], 2, "USAGE"],
    [["resume", "deadbeef", "--json"], 3, "SESSION_NOT_FOUND"],
    [["export", "pts/77", "--json"], 3, "SESSION_NOT_FOUND"],
  ])("%j", async (args, code, name) => {
    const answer = await machine.run(args)
    expect(answer.code).toBe(code)
    expect(answer.json).toEqual({
      schemaVersion: 1,
      error: { code: name, message: expect.any(String), hint: expect.any(String) },
    })
  })
})

test("--llm is another name of --agent, and is in no help", async () => {
  machine.transcript(sessionId(1), { age: 3 * 86_400_000 })
  for (const agent of ["claude-code", "other"]) {
    const llm = await machine.run(["status", "--llm", agent])
    const named = await machine.run(["status", "--agent", agent])
    expect([llm.code, llm.stdout, llm.stderr]).toEqual([named.code, named.stdout, named.stderr])
  }
  expect((await machine.run(["status", "--llm", "claude-code"])).stdout).toContain(sessionId(1).slice(0, 8))
  expect((await machine.run(["status", "--help"])).stdout).not.toContain("--llm")
})

test("--status is status, --export is export, --resume is resume", async () => {
  machine.transcript(sessionId(1), { age: 3 * 86_400_000 })
  for (const name of ["status", "export", "resume"]) {
    const [word, flag] = [await machine.run([name]), await machine.run([`--${name}`])]
    expect([flag.code, flag.stdout, flag.stderr]).toEqual([word.code, word.stdout, word.stderr])
  }
  const behind = await machine.run(["--json", "--resume"])
  expect(behind.json.resumes).toHaveLength(1)
})

test("after -- everything is a name, even what looks like a flag", async () => {
  const named = await machine.run(["resume", "--", "--all"])
  expect(named.code).toBe(3)
  expect(named.stderr).toContain('no session matches "--all"')
  machine.transcript(sessionId(1))
  expect((await machine.run(["resume", "--", sessionId(1)])).code).toBe(0)
  expect((await machine.run(["--resume", "--", "--export"])).code).toBe(3)
})

test("--version prints the version and nothing else", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dir, "../../package.json"), "utf8"))
  for (const flag of ["--version", "-v"])
    expect(await machine.run([flag])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" })
})

describe("help", () => {
  test.each([[["--help", "--json"]], [["help", "export", "--json"]], [["kill", "--help", "--json"]]])(
    "%j is one document",
    async (args) => {
      const { code, json, stderr } = await machine.run(args)
      expect([code, json.schemaVersion, stderr]).toEqual([0, 1, ""])
      expect(json.help).toContain("Exit codes: 0 done")
    },
  )

  test.each([[["--help"]], [["-h"]], [["help"]], [["help", "frobnicate"]]])(
    "%j names every command",
    async (args) => {
      const { code, stdout } = await machine.run(args)
      expect(code).toBe(0)
      for (const name of ["status", "export", "resume"]) expect(stdout).toContain(name)
      expect(stdout).toContain("130 interrupted")
    },
  )

  test.each(["status", "export", "resume"])("of %s: exit codes, and examples that work", async (name) => {
    const { code, stdout } = await machine.run([name, "--help"])
    expect(code).toBe(0)
    expect(stdout).toContain("Exit codes: 0 done")
    for (const args of [
      [`--${name}`, "-h"],
      ["help", name],
      ["--help", name, "--json"],
    ]) {
      expect((await machine.run(args)).stdout).toContain("Examples:")
    }
    machine.transcript(`01e5af14${sessionId(1).slice(8)}`)
    const examples = [...stdout.matchAll(/^ {2}session-rescue (.*)$/gm)].map(([, words = ""]) => words)
    expect(examples.length).toBeGreaterThan(1)
    for (const example of examples) {
      const moved = join(machine.root, "work/shop")
      mkdirSync(moved, { recursive: true })
      const real = example.replace("/mnt/usb", join(machine.root, "usb")).replace("~/work/shop", moved)
      const args = real.split(" ")
      const answer = await machine.run(args)
      // there is no pts/3 here: that it is looked for is enough
      expect([example, answer.code]).toEqual([example, example.includes("pts/3") ? 3 : 0])
    }
  })
})

test("standard output that is closed early ends it quietly", async () => {
  for (let number = 0; number < 40; number++) machine.transcript(sessionId(number))
  expect((await machine.run(["export", "--all"])).code).toBe(0)
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  const lists = [
    "status --all",
    "status --all --json",
    "resume --all",
    "list",
    "verify",
    "usage",
    "doctor",
    "cx",
  ]
  const searches = [
    "cxq --recent 500",
    "cxq login",
    "show a0000001",
    "export --all",
    "--help",
    "status --help",
  ]
  for (const args of [...lists, ...searches]) {
    const script = `{ "$0" ${args}; echo "code $?" >&2; } | head -n 1 >/dev/null`
    const answer = await machine.run([], { program: ["sh", "-c", script] })
    expect([args, answer.stderr.trimEnd().split("\n").at(-1)]).toEqual([args, "code 0"])
    expect(answer.stderr).not.toContain("    at ")
  }
})

test("standard error that takes nothing any more ends no work and changes no exit code", async () => {
  machine.transcript(sessionId(1))
  for (const [args, expected] of [
    ["frobnicate", 2],
    ["show deadbeef", 3],
    ["resume deadbeef", 3],
  ] as const) {
    const answer = await machine.run([], { program: ["sh", "-c", `"$0" ${args} 2>/dev/full`] })
    expect([args, answer.code]).toEqual([args, expected])
  }
})

test("standard output that is closed from the start is no crash with a stack", async () => {
  const { stderr } = await machine.run(["status"], { program: ["sh", "-c", '"$0" "$@" >&-'] })
  expect(stderr).not.toContain("    at ")
})

describe("on a terminal", () => {
  const shown = async (args: string[], env: Record<string, string>) => {
    const parts: Uint8Array[] = []
    const program = machine.start([binary, ...args], {
      env: { TERM: "xterm-256color", SESSION_RESCUE_DATA: machine.data, ...env },
      terminal: { cols: 60, rows: 40, data: (_, bytes) => void parts.push(bytes) },
    })
    await program.exited
    return Buffer.concat(parts).toString()
  }

  test("states are coloured, and no line is longer than the terminal is wide", async () => {
    machine.transcript(sessionId(1), { cwd: `/work/${"long/".repeat(30)}` })
    const screen = await shown(["status"], {})
    expect(screen).toContain("\u001b[")
    for (const line of Bun.stripANSI(screen).split(/\r?\n/).slice(0, 2))
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(60)
  })

  test("NO_COLOR, a dumb terminal and --json get no escape sequences", async () => {
    machine.transcript(sessionId(1))
    for (const [args, env] of [
      [["status"], { NO_COLOR: "1" }],
      [["status", "--help"], { NO_COLOR: "1" }],
      [["status"], { TERM: "dumb" }],
      [["status", "--json"], {}],
    ] as const) {
      expect([args, (await shown([...args], env)).includes("\u001b")]).toEqual([args, false])
    }
  })
})
