/** A session packed on one machine and unpacked on another: the client goes on with it there. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { said } from "../damage/damages.ts"
import { holdTalk, type Talk } from "../damage/talk.ts"
import { projectFolder } from "../driving/client-files.ts"
import { eachClient } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { inBrief } from "../harness/selected.ts"

setDefaultTimeout(240_000)

await eachClient(
  "a session on another machine",
  ({ version, registry }) => registry && (!inBrief || version === "2.1.332"),
  ({ executable }) => {
    let here: Talk
    let there: ScratchHome
    beforeAll(async () => {
      here = await holdTalk(executable)
      there = await openScratchHome(executable, ["shop"])
    })
    afterAll(async () => {
      await here?.scratch.close()
      await there?.close()
    })

    test("packed in one home, unpacked in another under a folder of that machine: the client goes on there", async () => {
      const file = join(there.root, "talk.tar.zst")
      const packed = await here.scratch.product("pack", here.id, file, "--data-dir", here.scratch.data)
      expect([packed.code, packed.stderr]).toEqual([0, ""])
      const folder = there.folder("shop")
      const put = await there.product("unpack", file, "--folder", folder, "--json", "--data-dir", there.data)
      expect([put.code, put.stderr]).toEqual([0, ""])
      expect(existsSync(join(projectFolder(there.home, folder), `${here.id}.jsonl`))).toBe(true)
      const client = Bun.spawn([executable, "-p", "and now?", "--resume", here.id], {
        ...{ cwd: folder, env: there.env, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
      })
      const [out, code] = [await client.stdout.text(), await client.exited]
      expect([code, out.trim()]).toEqual([0, "mock reply to and now?"])
      const sent = JSON.stringify(there.api.sent())
      expect(said.filter((piece) => !sent.includes(piece))).toEqual([])
    })
  },
)
