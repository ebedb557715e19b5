/** Every example of docs/plugins.md, taken from the page and run by the binary on a machine without Node or Bun. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { day } from "../../src/domain/duration.ts"
import { sdkTypes } from "../../src/operations/plugin-dev/sdk-types.generated.ts"
import { timeLimits } from "../../src/plugin-host/protocol/messages.ts"
import { PluginMachine } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

const pageOf = (name: string) => readFileSync(join(import.meta.dir, "../../docs", name), "utf8")
const guide = pageOf("plugins.md")
const reference = pageOf("plugins-reference.md")
const examples = [...guide.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].map(([, path = "", code = ""]) => ({
  path,
  code,
}))

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
  for (const { path, code } of examples) machine.add(path.split("/")[1] ?? "", path.split("/")[2] ?? "", code)
})
afterEach(() => machine.dispose())

test("the page has its examples, and this PATH has no runtime", () => {
  expect(examples.map(({ path }) => path)).toEqual([
    "plugins/post-process/notify.ts",
    "plugins/detect/scribe.ts",
    "plugins/classify/long-gone.ts",
    "plugins/act/keep.ts",
    "plugins/post-process/second-place.ts",
    "plugins/archive/one-frame.ts",
    "plugins/store/ssh-host.ts",
    "plugins/sink/line-file.ts",
  ])
  for (const runtime of ["node", "bun", "deno"])
    expect(Bun.which(runtime, machine.bareTools as never)).toBeNull()
})

test("notify tells the program of the config file", async () => {
  const told = join(machine.root, "told")
  const teller = machine.write(join(machine.root, "teller"), `#!/bin/sh\nprintf '%s\\n' "$@" > '${told}'\n`)
  chmodSync(teller, 0o755)
  machine.configure(`[plugins.notify]\nprogram = ["${teller}", "session-rescue"]\n`)
  const { json, code } = await machine.ask(["plugin", "check", "notify", "--json"])
  expect([code, json.checks[0].ok, json.warnings]).toEqual([0, true, []])
  expect(readFileSync(told, "utf8")).toMatch(/^session-rescue\nSaved: .+\n$/)
})

test("after a real export both of them have run, once", async () => {
  const told = join(machine.root, "told")
  const folder = join(machine.root, "backup")
  machine.configure(
    `[plugins.notify]\nprogram = ["tee", "-a", "${told}"]\n[plugins.second-place]\nfolder = "${folder}"\n`,
  )
  machine.transcript(machine.id, {})
  const { json, code } = await machine.ask(["export", machine.id, "--json"])
  expect([code, json.warnings, json.exports[0].status]).toEqual([0, [], "verified"])
  const [copy = "", ...more] = [...new Bun.Glob("*/0-*.jsonl").scanSync(folder)]
  expect([more, readFileSync(join(folder, copy))]).toEqual([[], readFileSync(json.exports[0].path)])
  expect((await machine.ask(["queue"])).stdout).toMatch(/notify done[\s\S]*second-place done/)
})

test("notify without a program, and with one that fails, says so", async () => {
  const { json, code } = await machine.ask(["plugin", "check", "notify", "--json"])
  expect([code, json.checks[0].why]).toEqual([1, 'set program = ["notify-send"] under [plugins.notify]'])
  machine.configure('[plugins.notify]\nprogram = ["sh", "-c", "echo no >&2; exit 3"]\n')
  const again = await machine.ask(["plugin", "check", "notify", "--json"])
  expect(again.json.checks[0].why).toBe("sh answered 3: no\n")
})

test("second-place copies every file, byte for byte", async () => {
  const folder = join(machine.root, "backup")
  machine.configure(`[plugins.second-place]\nfolder = "${folder}"\ntimeout = "5m"\n`)
  const { json, code } = await machine.ask(["plugin", "check", "second-place", "--json"])
  expect([code, json.warnings]).toEqual([0, []])
  const { copied, to } = JSON.parse(json.checks[0].did.replace("answered ", ""))
  expect(copied).toBe(2)
  const [transcript, manifest] = [...new Bun.Glob("*").scanSync(to)]
    .toSorted()
    .map((name) => readFileSync(join(to, name)))
  const { files } = JSON.parse(String(manifest))
  expect(new Bun.CryptoHasher("sha256").update(transcript ?? "").digest("hex")).toBe(files[0].sha256)
})

