/** The watcher as a service: its files, what the service manager is told, and what is said of one that does not run. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { agentLabel, launchAgent, unitName } from "../../src/operations/setup/service/service-files.ts"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
let program: string
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
  script("systemctl", `echo "$*" >> '${machine.root}/systemctl'; test ! -e '${machine.root}/refuses'`)
  mkdirSync(join(machine.root, "run/systemd"), { recursive: true })
  program = machine.copy(binary, join(machine.home, ".local/bin/session-rescue"))
})
afterEach(() => machine.dispose())

function script(name: string, text: string): void {
  chmodSync(machine.write(join(machine.root, "bin", name), `#!/bin/sh\n${text}\n`), 0o755)
}
const env = () => ({ ...machine.watchEnv, XDG_RUNTIME_DIR: join(machine.root, "run") })
const run = (...args: string[]) => machine.run(args, { binary: program, env: env() })
const unit = () => join(machine.home, ".config/systemd/user", unitName)
const calls = () => {
  const file = join(machine.root, "systemctl")
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : []
}
const doctorSays = async () =>
  (await run("doctor", "--json")).json.findings.filter(({ topic }: { topic: string }) => topic === "watcher")

test("setup writes a unit and starts it, twice does no harm, and --remove stops it first", async () => {
  const first = await run("setup", "--watcher", "--json")
  expect([first.code, first.json.steps]).toMatchObject([0, [{ action: "written", path: unit() }]])
  const started = ["daemon-reload", `enable ${unitName}`, `restart ${unitName}`].map(
    (each) => `--user ${each}`,
  )
  expect(calls()).toEqual(started)
  const text = readFileSync(unit(), "utf8")
  expect(text).toContain(`ExecStart="${program}" "watch" "--data-dir" "${machine.data}"\n`)
  await run("setup", "--watcher")
  expect([readFileSync(unit(), "utf8"), calls()]).toEqual([text, [...started, ...started]]) // it did not run
  expect((await run("setup", "--watcher", "--remove")).code).toBe(0)
  expect(calls().slice(6)).toEqual([`--user disable --now ${unitName}`, "--user daemon-reload"])
  expect(existsSync(unit())).toBe(false)
})

test("a service manager that refuses is a failure, and is quoted", async () => {
  script("systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
  const { code, json } = await run("setup", "--watcher", "--json")
  expect([code, json.steps[0].action, json.steps[0].why]).toEqual([
    1,
    "failed",
    "systemctl --user daemon-reload: Failed to connect to bus",
  ])
})

test("a unit that somebody has changed is kept, by --remove too, and is not stopped", async () => {
  await run("setup", "--watcher")
  writeFileSync(unit(), readFileSync(unit(), "utf8").replace("Nice=10", "Nice=5"))
  await run("setup", "--watcher")
  await run("setup", "--watcher", "--remove")
  expect([calls().length, readFileSync(unit(), "utf8").includes("Nice=5")]).toEqual([3, true])
})

test("systemd accepts the unit without a word, also at paths of odd letters", async () => {
  if (Bun.which("systemd-analyze") === null) return console.error("NOT TESTED HERE: no systemd-analyze")
  for (const place of [program, join(machine.root, 'it\'s 100% "odd" $HOME/ü/session-rescue')]) {
    machine.copy(binary, place)
    const set = { ...env(), CLAUDE_CONFIG_DIR: `${dirname(place)}/claude` }
    expect((await machine.run(["setup", "--watcher"], { binary: place, env: set })).code).toBe(0)
    const done = Bun.spawnSync(["systemd-analyze", "verify", "--user", "--man=no", unit()], {
      env: { PATH: "/usr/bin:/bin", HOME: machine.home, XDG_RUNTIME_DIR: join(machine.root, "run") },
    })
    expect([done.exitCode, done.stderr.toString()]).toEqual([0, ""])
    await run("setup", "--watcher", "--remove")
  }
})

test("a plist parser reads the launch agent as it is meant", () => {
  const odd = "/Users/a & b/<c>/session-rescue"
  const call = { program: odd, args: ["watch", "--data-dir", '/d"q"'], environment: { CODEX_HOME: "/x & y" } }
  const text = launchAgent(call, "/log & more")
  if (Bun.which("python3") === null) return console.error("NOT TESTED HERE: no python3")
  const code = "import plistlib,json,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))"
  const done = Bun.spawnSync(["python3", "-c", code], { stdin: Buffer.from(text) })
  expect(JSON.parse(done.stdout.toString() || done.stderr.toString())).toEqual({
    Label: agentLabel,
    ProgramArguments: [odd, "watch", "--data-dir", '/d"q"'],
    EnvironmentVariables: { CODEX_HOME: "/x & y" },
    ...{ RunAtLoad: true, KeepAlive: true, LowPriorityIO: true },
    ...{ ThrottleInterval: 30, Umask: 0o077, ExitTimeOut: 90 },
    ...{ ProcessType: "Background", StandardErrorPath: "/log & more" },
  })
})

test("where there is no service manager the crontab line is printed, and it saves", async () => {
  const cwd = "/work/p1"
  machine.transcript(sessionId(1), { cwd, text: talkOf(1, [{ tokens: 150_000 }], { cwd }) })
  machine.registry(await machine.client({ cwd: machine.root }), sessionId(1), { cwd })
  const set = machine.watchEnv
  const { code, stdout } = await machine.run(["setup", "--watcher"], { binary: program, env: set })
  const line = /^ *\*\/5 \* \* \* \* (.*)$/m.exec(stdout)?.[1] ?? ""
  expect([code, line]).toEqual([1, `${program} watch --data-dir ${machine.data} --once`])
  expect(stdout).toContain(`@reboot ${program} watch --data-dir ${machine.data}\n`)
  const done = Bun.spawnSync(["sh", "-c", line], { env: { HOME: machine.home, PATH: "/usr/bin:/bin" } })
  expect([done.exitCode, machine.copies.length]).toEqual([0, 1])
  const status = await machine.run(["watch", "--status"], { binary: program, env: set })
  expect([status.code, status.stdout]).toEqual([
    3,
    expect.stringContaining("Next: nothing to do where cron runs watch --once"),
  ])
})

test("status and doctor say that it is set up and does not run, and nothing where it was not set up", async () => {
  expect((await run("status")).stderr).not.toContain("watcher")
  expect(await doctorSays()).toMatchObject([{ level: "ok" }])
  await run("setup", "--watcher")
  const words = "the watcher is set up and not running"
  expect((await run("status")).stderr).toContain(`${words}: session-rescue setup --watcher`)
  expect((await run("status", "--json")).json.warnings).toEqual([expect.stringContaining(words)])
  expect(await doctorSays()).toMatchObject([
    { level: "advice", message: words, next: "session-rescue setup --watcher" },
  ])
  const watcher = await machine.watch([], program)
  expect((await run("status")).stderr).not.toContain("watcher")
  expect(await doctorSays()).toMatchObject([{ level: "ok", message: `running (pid ${watcher.pid})` }])
})

test("doctor and watch --status say when unprocessed copies are about to use up what they may take", async () => {
  expect((await run("watch", "--status", "--json")).json).toMatchObject({
    ...{ unprocessedBytes: 0, maxBytes: 5 * 1024 ** 3 },
  })
  const cwd = "/work/p1"
  machine.transcript(sessionId(1), { cwd, text: talkOf(1, [{ tokens: 10_000 }], { cwd }) })
  await run("export", sessionId(1))
  const { json } = await run("watch", "--status", "--json")
  expect(await doctorSays()).toHaveLength(1)
  machine.withTelling(`[watch]\nmax_bytes = ${json.unprocessedBytes + 10}\n`)
  expect((await doctorSays())[1]).toMatchObject({
    level: "advice",
    message: expect.stringContaining("the watcher and the hooks save nothing beyond that"),
  })
  expect((await run("watch", "--status")).stdout).toContain(
    "(watch.max_bytes): beyond that nothing is saved by itself. Next: session-rescue cx",
  )
})

test("status and doctor say that another version runs, and setup starts this one", async () => {
  await run("setup", "--watcher")
  const watcher = await machine.watch([], program)
  process.kill(watcher.pid, "SIGSTOP") // so that it writes its own version no more
  const state = await machine.state()
  const file = join(machine.data, "watch/state.json")
  writeFileSync(file, JSON.stringify({ ...state, runner: { ...state.runner, version: "0.0.7" } }))
  const words = `the watcher that runs is version 0.0.7, this program is ${state.runner.version}`
  expect((await run("status")).stderr).toContain(`${words}: session-rescue setup --watcher`)
  expect(await doctorSays()).toMatchObject([{ level: "advice", message: words }])
  await run("setup", "--watcher")
  expect(calls().at(-1)).toBe(`--user restart ${unitName}`)
  writeFileSync(file, JSON.stringify(state))
  const before = calls().length
  await run("setup", "--watcher")
  expect(calls()).toHaveLength(before) // this version runs: it is left alone
})

test("uninstalled while it runs: it is stopped first, and nothing of it comes back", async () => {
  await run("setup", "--watcher")
  const watcher = await machine.watch([], program)
  script(
    "systemctl",
    `echo "$*" >> '${machine.root}/systemctl'; case "$*" in *--now*) kill ${watcher.pid};; esac`,
  )
  expect((await run("uninstall")).code).toBe(0)
  expect(await watcher.exited).toBe(0)
  expect(calls().slice(-2)).toEqual([`--user disable --now ${unitName}`, "--user daemon-reload"])
  for (const path of [unit(), program, join(machine.data, "watch")])
    expect([path, existsSync(path)]).toEqual([path, false])
})

test("updated while it makes a copy: the copy is finished, and the new version starts where it ended", async () => {
  const cwd = "/work/p1"
  machine.transcript(sessionId(1), { cwd, text: talkOf(1, [{ tokens: 190_000 }], { cwd }) })
  machine.registry(await machine.client({ cwd: machine.root }), sessionId(1), { cwd })
  const first = machine.start([program, "watch"], { env: machine.watchEnv })
  copyFileSync(program, `${program}.new`)
  renameSync(`${program}.new`, program)
  expect(await first.exited).toBe(0)
  await machine.watch([], program)
  await run("watch", "--status")
  expect(machine.copies).toHaveLength(1)
  expect((await run("verify")).code).toBe(0)
})
