/** Ending a session of which not all could be read and saved: refused, until the person gives that up. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, chmodSync, existsSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { binary, Machine } from "../../fixtures/machine.ts"
import { makePassable } from "../../fixtures/passable.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { isolated } from "../../guard.ts"
import { client, isThere } from "../harness/clients.ts"
import { KillHarness } from "../harness/kill-harness.ts"

setDefaultTimeout(30_000)
const root = isolated && process.getuid?.() === 0
if (!root) console.error("\n!!! NOT ROOT IN A SANDBOX: files of another user are SKIPPED\n")

/** Root reads everything: the client and whoever ends it are an ordinary user's. */
const program = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
const id = sessionId(1)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

async function ready() {
  makePassable(machine.root)
  chmodSync(machine.root, 0o755)
  machine.transcript(id)
  const secret = machine.write(`${machine.claude}/todos/${id}.json`, "[]")
  const copied = machine.copy("/bin/sleep", join(machine.root, "claude-code-linux-x64/claude"))
  mkdirSync(machine.data)
  give()
  const running = machine.start([...program, copied, "300"])
  await until("the client", () =>
    Bun.file(`/proc/${running.pid}/comm`)
      .text()
      .then((name) => name === "claude\n"),
  )
  machine.registry(running, id)
  give()
  Bun.spawnSync(["chown", "0:0", secret])
  chmodSync(secret, 0o600)
  return { pid: running.pid, secret }
}
const give = () => expect(Bun.spawnSync(["chown", "-R", "65534:65534", machine.root]).exitCode).toBe(0)

test.if(root)("it is refused, and what is missing is named, with the flag that gives it up", async () => {
  const { pid, secret } = await ready()
  const { code, json } = await machine.run(["kill", id, "--force", "--json"], { program })
  expect([code, isThere(pid)]).toEqual([4, true])
  const [kill] = json.kills
  expect(kill).toMatchObject({ outcome: "refused", hint: expect.stringContaining("--accept-incomplete") })
  expect(kill.reason).toContain(`${secret}: it may not be read`)
  expect(kill.export).toMatchObject({ status: "incomplete", files: 1, missing: [{ path: secret }] })
})

test.if(root)("given up, it is ended, and the report says that it was not whole", async () => {
  const { pid, secret } = await ready()
  const { code, json } = await machine.run(["kill", id, "--force", "--accept-incomplete", "--json"], {
    program,
  })
  expect([code, json.kills[0].outcome, json.kills[0].exportsAfter]).toEqual([0, "ended", []])
  expect(json.kills[0].export.missing).toMatchObject([{ path: secret }])
  expect(isThere(pid)).toBe(false)
})

test.if(root)("the question names what has no copy", async () => {
  const { pid, secret } = await ready()
  let shown = ""
  const asking = machine.start([...program, binary, "kill", String(pid), "--accept-incomplete"], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm" },
    terminal: {
      cols: 200,
      rows: 40,
      data(_, bytes) {
        shown += Buffer.from(bytes).toString()
      },
    },
  })
  await until("the question", () => shown.includes("It gets TERM"), { show: () => shown })
  expect(shown).toContain("NOT whole")
  expect(shown).toContain(`${secret.replace(machine.home, "~")}: it may not be read`)
  asking.say("n")
  expect([await asking.exited, isThere(pid)]).toEqual([0, true])
})

/** Not even root can open it to read. */
const closed = "/sys/bus/cpu/drivers_probe"

test.if(root && existsSync(closed))(
  "what cannot be read only after the answer is asked about, too",
  async () => {
    const harness = new KillHarness(machine)
    const { pid, transcript } = await client(machine, id)
    const late = machine.write(`${machine.claude}/todos/${id}.json`, "[]")
    const asked: number[] = []
    const found = await harness.find(pid)
    try {
      const { reports } = await harness.kill(found, {
        acceptIncomplete: true,
        async confirm({ exports }) {
          asked.push(exports.flatMap(({ missing = [] }) => missing).length)
          if (asked.length > 1) return false
          Bun.spawnSync(["mount", "--bind", closed, late])
          appendFileSync(transcript, '{"type":"mode"}\n')
          return true
        },
      })
      expect([asked, reports[0]?.outcome, isThere(pid)]).toEqual([[0, 1], "declined", true])
    } finally {
      Bun.spawnSync(["umount", late])
    }
  },
)

test("the flag gives nothing up where nothing is missing", async () => {
  await client(machine, id)
  const { code, json } = await machine.run(["kill", id, "--force", "--accept-incomplete", "--json"])
  expect([code, json.kills[0].export.status, json.kills[0].export.missing]).toEqual([0, "verified", []])
})

describe("a client whose transcript was deleted while it runs", () => {
  const prompt = (display: string) =>
    machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify({ display, sessionId: id })}\n`)
  const kill = async (...more: string[]) => {
    const { code, json } = await machine.run(["kill", id, "--force", "--json", ...more])
    return { code, ...json.kills[0] }
  }

  test("knows alone what was said: it is not ended, and nothing is called whole, until that is given up", async () => {
    const it = await client(machine, id, undefined, { silent: true })
    prompt("fix the login page")
    const why = "only its client knows what was said"
    const refused = await kill()
    expect([refused.code, refused.outcome, isThere(it.pid)]).toEqual([4, "refused", true])
    expect(refused.reason).toContain(
      `${it.transcript}: no transcript is there though it was prompted: ${why}`,
    )
    const saved = await machine.run(["export", id, "--json"])
    expect([saved.code, saved.json.exports[0].status]).toEqual([1, "incomplete"])
    const { code, outcome } = await kill("--accept-incomplete")
    expect([code, outcome, isThere(it.pid)]).toEqual([0, "ended", false])
  })

  test("or what was said after its last export", async () => {
    const it = await client(machine, id)
    expect((await machine.run(["export", id])).code).toBe(0)
    rmSync(it.transcript)
    const refused = await kill()
    expect([refused.code, refused.outcome, isThere(it.pid)]).toEqual([4, "refused", true])
    expect(refused.reason).toContain("an export holds it until 20")
  })

  test("one to which only commands of the client were typed has nothing to lose", async () => {
    const it = await client(machine, id, undefined, { silent: true })
    prompt("/status")
    const { code, outcome } = await kill()
    expect([code, outcome, isThere(it.pid)]).toEqual([0, "ended", false])
  })
})