test("scribe's sessions are listed and exported like all others", async () => {
  machine.configure("[plugins.notify]\nenabled = false\n[plugins.second-place]\nenabled = false\n")
  const id = sessionId(9)
  const talk = `${JSON.stringify({ title: "the week's plan" })}\n`
  mkdirSync(join(machine.home, ".scribe/talks"), { recursive: true })
  machine.write(join(machine.home, `.scribe/talks/${id}.jsonl`), talk)
  const status = await machine.ask(["status", "--json"])
  expect(status.json.warnings).toEqual([])
  expect(status.json.sessions).toMatchObject([
    { id, agent: "scribe", state: "ORPHANED", title: "the week's plan" },
  ])
  const { json, code } = await machine.ask(["export", id, "--json"])
  expect([code, json.warnings, json.exports[0].status]).toEqual([0, [], "verified"])
  expect(readFileSync(json.exports[0].path, "utf8")).toBe(talk)
})

test("scribe's sessions have a live state, in less than 60 lines", async () => {
  const scribe = examples.find(({ path }) => path.endsWith("scribe.ts"))
  expect(scribe?.code.trimEnd().split("\n").length).toBeLessThan(60)
  const [works, waits, ended] = [sessionId(1), sessionId(2), sessionId(3)]
  const at = new Date().toISOString()
  const talk = (role: string) =>
    `${[{ title: "a talk" }, { role, at }].map((each) => JSON.stringify(each)).join("\n")}\n`
  const program = machine.copy("/bin/bash", join(machine.root, "bin-of-scribe/scribe"))
  const client = machine.write(
    join(machine.root, "client.sh"),
    'exec 9>>"$1"; : >"$2"; while read -r line; do :; done',
  )
  for (const [id, role] of [
    [works, "person"],
    [waits, "scribe"],
    [ended, "person"],
  ] as const) {
    const path = machine.write(join(machine.home, `.scribe/talks/${id}.jsonl`), talk(role))
    if (id === ended) continue
    machine.start([program, client, path, `${path}.ready`])
    await until("scribe to have its talk open", () => Bun.file(`${path}.ready`).exists())
  }
  const { json } = await machine.ask(["status", "--all", "--json"])
  const states = json.sessions.map(({ id, state, detail }: Record<string, string>) => [id, state, detail])
  expect(states.toSorted()).toEqual([
    [works, "ACTIVE", "working"],
    [waits, "ACTIVE", "waiting for you"],
    [ended, "ORPHANED", "ended mid-turn"],
  ])
})

test("an id that is no UUID works in every command", async () => {
  machine.configure("[plugins.notify]\nenabled = false\n[plugins.second-place]\nenabled = false\n")
  const [id, other] = ["ses_4f8aBcD01234567890AbCdEfGh", "ses_4f8aBcD99934567890AbCdEfGh"]
  const talk = `${JSON.stringify({ title: "the week's plan" })}\n`
  const folder = join(machine.home, ".scribe/talks")
  mkdirSync(folder, { recursive: true })
  for (const each of [id, other]) machine.write(join(folder, `${each}.jsonl`), talk)
  const run = async (...args: string[]) => {
    const { json, code, stderr } = await machine.ask([...args, "--json"])
    expect([args, code, stderr]).toEqual([args, 0, ""])
    return json
  }
  expect((await run("export", "ses_4f8aBcD01")).exports.map((each: { id: string }) => each.id)).toEqual([id])
  expect((await run("export", other)).exports[0].status).toBe("verified")
  expect((await run("export", other)).exports[0].status).toBe("unchanged")
  expect((await machine.ask(["export", "ses_4f8aBcD"])).code).not.toBe(0) // the beginning of two
  expect((await run("list", "ses_4f8aBcD01")).exports.map((each: { id: string }) => each.id)).toEqual([id])
  expect((await run("verify", "ses_4f8aBcD99")).exports).toMatchObject([{ id: other }])
  await run("cx", id)
  expect((await run("verify", "SES_4f8abcd01")).exports).toMatchObject([{ id, place: "archived" }])
})

