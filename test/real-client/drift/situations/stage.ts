import { realpathSync } from "node:fs"
import { type Client, openClient } from "../../driving/client.ts"
import type { RealClient } from "../../harness/each-client.ts"
import { openPlayground, type Playground } from "../../harness/scratch-home.ts"
import { lookAround, readRecords } from "../collect.ts"
import { Gathering } from "../facts.ts"
import { commandsIn } from "../help.ts"
import type { Place } from "../normalised.ts"

/** Where the situations take place, and where what is seen in them is gathered. */
export interface Stage {
  readonly ground: Playground
  readonly real: RealClient
  readonly gathering: Gathering
  open(folder: string, args?: string, shell?: string[]): Promise<Client>
  /** Waits until it is between two turns, as far as it says so. */
  settled(client: Client): Promise<void>
  look(): Promise<void>
  close(): Promise<void>
}

export async function openStage(real: RealClient, folders: string[]): Promise<Stage> {
  const ground = await openPlayground(real.executable, folders)
  const gathering = new Gathering()
  const executable = realpathSync(real.executable)
  const place: Place = { home: ground.home, root: ground.root, executable, version: real.version }
  const help = Bun.spawnSync([real.executable, "--help"], { env: ground.env, cwd: ground.root })
  for (const name of commandsIn(help.stdout.toString())) gathering.add("commands", name)
  return {
    ground,
    real,
    gathering,
    open: (folder, args, shell) => openClient(ground, folder, args, shell),
    async settled(client) {
      if (real.registry) await client.says("idle")
    },
    look: () => lookAround(gathering, place, ground.env),
    async close() {
      readRecords(gathering, place)
      await ground.close()
    },
  }
}
