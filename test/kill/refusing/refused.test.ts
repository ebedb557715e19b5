import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync, renameSync, symlinkSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../../faults/harness/installed.ts"
import { idle, shellClient } from "../../fixtures/fake-clients.ts"
import { Machine, tree } from "../../fixtures/machine.ts"
import { makePassable } from "../../fixtures/passable.ts"
import { childrenOf, startTick, statOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { client, isThere, writing } from "../harness/clients.ts"
import { hasStrace, killing } from "../harness/signals.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)

test("a client that ends is seen by the same look that sees nothing below: the look itself is not blind", async () => {
  await client(machine, id)
  const { signals } = await killing(machine, [id, "--force"])
  if (hasStrace) expect(signals).toEqual(["SIGTERM"])
})

describe("a pid that must never be signalled", () => {
  test.each([
    ["0", 4],
    ["1", 4],
    ["00", 4],
    ["-1", 4],
    ["-0", 4],
    ["-15", 4],
  ] as const)("%s is refused", async (name, expected) => {
    const { code, stderr, signals } = await killing(machine, ["--force", "--", name])
    expect([code, signals]).toEqual([expected, []])
    expect(stderr).toContain("is never ended")
  })

  test.each(["-1", "+1", "1.5", "0x10", "99999999999999999999", " "])('"%s" ends nothing', async (name) => {
    const { code, signals } = await killing(machine, ["--force", name])
    expect([code === 0, signals]).toEqual([false, []])
  })

  test.each(["in our home", "elsewhere"])("another user's client %s is refused", async (where) => {
    if (process.getuid?.() !== 0 || !isInstalled("setpriv")) return
    makePassable(machine.root)
    const program = machine.copy("/bin/sleep", join(machine.root, "claude"))
    const home = where === "elsewhere" ? "/nonexistent" : machine.home
    const as = ["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all"]
    const run = [...as, "env", "-u", "CLAUDE_CONFIG_DIR", `HOME=${home}`, program, "300"]
    const other = machine.start(run)
    await until("it to run", () => readFileSync(`/proc/${other.pid}/comm`, "utf8") === "claude\n")
    const { code, stdout, stderr, signals } = await killing(machine, [String(other.pid), "--force"])
    expect([code, signals, isThere(other.pid)]).toEqual([4, [], true])
    expect(`${stdout}${stderr}`).toContain("belongs to another user")
  })

  test("a process that is no client does not exist for it", async () => {
    const other = machine.start(["sleep", "300"])
    const { code, stderr, signals } = await killing(machine, [String(other.pid), "--force"])
    expect([code, signals, isThere(other.pid)]).toEqual([3, [], true])
    expect(stderr).toContain("(sleep) is not an agent session")
  })

  test("a helper of a client is no session either", async () => {
    const helper = `bash -c '${idle}' < /dev/zero & wait`
    const { pid } = await client(machine, id, helper)
    await until("its child", () => childrenOf(pid).length === 1)
    const [child = 0] = childrenOf(pid)
    const { code, signals } = await killing(machine, [String(child), "--force"])
    expect([code, signals, isThere(child), isThere(pid)]).toEqual([3, [], true, true])
  })

  test("a zombie is no process", async () => {
    const script = `${machine.copy("/bin/sleep", `${machine.root}/z/claude`)} 0 & exec sleep 300`
    const mother = machine.start(["sh", "-c", script])
    const zombie = await until("a zombie", () => childrenOf(mother.pid).find((pid) => statOf(pid)[0] === "Z"))
    machine.registry({ pid: zombie, procStart: startTick(zombie) }, id)
    machine.transcript(id)
    for (const name of [String(zombie), id]) {
      const { code, signals } = await killing(machine, [name, "--force"])
      expect([name, code, signals]).toEqual([name, 3, []])
    }
  })
})

describe("a name that is not certain", () => {
  test("an id's two processes are listed, until a pid is named", async () => {
    const one = await client(machine, id)
    const two = shellClient(machine, idle)
    machine.registry(two, id)
    const { code, stderr, signals } = await killing(machine, [id, "--force"])
    expect([code, signals, isThere(one.pid), isThere(two.pid)]).toEqual([2, [], true, true])
    expect(stderr).toContain(`pid ${one.pid}`)
    expect(stderr).toContain(`pid ${two.pid}`)
    const named = await machine.run(["kill", String(two.pid), "--force"])
    expect([named.code, isThere(one.pid), isThere(two.pid)]).toEqual([0, true, false])
  })

  test("the beginning of a running and of an ended session's id means neither", async () => {
    const { pid } = await client(machine, id)
    machine.transcript(sessionId(2))
    const { code, stderr, signals } = await killing(machine, ["a0000", "--force"])
    expect([code, signals, isThere(pid)]).toEqual([2, [], true])
    expect(stderr).toContain(sessionId(2))
  })

  test("a session without a process: there is nothing to end", async () => {
    machine.transcript(id)
    const { code, stderr, signals } = await killing(machine, [id, "--force"])
    expect([code, signals]).toEqual([3, []])
    expect(stderr).toContain("no longer has a process: nothing was ended")
  })

  test("sessions without a process behind one name: the line that saves them works as it is printed", async () => {
    machine.transcript(id)
    machine.transcript(sessionId(2))
    const { code, stderr, signals } = await killing(machine, ["a0000", "--force"])
    expect([code, signals]).toEqual([3, []])
    expect(stderr).toContain('"a0000" matches 2 sessions, none of them with a process: nothing was ended')
    const printed = /Next: save them with: session-rescue (--export .*)/.exec(stderr)?.[1] ?? ""
    const saving = await machine.run([...printed.split(" "), "--json"])
    expect([saving.code, saving.json.exports.length]).toEqual([0, 2])
  })

  test("one wrong name among two ends neither", async () => {
    const { pid } = await client(machine, id)
    const { code, signals } = await killing(machine, [id, "ffff0000", "--force"])
    expect([code, signals, isThere(pid), existsSync(machine.data)]).toEqual([3, [], true, false])
  })

  test("no name at all ends nothing", async () => {
    const { pid } = await client(machine, id)
    for (const args of [[], ["--force"], ["--force", "--tree"]]) {
      const { code, signals } = await killing(machine, args)
      expect([code, signals, isThere(pid)]).toEqual([2, [], true])
    }
  })
})

describe("without a person to ask", () => {
  test("and without --force it is refused, naming --force, before anything is written", async () => {
    const { pid } = await client(machine, id)
    const { code, stderr, signals } = await killing(machine, [id])
    expect([code, signals, isThere(pid), existsSync(machine.data)]).toEqual([4, [], true, false])
    expect(stderr).toContain("--force")
  })

  test("the same in JSON is one document", async () => {
    await client(machine, id)
    const { code, json, stderr } = await killing(machine, [id, "--json"])
    expect([code, stderr]).toEqual([4, ""])
    expect(json.error).toMatchObject({ code: "REFUSED", hint: expect.stringContaining("--force") })
  })
})

describe("--dry-run", () => {
  test("says so where it could not be saved, and so would not be ended", async () => {
    const { transcript } = await client(machine, id)
    renameSync(transcript, `${transcript}-moved`)
    symlinkSync(`${transcript}-moved`, transcript)
    const { code, json } = await killing(machine, [id, "--dry-run", "--json"])
    expect([code, json.kills[0].outcome]).toEqual([1, "failed"])
    expect(json.kills[0].reason).toContain("is a link")
  })

  test("says what would happen, and does and writes nothing", async () => {
    const { pid } = await client(machine, id, `setsid sleep 304 & ${idle}`)
    await until("its child", () => childrenOf(pid).length === 1)
    const before = tree(machine.home)
    const { code, stdout, signals } = await killing(machine, [id, "--dry-run", "--grace", "3s"])
    expect([code, signals, isThere(pid), existsSync(machine.data)]).toEqual([0, [], true, false])
    expect(tree(machine.home)).toEqual(before)
    expect(stdout).toContain(
      "would save 1 file, verify, ask, send TERM, and KILL after 3 s; nothing was changed",
    )
    expect(stdout).toContain(`may end with it: pid ${childrenOf(pid)[0]} sleep 304`)
    const both = await killing(machine, [id, "--dry-run", "--force", "--tree"])
    expect(both.stdout).toContain("verify, send TERM")
    expect(both.stdout).toContain("would end too")
    expect([both.code, both.signals, isThere(pid)]).toEqual([0, [], true])
  })

  test("of a refused one is refused", async () => {
    await client(machine, id)
    const env = { CLAUDE_CODE_SESSION_ID: id }
    expect(await killing(machine, [id, "--dry-run"], { env })).toMatchObject({ code: 4, signals: [] })
  })
})

test("one that never stops writing is saved three times, and lives", async () => {
  const { pid, transcript } = await client(machine, id, writing)
  truncateSync(transcript, 48 << 20) // saving it takes longer than a busy machine lets the writer wait
  const { code, json, signals } = await killing(machine, [id, "--force", "--json"])
  expect([code, signals, isThere(pid)]).toEqual([4, [], true])
  expect(json.kills[0]).toMatchObject({
    outcome: "refused",
    export: { status: "verified" },
    exportsAfter: [],
  })
  expect(json.kills[0].reason).toBe("it has written since the export (saved 3 times, not ended)")
  expect(json.kills[0].hint).toContain(`kill -STOP ${pid}`)
})

test("4 wins over 0: one refused and one ended are both listed", async () => {
  const one = await client(machine, id)
  const two = await client(machine, sessionId(2), idle, { cwd: "/work/two" })
  const env = { CLAUDE_CODE_SESSION_ID: id }
  const { code, json } = await machine.run(["kill", String(one.pid), String(two.pid), "--force", "--json"], {
    env,
  })
  expect(json.kills.map((kill: { outcome: string }) => kill.outcome)).toEqual(["refused", "ended"])
  expect([code, isThere(one.pid), isThere(two.pid)]).toEqual([4, true, false])
})

test("in a PID namespace that still sees the outer /proc nothing can be named, and nothing is ended", async () => {
  const { pid } = await client(machine, id)
  const program = ["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", '"$@"; exit $?', "sh"]
  const { code, stdout, stderr, signals } = await killing(machine, [String(pid), "--force"], { program })
  expect([code, signals, isThere(pid)]).toEqual([4, [], true])
  expect(stdout + stderr).toMatch(/another PID namespace|does not see itself/)
})