test("long-gone decides about what is old enough", async () => {
  machine.transcript(machine.id, { age: 5 * day })
  const seen = async () => (await machine.ask(["status", "--all", "--json"])).json.sessions[0]
  expect((await seen()).detail).toBe("closed")
  machine.configure("[plugins.long-gone]\ndays = 4\n")
  expect(await seen()).toMatchObject({ state: "ORPHANED", detail: "long gone" })
})

test("keep saves what was cut off, and nothing else", async () => {
  machine.transcript(machine.id, { open: true })
  machine.transcript(sessionId(2), {})
  machine.write(
    machine.transcriptPath(machine.id, "/work/one").replace(".jsonl", "/subagents/agent-1.jsonl"),
    "{}\n",
  )
  const { json, code } = await machine.ask(["act", "keep", machine.id, sessionId(2), "--json"])
  expect([code, json.failures, json.warnings]).toEqual([0, [], []])
  const answers = new Map(json.results.map(({ id, result }: { id: string; result: object }) => [id, result]))
  expect(answers.get(machine.id)).toMatchObject({ status: "verified", files: 2 })
  expect(answers.get(sessionId(2))).toEqual({ skipped: "nothing was cut off" })
})

test("one-frame archives an export and gives it back", async () => {
  machine.configure(
    'archiver = "one-frame"\n[plugins.notify]\nenabled = false\n[plugins.second-place]\nenabled = false\n',
  )
  const transcript = machine.transcript(machine.id, {})
  machine.write(transcript.replace(".jsonl", "/tool-results/empty.txt"), "")
  await machine.ask(["export", machine.id])
  expect(await machine.ask(["cx"])).toMatchObject({ code: 0, stderr: "" })
  const [archived] = (await machine.ask(["list", "--json"])).json.exports
  expect(archived).toMatchObject({ id: machine.id, state: "archived", files: 2 })
  const out = join(machine.root, "out")
  expect((await machine.ask(["restore", machine.id, "--to", out])).code).toBe(0)
  const [back = ""] = [...new Bun.Glob("**/*.jsonl").scanSync(out)]
  expect(readFileSync(join(out, back))).toEqual(readFileSync(transcript))
})

test("the types are right: the examples are accepted, and what is wrong in them is not", () => {
  const folder = join(machine.root, "types")
  for (const { path, code } of examples) machine.write(join(folder, path), code)
  machine.write(join(folder, "plugins/session-rescue.d.ts"), sdkTypes)
  machine.write(
    join(folder, "plugins/wrong.ts"),
    `
import { definePlugin, type Pid, parsePid, type SessionId, type Verdict } from "session-rescue"
const fine = definePlugin({ name: "a", stage: "classify", classify: async (session) => (session.id === null ? null : null) })
const name: "a" = fine.name
// @ts-expect-error no such stage
definePlugin({ name: "a", stage: "night", run: async () => 1 })
// @ts-expect-error no such state
definePlugin({ name: "a", stage: "classify", classify: async () => ({ state: "FINE", detail: "", evidence: [], flags: [] }) })
// @ts-expect-error it must say when
definePlugin({ name: "a", stage: "post-process", run: async () => 1 })
// @ts-expect-error there is no kill
definePlugin({ name: "a", stage: "act", act: async (session, ctx) => ctx.kill(session) })
// @ts-expect-error looking does not write
definePlugin({ name: "a", stage: "classify", classify: async (_, ctx) => { ctx.files.write("/x"); return null } })
// @ts-expect-error an option of no known kind
definePlugin({ name: "a", stage: "act", options: { when: "date" }, act: async () => 1 })
// @ts-expect-error any text is no id
const id: SessionId = "5a3b1e00-0000-4000-8000-000000000001"
// @ts-expect-error nor any number a pid
const pid: Pid = 5
// @ts-expect-error it may be none
const parsed: Pid = parsePid(5)
// @ts-expect-error flags are known ones
const verdict: Verdict = { state: "HUNG", detail: "", evidence: [], flags: ["odd"] }
export { id, name, parsed, pid, verdict }
`,
  )
  const settings = {
    compilerOptions: {
      target: "ESNext",
      module: "Preserve",
      moduleResolution: "bundler",
      lib: ["ESNext", "DOM"],
      types: [],
      strict: true,
      noEmit: true,
      paths: { "session-rescue": ["./session-rescue.d.ts"] },
    },
  }
  machine.write(join(folder, "plugins/tsconfig.json"), JSON.stringify(settings))
  const tsc = Bun.spawnSync([process.execPath, "x", "--no-install", "tsc", "-p", join(folder, "plugins")], {
    cwd: join(import.meta.dir, "../.."),
  })
  expect([tsc.exitCode, tsc.stdout.toString()]).toEqual([0, ""])
})

