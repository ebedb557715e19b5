import { realpathSync } from "node:fs"
import { type Client, openClient } from "../../driving/client.ts"
import type { RealClient } from "../../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../../harness/scratch-home.ts"
import { collectFacts, readRecords } from "../collect.ts"
import { FactCollector } from "../facts.ts"
import { commandsIn } from "../help.ts"
import type { Place } from "../normalised.ts"

/** Where the situations take place, and where what is seen in them is gathered. */
export interface SituationContext {
  readonly scratch: ScratchHome
  readonly real: RealClient
  readonly collector: FactCollector
  open(folder: string, args?: string, shell?: string[]): Promise<Client>
  /** Waits until it is between two turns, as far as it says so. */
  settled(client: Client): Promise<void>
  look(): Promise<void>
  close(): Promise<void>
}

export async function openSituation(real: RealClient, folders: string[]): Promise<SituationContext> {
  const scratch = await openScratchHome(real.executable, folders)
  const collector = new FactCollector()
  const executable = realpathSync(real.executable)
  const place: Place = { home: scratch.home, root: scratch.root, executable, version: real.version }
  const help = Bun.spawnSync([real.executable, "--help"], { env: scratch.env, cwd: scratch.root })
  for (const name of commandsIn(help.stdout.toString())) collector.add("commands", name)
  return {
    scratch,
    real,
    collector,
    open: (folder, args, shell) => openClient(scratch, folder, args, shell),
    async settled(client) {
      if (real.registry) await client.says("idle")
    },
    look: () => collectFacts(collector, place, scratch.env),
    async close() {
      readRecords(collector, place)
      await scratch.close()
    },
  }
}
