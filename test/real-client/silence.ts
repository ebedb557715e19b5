import { readFileSync, statSync } from "node:fs"
import type { Client } from "./client.ts"
import { until } from "./until.ts"

/** Waits until a client has written nothing for that long. */
export async function silentFor(client: Client, ms: number): Promise<void> {
  await until(`${ms} ms of silence`, () => {
    const file = client.transcript()
    return file && Date.now() - statSync(file).mtimeMs > ms && readFileSync(file).length > 0
  })
}
