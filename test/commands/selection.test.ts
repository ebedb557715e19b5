import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { dirname, join } from "node:path"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { statOf } from "../fixtures/processes.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const one = "abcd1234-1111-4222-8333-444444444444"
const two = "abcd9876-1111-4222-8333-444444444444"

/** What a name finds: ids with --json, or the error's exit code. */
async function found(...names: string[]) {
  const { code, json } = await machine.run(["resume", "--json", ...names])
  return code === 0 ? json.resumes.map((each: { id: string }) => each.id) : code
}

/** Which transcripts an export of this name saves. */
async function exported(...names: string[]) {
  const { code, json, stderr } = await machine.run(["export", "--json", ...names])
  expect([code, stderr]).toEqual([0, ""])
  return json.exports
}

describe("an id", () => {
  beforeEach(() => {
    machine.transcript(one)
    machine.transcript(two)
  })

  test.each([
    ["whole", one],
    ["its first digits", "abcd1"],
    ["up to a dash", "abcd1234-"],
    ["beyond a dash", "abcd1234-11"],
    ["in upper case", one.toUpperCase()],
    ["without its dashes", one.replaceAll("-", "")],
    ["its beginning without a dash", "abcd123411114"],
  ])("%s", async (_, name) => expect(await found(name)).toEqual([one]))

  test("named twice is one session", async () => {
    expect(await found("abcd1", one)).toEqual([one])
    expect((await found("abcd1", "abcd9")).toSorted()).toEqual([one, two])
  })

  test("whose digits fit two sessions lists both and chooses none", async () => {
    const { code, stderr, stdout } = await machine.run(["export", "abcd"])
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toContain('"abcd" matches 2 sessions')
    for (const id of [one, two])
      expect(stderr).toContain(
        `  session-rescue export ${id.slice(0, 8)}   please mend the login page · ${id} · `,
      )
    expect(stderr).toContain("Next: run one of these commands")
  })

  test("of fewer than four digits is too short, not unknown", async () => {
    const { code, stderr } = await machine.run(["resume", "abc"])
    expect(code).toBe(2)
    expect(stderr).toContain("at least four")
  })

  test("that nothing has ends with 3, also beside one that is there", async () => {
    for (const name of [
      "feed0000",
      "pts/99",
      "/dev/pts/99",
      "99999",
      "../../etc/passwd",
      "*",
      "a b",
      "abcd1234_",
    ]) {
      expect([name, await found(name)]).toEqual([name, 3])
    }
    const { code, stdout, stderr } = await machine.run(["export", "abcd1", "feed0000"])
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toContain("session-rescue --status --all")
  })
})

test("one id in two folders: both are listed, the id alone is ambiguous, the path names one", async () => {
  const first = machine.transcript(one, { cwd: "/work/one" })
  const second = machine.transcript(one, { cwd: "/work/two" })
  const { json } = await machine.run(["status", "--json"])
  expect(json.sessions.map((each: { transcript: string }) => each.transcript).toSorted()).toEqual([
    first,
    second,
  ])
  const { code, stderr } = await machine.run(["export", one])
  expect(code).toBe(2)
  expect(stderr).toContain(first)
  expect(stderr).toContain(second)
  expect(await found(second)).toEqual([one])
  const [saved] = await exported(second)
  expect(await Bun.file(saved.manifest).json()).toMatchObject({ session: { transcript: second } })
})

test("a transcript's path may be typed from where one is", async () => {
  const path = machine.transcript(one)
  for (const name of [`./${one}.jsonl`, `../-work-one/${one}.jsonl`]) {
    const { code, json } = await machine.run(["resume", name, "--json"], { cwd: dirname(path) })
    expect([name, code, json.resumes?.[0].id]).toEqual([name, 0, one])
  }
})

test("a live session is found by its pid", async () => {
  const client = await machine.client()
  machine.registry(client, one)
  machine.transcript(one)
  machine.transcript(two)
  expect(await found(String(client.pid))).toEqual([one])
})

describe("a terminal", () => {
  const open = async () => {
    const client = shellClient(machine, idle, { terminal: {} })
    machine.registry(client, one)
    machine.transcript(one)
    const { json } = await machine.run(["status", "--json"])
    return { client, tty: json.sessions[0].tty as string }
  }

  test("names the session on it, written pts/N or /dev/pts/N", async () => {
    const { tty } = await open()
    expect(tty).toMatch(/^pts\/\d+$/)
    for (const name of [tty, `/dev/${tty}`]) expect(await found(name)).toEqual([one])
    const { stdout } = await machine.run(["resume", tty])
    expect(stdout).toContain(`end it first: ${tty}`)
  })

  test("that two clients share names neither: both are listed with their pids", async () => {
    const script = `"$0" -c 'read -r line' <&0 & echo $! > '${machine.root}/second'; exec 3<&0; read -r line`
    const first = shellClient(
      machine,
      script.replace("$0", join(machine.root, "shell/claude-code-linux-x64/claude")),
      {
        terminal: {},
      },
    )
    const second = await until("a second client", async () => {
      const file = Bun.file(join(machine.root, "second"))
      return (await file.exists()) && Number(await file.text())
    })
    machine.registry(first, one)
    machine.registry({ pid: second, procStart: statOf(second)[19] ?? "" }, two)
    machine.transcript(one)
    machine.transcript(two)
    const { json } = await machine.run(["status", "--json"])
    const ttys = json.sessions.map((each: { tty: string }) => each.tty)
    expect([ttys.length, new Set(ttys).size]).toEqual([2, 1])
    const { code, stderr } = await machine.run(["export", ttys[0]])
    expect(code).toBe(2)
    for (const pid of [first.pid, second]) expect(stderr).toContain(`pid ${pid}`)
  })
})
