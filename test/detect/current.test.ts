import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { shellClient } from "../fixtures/fake-clients.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

/** Asks for the status from inside a fake client, once its registry file is there. */
async function askFromInside(command: string, status = "busy") {
  const answer = join(machine.root, "answer.json")
  const script = `read -r go; ${command} >'${answer}.part'; mv '${answer}.part' '${answer}'; read -r end`
  const client = shellClient(machine, script)
  machine.registry(client, one, { status })
  client.say("go\n")
  await until("the answer", () => Bun.file(answer).exists())
  const { sessions } = await Bun.file(answer).json()
  return { client, sessions }
}

describe("asked from inside a client, that session is CURRENT", () => {
  test("by ancestry, also from a shell in a session of its own as tools have it", async () => {
    machine.transcript(one)
    machine.transcript(two)
    const other = await machine.client()
    machine.registry(other, two)
    const { client, sessions } = await askFromInside(`setsid -w sh -c '"${binary}" status --json; :'`)
    const find = (id: string) => sessions.find((each: { id: string }) => each.id === id)
    expect(find(one)).toMatchObject({ state: "CURRENT", detail: "working", pid: client.pid })
    expect(says(find(one))).toContain(`process ${client.pid} is an ancestor`)
    expect(find(two)).toMatchObject({ state: "ACTIVE", pid: other.pid })
  })

  test("even if it looks hung", async () => {
    machine.transcript(one, { open: true, age: 3_600_000 })
    const { sessions } = await askFromInside(`"${binary}" status --json --hung-after 1ms`)
    expect(sessions[0].state).toBe("CURRENT")
  })

  test("ancestry is believed before the variable", async () => {
    machine.transcript(two)
    machine.registry(await machine.client(), two)
    const { sessions } = await askFromInside(`CLAUDE_CODE_SESSION_ID=${two} "${binary}" status --json`)
    const current = sessions.filter((each: { state: string }) => each.state === "CURRENT")
    expect(current.map((each: { id: string }) => each.id)).toEqual([one])
  })
})

test("the client on the terminal from which it is asked is CURRENT", async () => {
  const answer = join(machine.root, "answer.json")
  const program = join(machine.root, "shell/claude-code-linux-x64/claude")
  // it does not read: it would take the line that is meant for its shell
  const script = `'${program}' -c 'sleep 300; :' <&0 & echo $! >'${machine.root}/pid'
    read -r go; "${binary}" status --json >'${answer}.part'; mv '${answer}.part' '${answer}'; read -r end`
  machine.copy("/bin/bash", program)
  machine.start(["bash", "-c", script], { terminal: {} }).say("go\n")
  await until("the answer", () => Bun.file(answer).exists())
  const { sessions } = await Bun.file(answer).json()
  const pid = Number(await Bun.file(join(machine.root, "pid")).text())
  expect(sessions).toMatchObject([{ pid, state: "CURRENT" }])
  expect(says(sessions[0])).toContain(`it holds this terminal, ${sessions[0].tty}`)
})

describe("CLAUDE_CODE_SESSION_ID", () => {
  const env = { CLAUDE_CODE_SESSION_ID: one }

  test("leaked into another shell still makes CURRENT, and says how to ask without it", async () => {
    machine.registry(await machine.client(), one)
    machine.transcript(one)
    const { json } = await machine.run(["status", "--json"], { env })
    expect(json.sessions[0].state).toBe("CURRENT")
    expect(json.warnings.join()).toContain("env -u CLAUDE_CODE_SESSION_ID session-rescue --status")
    const { stderr } = await machine.run(["status"], { env })
    expect(stderr).toContain("env -u CLAUDE_CODE_SESSION_ID")
  })

  test("of a client that is gone makes nothing CURRENT, and neither does nonsense", async () => {
    machine.transcript(one)
    machine.registry(await machine.client(), two)
    for (const id of [one, "", "nonsense", "../../etc", one.toUpperCase()]) {
      const { json } = await machine.run(["status", "--json"], { env: { CLAUDE_CODE_SESSION_ID: id } })
      expect(json.warnings).toEqual([])
      expect(json.sessions.map((each: { state: string }) => each.state).toSorted()).toEqual([
        "ACTIVE",
        "ORPHANED",
      ])
    }
  })
})
