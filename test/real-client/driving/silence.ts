import { globSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { ScratchHome } from "../harness/scratch-home.ts"
import type { Client } from "./client.ts"
import { subagentFiles } from "./client-files.ts"

/** Waits until a client has written nothing for that long, wherever under the home (2.0 keeps logs by id). */
export async function silentFor(scratch: ScratchHome, client: Client, ms: number): Promise<void> {
  const written = () => {
    const transcript = client.transcript() ?? ""
    const named = globSync(join(scratch.home, ".claude/{debug,todos}", `${basename(transcript, ".jsonl")}*`))
    return [transcript, ...named, ...subagentFiles(scratch.home, client.cwd)]
  }
  const newest = () => Math.max(...written().map((file) => statSync(file).mtimeMs))
  await until(`${ms} ms of silence`, () => client.transcript() && Date.now() - newest() > ms)
}
