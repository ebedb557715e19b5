import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { binary, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const logFile = () => join(machine.data, "hook.log")
const log = () => (existsSync(logFile()) ? readFileSync(logFile(), "utf8") : "")
const lines = (count: number) =>
  until(`${count} lines in the log`, () => log().split("\n").length > count && log(), { show: log })
const pending = () => join(machine.data, "sessions-export-pending-anthropic")
const saved = () =>
  existsSync(pending())
    ? readdirSync(pending())
        .filter((name) => name.endsWith(".jsonl"))
        .toSorted()
    : []
const newest = () => readFileSync(join(pending(), saved().at(-1) ?? ""), "utf8")

/** As the client calls it: through a shell, with its JSON on standard input. */
function call(event: string, input: unknown, env: Record<string, string> = {}) {
  const done = Bun.spawnSync(["sh", "-c", `'${binary}' hook ${event}`], {
    env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data, ...env },
    cwd: machine.root,
    stdin: Buffer.from(typeof input === "string" ? input : JSON.stringify(input)),
  })
  return { code: done.exitCode, said: done.stdout.toString() + done.stderr.toString() }
}
const silent = { code: 0, said: "" }
const about = (transcript: string, more = {}) => ({
  session_id: id,
  transcript_path: transcript,
  cwd: "/work/one",
  ...more,
})

describe("a hook", () => {
  test("saves the session it is told of, and says so in its log alone", async () => {
    const transcript = machine.transcript(id)
    expect(call("PreCompact", about(transcript, { trigger: "auto" }))).toEqual(silent)
    expect(await lines(1)).toMatch(
      /Z PreCompact \(auto\) a0000001-\S+ verified · .*-LOSSLESS-session\.jsonl · \d+ ms\n$/,
    )
    expect(newest()).toBe(readFileSync(transcript, "utf8"))
    expect(statSync(logFile()).mode & 0o777).toBe(0o600)
  })

  test("waits for no plugin that looks for other agents' sessions", async () => {
    const hangs =
      'export default { name: "h", stage: "detect", agent: "h", detect: () => new Promise(() => {}), examine() {} }'
    machine.write(join(machine.home, ".config/session-rescue/plugins/detect/h.ts"), hangs)
    for (const folder of [machine.root, machine.home, join(machine.home, ".config")]) chmodSync(folder, 0o755)
    expect(call("PreCompact", about(machine.transcript(id)))).toEqual(silent)
    await lines(1)
    const { stderr } = await machine.run(["status"])
    expect(stderr).toContain("the detect plugin h was left out") // it is one that would be waited for
    expect(log()).not.toContain(" note: ")
  })

  test("puts the new copy in the place of the older one that it contains", async () => {
    const transcript = machine.transcript(id)
    for (const turn of [1, 2]) {
      call("PreCompact", about(transcript))
      await lines(turn)
      appendFileSync(transcript, `{"type":"system","sessionId":"${id}","turn":${turn}}\n`)
    }
    expect(log()).toContain("replaces 1 older")
    expect(saved()).toHaveLength(1)
    expect(readdirSync(pending())).toHaveLength(2)
  })

  test("leaves an older copy that holds what the new one does not", async () => {
    const transcript = machine.transcript(id)
    call("PreCompact", about(transcript))
    await lines(1)
    const first = newest()
    writeFileSync(transcript, first.replace("mended", "broken"))
    call("PreCompact", about(transcript))
    await lines(2)
    expect(saved()).toHaveLength(2)
    expect(readFileSync(join(pending(), saved()[0] ?? ""), "utf8")).toBe(first)
  })

  test("at a session's end comes back while the client still runs, and saves what that writes at last", async () => {
    const transcript = machine.transcript(id)
    const client = await machine.client({ cwd: "/work/one" })
    machine.registry(client, id)
    expect(call("SessionEnd", about(transcript, { reason: "prompt_input_exit" }))).toEqual(silent)
    await until("the first copy", () => saved()[0])
    expect(log()).toBe("") // it goes on, waiting for the client
    appendFileSync(transcript, `{"type":"last-prompt","sessionId":"${id}"}\n`)
    await client.end("SIGTERM")
    expect(await lines(1)).toContain("SessionEnd (prompt_input_exit)")
    expect(saved()).toHaveLength(1)
    expect(newest()).toEndWith(`{"type":"last-prompt","sessionId":"${id}"}\n`)
  })

  test("goes on in a session of its own, without a terminal and with no output", async () => {
    const transcript = machine.transcript(id)
    const client = await machine.client({ cwd: "/work/one" })
    machine.registry(client, id)
    call("SessionEnd", about(transcript))
    const background = await until("the process that goes on", () => runningHook())
    const stat = readFileSync(`/proc/${background}/stat`, "latin1").split(") ")[1]?.split(" ") ?? []
    expect([stat[3], stat[4]]).toEqual([String(background), "0"])
    for (const fd of [1, 2]) expect(readlinkSync(`/proc/${background}/fd/${fd}`)).toBe("/dev/null")
    await client.end()
    await lines(1)
  })

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no session", '{"session_id": 7, "transcript_path": "relative"}'],
    ["a flood", "x".repeat(2 << 20)],
  ])("that is told %s is silent, and succeeds", async (_, input) => {
    expect(call("PreCompact", input)).toEqual(silent)
    expect(await lines(1)).toContain("failed: the client's input names no session")
  })

  test("of a session that is not there, or without anything on disk, is silent", async () => {
    expect(call("SessionEnd", about("/nowhere/x.jsonl"))).toEqual(silent)
    expect(await lines(1)).toContain("failed: SESSION_NOT_FOUND")
  })

  test("with a data folder that cannot be written is silent", () => {
    expect(
      call("PreCompact", about(machine.transcript(id)), { SESSION_RESCUE_DATA: "/proc/nowhere" }),
    ).toEqual(silent)
  })

  test("with a damaged config file, an unknown event or unknown words is silent", async () => {
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), "data_dir = [\n")
    const transcript = machine.transcript(id)
    expect(call("PreCompact", about(transcript))).toEqual(silent)
    expect(call("Whatever --new-flag", about(transcript))).toEqual(silent)
    await lines(2)
    expect(saved()).toHaveLength(1)
  })

  test("whose input never ends comes back all the same", async () => {
    const child = Bun.spawn([binary, "hook", "PreCompact"], {
      env: { HOME: machine.home, SESSION_RESCUE_DATA: machine.data },
      stdin: "pipe",
    })
    expect(await child.exited).toBe(0)
    child.stdin.end()
  })

  test("keeps its log small", async () => {
    mkdirSync(machine.data)
    writeFileSync(logFile(), "x".repeat(300 << 10))
    writeFileSync(`${logFile()}.1`, "the one before")
    call("PreCompact", "")
    await until("the log to be put aside", () => !existsSync(logFile()))
    expect(statSync(`${logFile()}.1`).size).toBeGreaterThan(300 << 10)
    call("PreCompact", "")
    expect((await lines(1)).split("\n")).toHaveLength(2)
  })
})

function runningHook(): number | null {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (
        readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("hook\0SessionEnd\0--now\0") &&
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(machine.root)
      )
        return Number(pid)
    } catch {
      // gone meanwhile
    }
  }
  return null
}
