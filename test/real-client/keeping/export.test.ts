import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { statSync } from "node:fs"
import { dirname, join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered, subagentFiles } from "../driving/client-files.ts"
import { checkExport } from "../driving/exported.ts"
import type { ExportDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

await eachClient("exporting from live clients", withRegistry, (real) => {
  let scratch: ScratchHome
  let writing: Client, subagent: Client, idle: Client, unspoken: Client

  const idOf = (client: Client) => registered(scratch.home, client.pid)?.sessionId ?? ""

  async function exporting(...names: string[]): Promise<ExportDocument> {
    const outcome = await scratch.product("export", "--json", "--data-dir", scratch.data, ...names)
    return outcome.json<ExportDocument>()
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["writing", "subagent", "idle", "unspoken"])
    ;[writing, subagent, idle, unspoken] = await Promise.all([
      openClient(scratch, "writing", mayRun),
      openClient(scratch, "subagent", mayRun),
      openClient(scratch, "idle"),
      openClient(scratch, "unspoken"),
    ])
    await Promise.all([
      writing.ask('keep on @@repeat 500 @@tool Bash {"command":"seq 2000"}'),
      subagent.ask('delegate it @@tool Agent {"description":"dig","prompt":"dig @@hang"}'),
      idle.chat("good morning"),
    ])
    await Promise.all([
      writing.recorded("tool_result"),
      until("the subagent's transcript", () => subagentFiles(scratch.home, subagent.cwd)[0]),
    ])
  })
  afterAll(() => scratch?.close())

  test("while the client writes, the copy is the beginning of the transcript to the byte", async () => {
    const size = () => statSync(writing.transcript() ?? "").size
    for (let round = 0; round < 3; round++) {
      const before = size()
      const { exports, failures } = await exporting(idOf(writing))
      expect(failures).toEqual([])
      expect(exports).toHaveLength(1)
      const [entry] = exports
      expect(entry).toMatchObject({ id: idOf(writing), status: "verified" })
      if (!entry) return
      const { manifest, faults } = checkExport(entry)
      expect(faults).toEqual([])
      const transcript = manifest.files.find((file) => file.role === "transcript")
      expect(transcript?.sha256).toBe(entry.sha256 ?? "none")
      expect(manifest.files.reduce((sum, file) => sum + file.length, 0)).toBe(entry.bytes)
      const copied = transcript?.length ?? 0
      expect(copied).toBeGreaterThanOrEqual(before)
      await until("the transcript to grow past the copy", () => size() > copied)
    }
  })

  test("a subagent's transcript is part of the export", async () => {
    const { exports } = await exporting(idOf(subagent))
    const { manifest, faults } = checkExport(exports[0] ?? { ...missing })
    expect(faults).toEqual([])
    const sources = manifest.files.filter((file) => file.role === "footprint").map((file) => file.source)
    expect(sources).toContain(subagentFiles(scratch.home, subagent.cwd)[0] ?? "")
  })

  test("one that was never spoken to has nothing to save", async () => {
    const { exports, failures } = await exporting(idOf(unspoken))
    expect(failures).toEqual([])
    expect(exports).toMatchObject([{ id: idOf(unspoken), status: "empty", path: null }])
  })

  test("without a name, every live session is exported", async () => {
    const { exports, failures } = await exporting()
    expect(failures).toEqual([])
    const ids = exports.map((entry) => entry.id)
    expect(ids.sort()).toEqual([writing, subagent, idle, unspoken].map(idOf).sort())
    const saved = exports.filter((entry) => entry.status !== "empty")
    expect(saved.flatMap((entry) => checkExport(entry).faults)).toEqual([])
    const pending = join(scratch.data, "sessions-export-pending-anthropic")
    expect(saved.map((entry) => dirname(entry.path ?? ""))).toEqual(saved.map(() => pending))
  })
})

const missing = {
  id: null,
  status: "empty",
  path: null,
  manifest: null,
  bytes: 0,
  sha256: null,
  files: 0,
} as const
