import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { loudly } from "../faults/loudly.ts"
import { sessionId } from "../fixtures/conversation.ts"
import { Machine } from "../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

describe.if(process.getuid?.() === 0)("under sudo", () => {
  const env = { SUDO_USER: "me", SUDO_UID: "1000" }

  test.each(["status", "export", "resume"])(
    "%s of root's empty home says whose home that is, and how to ask for one's own",
    async (name) => {
      const { code, stdout } = await machine.run([name], { env })
      expect(code).toBe(0)
      expect(stdout).toContain(
        `No session was found; the home is ${machine.home}: through sudo you are root here, and me's sessions`,
      )
      expect(stdout).toEndWith("Next: the same without sudo, or: sudo -H -u me session-rescue\n")
    },
  )

  test("nothing of it is said when there are sessions, or when nobody called sudo", async () => {
    for (const more of [{}, { SUDO_USER: "root" }])
      expect((await machine.run(["status"], { env: more })).stdout).not.toContain("sudo")
    machine.transcript(sessionId(1))
    expect((await machine.run(["status"], { env })).stdout).not.toContain("sudo")
  })

  test.if(loudly("setpriv"))("nor to one who is not root", async () => {
    const program = ["setpriv", "--reuid", "1000", "--clear-groups"]
    expect((await machine.run(["status"], { env, program })).stdout).not.toContain("you are root")
  })
})
