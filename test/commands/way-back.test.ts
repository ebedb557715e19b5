/** The line that a client finds a conversation by, whatever has become of its folder, by the client installed. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const folder = (...names: string[]) => {
  const path = join(machine.root, ...names)
  mkdirSync(path, { recursive: true })
  return path
}

/** `claude` on PATH, as npm and the native installer leave it; null: none. */
type Installed = readonly [version: string | null, how?: "npm" | "entry" | "script" | "native"]

function install([version, how = "npm"]: Installed): Record<string, string> {
  const bin = folder("bin")
  if (version === null) return { PATH: bin }
  const modules = join(machine.root, "node_modules/@anthropic-ai")
  const [program, home] = {
    npm: [join(modules, "claude-code-linux-x64/claude"), join(modules, "claude-code-linux-x64")],
    entry: [join(modules, "claude-code/bin/claude.exe"), join(modules, "claude-code")],
    script: [join(modules, "claude-code/cli.js"), join(modules, "claude-code")],
    native: [join(machine.home, ".local/share/claude/versions", version), null],
  }[how] as [string, string | null]
  machine.write(program, "#!/bin/sh\n")
  const name = `@anthropic-ai/${home?.slice(home.lastIndexOf("/") + 1)}`
  if (home !== null) machine.write(join(home, "package.json"), JSON.stringify({ name, version }))
  symlinkSync(program, join(bin, "claude"))
  return { PATH: `/nowhere:relative:${bin}` }
}

async function resume(installed: Installed, named = id) {
  const env = install(installed)
  const { json, code } = await machine.run(["resume", named, "--json"], { env })
  rmSync(join(machine.root, "bin"), { recursive: true, force: true })
  expect(code).toBe(0)
  return json.resumes[0]
}

const old: Installed = ["2.1.222"]
const any: Installed = ["2.1.223"]
const none: Installed = [null]

describe("a folder that is there is where the conversation is found, by every client", () => {
  test.each([old, any, none])("%j", async (...installed) => {
    const cwd = folder("work/one")
    machine.transcript(id, { cwd })
    expect(await resume(installed as unknown as Installed)).toMatchObject({
      ...{
        command: `cd '${cwd}' && claude --resume ${id}`,
        start: cwd,
        note: null,
        nearest: null,
        rehome: null,
      },
    })
  })
})

describe("a folder that is gone", () => {
  const gone = () => {
    const cwd = folder("work/one/deep/er")
    machine.transcript(id, { cwd })
    rmSync(dirname(cwd), { recursive: true })
    return { cwd, near: dirname(dirname(cwd)) }
  }

  test("is made anew for a client that looks nowhere else, and where the client is not known", async () => {
    const { cwd, near } = gone()
    for (const installed of [old, none]) {
      expect(await resume(installed)).toMatchObject({
        command: `mkdir -p '${cwd}' && cd '${cwd}' && claude --resume ${id}`,
        ...{ start: null, reason: null, nearest: near, rehome: null },
        note: expect.stringContaining(`its folder no longer exists: ${cwd}; the command creates it again`),
      })
    }
  })

  test.each(["npm", "entry", "native", "script"] as const)(
    "is not needed from 2.1.223 on (%s)",
    async (how) => {
      const { cwd, near } = gone()
      expect(await resume(["2.1.223", how])).toMatchObject({
        ...{ command: `cd '${near}' && claude --resume ${id}`, start: near, nearest: near },
        note: `its folder no longer exists: ${cwd}; the client here (2.1.223) finds it from any folder, and goes on in ${near}`,
      })
    },
  )

  test("versions are compared by their numbers", async () => {
    const { near } = gone()
    expect((await resume(["2.1.1000"])).start).toBe(near)
    rmSync(join(machine.root, "node_modules"), { recursive: true })
    expect((await resume(["2.1.99"])).start).toBe(null)
    rmSync(join(machine.root, "node_modules"), { recursive: true })
    expect((await resume(["3.0.0"])).start).toBe(near)
  })

  test("is not made where a file or a link to nowhere is in its way, or a link above it", async () => {
    const cwd = folder("work/one")
    machine.transcript(id, { cwd })
    for (const block of [
      () => symlinkSync("/nowhere", cwd),
      () => machine.write(cwd, "a file"),
      () => {
        renameSync(dirname(cwd), join(machine.root, "moved"))
        symlinkSync(join(machine.root, "moved"), dirname(cwd))
      },
    ]) {
      rmSync(cwd, { recursive: true, force: true })
      block()
      const line = await resume(old)
      expect(line).toMatchObject({ command: null, start: null })
      expect(line.reason).toContain("the client here (2.1.222) does not find it from another folder")
      expect(line.rehome).toBe(`session-rescue resume ${id.slice(0, 8)} --folder FOLDER`)
      rmSync(join(machine.root, "node_modules"), { recursive: true })
      expect((await resume(any)).command).toEndWith(` && claude --resume ${id}`)
      rmSync(join(machine.root, "node_modules"), { recursive: true })
    }
  })
})

