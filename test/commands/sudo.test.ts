import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { execFileSync } from "node:child_process"
import { lstatSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../faults/harness/installed.ts"
import { Machine } from "../fixtures/machine.ts"
import { makePassable } from "../fixtures/passable.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

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
        `No session was found; the home is ${machine.home}: sudo runs this as root, and me's sessions`,
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

  test.if(isInstalled("setpriv"))("nor to one who is not root", async () => {
    const program = ["setpriv", "--reuid", "1000", "--clear-groups"]
    expect((await machine.run(["status"], { env, program })).stdout).not.toContain("you are root")
  })
})

describe.if(process.getuid?.() === 0 && isInstalled("setpriv"))(
  "root in somebody's home (sudo that keeps HOME)",
  () => {
    const uid = 65534
    const theirs = ["setpriv", "--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"]
    const id = sessionId(1)
    let env: Record<string, string>
    beforeEach(() => {
      makePassable(machine.root)
      machine.transcript(id)
      execFileSync("chown", ["-R", `${uid}:${uid}`, machine.home])
      env = { SESSION_RESCUE_DATA: join(machine.home, "data") }
    })
    const strangers = () =>
      (readdirSync(machine.home, { recursive: true }) as string[]).filter(
        (name) => lstatSync(join(machine.home, name)).uid !== uid,
      )

    test("makes nothing there that is not theirs: exports, archive, index, settings, and what is put back", async () => {
      const lost = machine.transcriptPath(id, "/work/one")
      for (const args of [["export", "--all"], ["cx"], ["setup"], ["restore", id]]) {
        if (args[0] === "restore") rmSync(lost)
        const { code, stdout, stderr } = await machine.run(args, { env })
        expect([args[0], code, code === 0 ? "" : stdout + stderr]).toEqual([args[0], 0, ""])
      }
      expect(lstatSync(lost).uid).toBe(uid)
      expect(readdirSync(join(machine.home, "data"))).toContain("sessions-export-archive-anthropic")
      expect(strangers()).toEqual([])
      const { stdout } = await machine.run(["export", id, "--json"], { env, program: theirs })
      expect(JSON.parse(stdout).exports).toMatchObject([{ status: "unchanged" }])
    })

    test("and gives away nothing that it makes in a folder of its own", async () => {
      const { code } = await machine.run(["export", id])
      expect([code, lstatSync(machine.data).uid]).toEqual([0, 0])
    })
  },
)
