import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)

async function sessions(env: Record<string, string> = {}) {
  const { json, code } = await machine.run(["status", "--json", "--all"], { env })
  expect([code, json.warnings]).toEqual([0, []])
  return json.sessions
}

/** A transcript in another client home. */
function elsewhere(home: string, number: number): string {
  const talk = { id: sessionId(number), cwd: "/work/two", at: new Date() }
  return machine.write(join(home, "projects/-work-two", `${talk.id}.jsonl`), conversation(talk))
}

test("no client home at all is no error", async () => {
  rmSync(machine.claude, { recursive: true })
  const { code, stdout, stderr } = await machine.run([])
  expect([code, stderr]).toEqual([0, ""])
  expect(stdout).toContain("no client is running")
  expect(stdout).toContain("nothing to save here")
  expect((await machine.run(["export"])).code).toBe(0)
  expect((await machine.run(["resume"])).code).toBe(0)
})

test("a home that is a file, or a link to nowhere, is as good as none", async () => {
  rmSync(machine.claude, { recursive: true })
  machine.write(machine.claude, "not a folder")
  expect(await sessions()).toEqual([])
  rmSync(machine.claude)
  symlinkSync("/nowhere", machine.claude)
  expect(await sessions()).toEqual([])
})

test("a home that is a link is followed, and its sessions are named by the link", async () => {
  const path = machine.transcript(id)
  renameSync(machine.claude, join(machine.root, "dotfiles"))
  symlinkSync(join(machine.root, "dotfiles"), machine.claude)
  expect(await sessions()).toMatchObject([{ id, transcript: path, home: machine.claude }])
})

test("a projects folder on another disk is followed", async () => {
  const path = machine.transcript(id)
  renameSync(join(machine.claude, "projects"), join(machine.root, "disk"))
  symlinkSync(join(machine.root, "disk"), join(machine.claude, "projects"))
  expect(await sessions()).toMatchObject([{ id, transcript: path, title: "please mend the login page" }])
  expect((await machine.run(["export", id])).code).toBe(0)
})

test("a project's folder that is a link is followed, unless it leads to one that is listed anyway", async () => {
  machine.transcript(id)
  const away = elsewhere(join(machine.root, "away"), 2)
  symlinkSync(join(away, ".."), join(machine.claude, "projects/-work-two"))
  symlinkSync("-work-one", join(machine.claude, "projects/-work-also-one"))
  symlinkSync("-work-two", join(machine.claude, "projects/-work-also-two"))
  const found = await sessions()
  expect(found.map((each: { id: string }) => each.id).toSorted()).toEqual([id, sessionId(2)])
})

test("CLAUDE_CONFIG_DIR is looked into, and ~/.claude as well", async () => {
  machine.transcript(id)
  const home = join(machine.root, "work-home")
  elsewhere(home, 2)
  const found = await sessions({ CLAUDE_CONFIG_DIR: `${home}/` })
  expect(found.map((each: { home: string }) => each.home).toSorted()).toEqual(
    [machine.claude, home].toSorted(),
  )
})

test("the homes of the config file are looked into, each once", async () => {
  const home = join(machine.root, "second")
  elsewhere(home, 2)
  symlinkSync(home, join(machine.root, "second-again"))
  const config = `homes = ["${home}", "${home}-again", "${home}/", "${machine.root}/missing"]`
  machine.write(join(machine.home, ".config/session-rescue/config.toml"), config)
  expect(await sessions()).toMatchObject([{ id: sessionId(2), home }])
})

test("the home of a live client is looked into, whatever our own is", async () => {
  const home = join(machine.root, "its-home")
  const old = elsewhere(home, 3)
  utimesSync(old, new Date(0), new Date(Date.now() - 86_400_000))
  const client = await machine.client({ env: { CLAUDE_CONFIG_DIR: home } })
  const entry = {
    pid: client.pid,
    procStart: client.procStart,
    sessionId: id,
    status: "idle",
    cwd: "/work/two",
  }
  machine.write(join(home, "sessions", `${client.pid}.json`), JSON.stringify(entry))
  expect(await sessions()).toMatchObject([
    { id, pid: client.pid, state: "ACTIVE", home },
    { id: sessionId(3), state: "ORPHANED", detail: "closed", home },
  ])
})

test.each([
  ["named from its folder", ".claude-work", ".claude-work"],
  ["in the folder above", "../up", "up"],
  ["empty, which is its folder", "", "proj"],
])("the home of a client whose CLAUDE_CONFIG_DIR is relative: %s", async (_, named, place) => {
  const cwd = join(machine.root, "proj")
  const home = named.startsWith(".c") ? join(cwd, place) : join(machine.root, place)
  const path = elsewhere(home, 2)
  const env = { CLAUDE_CONFIG_DIR: named }
  const client = shellClient(machine, idle, { cwd, env, args: ["--resume", sessionId(2)] })
  expect(await sessions()).toMatchObject([{ id: sessionId(2), pid: client.pid, home, transcript: path }])
  await client.end()
  if (named === "") return // of our own that is no home, but a slip
  const { json } = await machine.run(["status", "--json", "--all"], { cwd, env })
  expect(json.sessions).toMatchObject([{ id: sessionId(2), home }])
})

test("a client that works in our home through a link is found there, once", async () => {
  symlinkSync(machine.claude, join(machine.root, "link"))
  const client = await machine.client({ env: { CLAUDE_CONFIG_DIR: join(machine.root, "link/") } })
  machine.registry(client, id)
  machine.transcript(id)
  expect(await sessions()).toMatchObject([{ id, pid: client.pid, home: machine.claude }])
})

test("a client whose environment says nothing of its home is found by the registry that names it", async () => {
  const client = await machine.client({ env: { HOME: "/nonexistent" } })
  machine.registry(client, id)
  const path = machine.transcript(id)
  expect(await sessions()).toMatchObject([{ id, pid: client.pid, home: machine.claude, transcript: path }])
})

test("links inside a session are listed, not followed, and status, resume and export say so", async () => {
  const target = machine.write(join(machine.root, "secret.jsonl"), "secret\n")
  const path = machine.transcriptPath(id, "/work/one")
  mkdirSync(join(path, ".."), { recursive: true })
  symlinkSync(target, path)
  const explained = await machine.run(["status", "--explain"])
  expect(explained.stdout).toContain(`a link to ${target}, not followed`)
  expect(explained.stdout).not.toContain("secret\n")
  expect((await sessions())[0]).toMatchObject({ id, title: null, sizeBytes: 0, footprintFiles: 1 })
  const [resumed] = (await machine.run(["resume", "--json"])).json.resumes
  expect(resumed).toMatchObject({ command: null, reason: expect.stringContaining("is a link") })
  const { code, json } = await machine.run(["export", id, "--json"])
  expect(code).toBe(1)
  expect(json.failures[0]).toMatchObject({ id, code: "SOURCE_IS_LINK" })
})

test("a link in a session's own folder counts no bytes of what it leads to", async () => {
  const path = machine.transcript(id)
  const folder = path.replace(/\.jsonl$/, "")
  mkdirSync(join(folder, "tool-results"), { recursive: true })
  symlinkSync("/bin/bash", join(folder, "tool-results/bash.txt"))
  symlinkSync("/", join(folder, "root"))
  const [found] = await sessions()
  expect(found.footprintFiles).toBe(3)
  expect(found.sizeBytes).toBeLessThan(2_000)
})