test("the reference states the time limits as they are", () => {
  const said = { detect: "5 s", classify: "5 s", act: "1 min", "post-process": "1 min", archive: "1 h" }
  const milliseconds = { "5 s": 5_000, "1 min": 60_000, "1 h": 3_600_000 } as Record<string, number>
  for (const [stage, limit] of Object.entries(said)) {
    expect(reference).toMatch(new RegExp(`^\\| \`${stage}\` \\|.*\\| ${limit} \\|$`, "m"))
    expect(timeLimits[stage as keyof typeof timeLimits]).toBe(milliseconds[limit] ?? Number.NaN)
  }
})

test("the reference names everything that a plugin may import or implement", () => {
  const sdk = readFileSync(join(import.meta.dir, "../../src/sdk/index.ts"), "utf8")
  const lists = [...sdk.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = ""]) =>
    names.split(","),
  )
  const names = lists.map((each) => each.trim().replace(/^type /, "")).filter((each) => each !== "")
  const members = ["context.ts", "contracts.ts"].flatMap((file) => {
    const text = readFileSync(join(import.meta.dir, "../../src/sdk", file), "utf8")
    return [...text.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, name = ""]) => name)
  })
  expect([names.length > 60, members.length > 40]).toEqual([true, true])
  const missing = (all: readonly string[]) =>
    all.filter((each) => !new RegExp(`\\b${each}\\b`).test(reference))
  expect([missing(names), missing(members)]).toEqual([[], []])
})

test("the store keeps what it is given, and says when it is not there now", async () => {
  const folder = join(machine.root, "remote")
  const team = (command: string) =>
    `[team]\nowner = "me"\nprojects = ["/work"]\n[team.store]\nplugin = "ssh-host"\ncommand = [${command}]\nfolder = "${folder}"\n`
  machine.configure(team('"sh"'))
  const tools = { env: { PATH: process.env.PATH ?? "" } }
  const { json, code } = await machine.run(["plugin", "check", "ssh-host", "--json"], tools)
  expect([code, json.checks[0].ok, json.checks[0].why ?? null]).toEqual([0, true, null])
  machine.transcript(machine.id, {})
  await machine.run(["export", machine.id], tools)
  await machine.run(["cx"], tools)
  const pushed = await machine.run(["push", "--yes", "--json"], tools)
  expect([pushed.code, pushed.json.exports[0].status]).toEqual([0, "pushed"])
  expect((await machine.run(["verify", "--remote", "--json"], tools)).json.remote[0].state).toBe("whole")
  machine.configure(team('"sh", "-c", "exit 255"'))
  const later = await machine.run(["push", "--yes", "--json"], tools)
  expect([later.code, later.json.stopped.code]).toEqual([1, "STORE_UNAVAILABLE"])
})

test("the sink takes parts once, finds them, and forgets", async () => {
  const folder = join(machine.root, "remote")
  machine.write(join(folder, ".session-rescue-store"), "")
  machine.configure(
    `[team]\nowner = "me"\nprojects = ["/work"]\n[team.store]\nfolder = "${folder}"\n[team.sink]\nplugin = "line-file"\nfile = "${folder}/parts.jsonl"\n`,
  )
  const tools = { env: { PATH: process.env.PATH ?? "" } }
  const { json, code } = await machine.run(["plugin", "check", "line-file", "--json"], tools)
  expect([code, json.checks[0].ok, json.checks[0].why ?? null]).toEqual([0, true, null])
  machine.transcript(machine.id, {})
  await machine.run(["push", "--yes"], tools)
  const sent = await machine.run(["cx", "--live", "--team", "--json"], tools)
  expect([sent.code, sent.json.team.stopped, sent.json.team.sent > 0]).toEqual([0, null, true])
  const found = await machine.run(["cxq", "--team", "login page", "--json"], tools)
  expect([found.code, found.json.hits[0].owner, found.json.hits[0].session]).toEqual([0, "me", machine.id])
})