test("behind a link the client is in another folder than the one it was filed under", async () => {
  const cwd = folder("work/one")
  machine.transcript(id, { cwd })
  const moved = join(machine.root, "moved to")
  renameSync(cwd, moved)
  symlinkSync(moved, cwd)
  const line = await resume(old)
  expect([line.command, line.rehome]).toEqual([
    null,
    `session-rescue resume ${id.slice(0, 8)} --folder '${moved}'`,
  ])
  expect(line.reason).toContain(`its folder ${cwd} is now reached through a link, at ${moved}`)
  expect((await resume(none)).rehome).toBe(line.rehome)
  rmSync(join(machine.root, "node_modules"), { recursive: true })
  expect(await resume(any)).toMatchObject({ command: `cd '${cwd}' && claude --resume ${id}`, start: cwd })
})

describe("filed under a folder other than its records name", () => {
  const moved = () => {
    const [recorded, cwd] = [folder("src/app"), folder("code/app")]
    machine.transcript(id, { cwd, text: conversation({ id, cwd: recorded, at: new Date() }) })
    return { recorded, cwd }
  }
  const knowers: [string, (cwd: string) => void][] = [
    ["a neighbour", (cwd) => void machine.transcript(sessionId(2), { cwd })],
    ["history.jsonl", (cwd) => history(cwd)],
    [".claude.json", (cwd) => config(cwd)],
    ["nobody, but it is there", () => {}],
  ]
  const history = (cwd: string) =>
    machine.write(
      join(machine.claude, "history.jsonl"),
      `${JSON.stringify({ display: "x", project: cwd })}\n`,
    )
  const config = (cwd: string) =>
    machine.write(join(machine.home, ".claude.json"), JSON.stringify({ projects: { "/x": {}, [cwd]: {} } }))

  test.each(knowers)("%s tells which one it is", async (_, tell) => {
    const { recorded, cwd } = moved()
    tell(cwd)
    for (const installed of [old, none]) {
      expect(await resume(installed)).toMatchObject({
        ...{ command: `cd '${cwd}' && claude --resume ${id}`, cwd, start: cwd },
        note: `it is filed under ${cwd}; its records name ${recorded}`,
      })
    }
  })

  test.each(knowers.slice(0, 3))("%s tells which it was, though it is gone", async (_, tell) => {
    const { cwd } = moved()
    tell(cwd)
    rmSync(cwd, { recursive: true })
    expect((await resume(old)).command).toBe(`mkdir -p '${cwd}' && cd '${cwd}' && claude --resume ${id}`)
    rmSync(dirname(cwd), { recursive: true }) // and so is the folder above
    expect((await resume(none)).cwd).toBe(cwd)
  })

  test("what is there goes before what is gone, whoever names it; other folders' names do not count", async () => {
    const { cwd } = moved()
    const collides = `${dirname(cwd)}-app` // the same name, another folder
    machine.transcript(sessionId(2), { cwd: collides })
    config("/elsewhere/app")
    expect((await resume(old)).cwd).toBe(cwd)
    const { stdout } = await machine.run(["status", "--explain"])
    expect(stdout).toContain(
      `filed under ${cwd}: it is the only folder there with a matching name; its records name`,
    )
  })

  test("that nobody knows: found from anywhere by a new client, by an old one only under a folder of one's own", async () => {
    const { recorded, cwd } = moved()
    rmSync(cwd, { recursive: true })
    expect(await resume(any)).toMatchObject({ command: `cd '${recorded}' && claude --resume ${id}` })
    rmSync(join(machine.root, "node_modules"), { recursive: true })
    expect(await resume(old)).toMatchObject({
      command: null,
      reason: expect.stringContaining(`filed under a folder other than ${recorded}`),
      rehome: `session-rescue resume ${id.slice(0, 8)} --folder '${recorded}'`,
    })
  })
})

describe("records of Windows", () => {
  const windows = "C:\\Users\\anna\\shop"
  beforeEach(() => machine.transcript(id, { cwd: windows }))

  test("name their folder; a client from 2.1.223 on finds it from the home", async () => {
    expect(await resume(any)).toMatchObject({
      ...{ command: `cd '${machine.home}' && claude --resume ${id}`, cwd: windows },
      note: expect.stringContaining(`its records name ${windows}, a Windows folder`),
    })
    const { stdout } = await machine.run(["status", "--all"])
    expect(stdout).toMatch(/please mend the login page · C:.*shop/)
  })

  test("an older one finds it under no folder here: it is filed under one", async () => {
    const line = await resume(old)
    expect([line.command, line.rehome]).toEqual([
      null,
      `session-rescue resume ${id.slice(0, 8)} --folder FOLDER`,
    ])
    const { stdout } = await machine.run(["resume", id], { env: { PATH: "/nowhere" } })
    expect(stdout).toContain(
      `  ${line.rehome}\nNext: paste that command, replacing FOLDER with a folder of your own`,
    )
  })
})

describe("one id in two places", () => {
  test("is found only from the folders it lies under: from its own, made anew where it is gone", async () => {
    const [cwd, other] = [folder("work/one"), folder("work/two")]
    const path = machine.transcript(id, { cwd })
    machine.transcript(id, { cwd: other })
    expect((await resume(any, path)).command).toBe(`cd '${cwd}' && claude --resume ${id}`)
    rmSync(cwd, { recursive: true })
    const line = await resume(any, path)
    expect(line.command).toBe(`mkdir -p '${cwd}' && cd '${cwd}' && claude --resume ${id}`)
    expect(line.note).toContain("as its id is in two places, a client finds the conversation only from there")
  })
})
