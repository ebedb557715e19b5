import type { RealClient } from "../../harness/each-client.ts"
import type { Facts } from "../facts.ts"
import { openSituation } from "./context.ts"
import { situations } from "./situations.ts"

export interface Driven {
  readonly facts: Facts
  /** The situations that did not come about, and why. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

/** Drives the client through everything that can happen with its version; `says` hears of each as it begins. */
export async function drive(real: RealClient, says: (name: string) => void): Promise<Driven> {
  const possible = situations.filter(({ suits }) => suits?.(real) ?? true)
  const context = await openSituation(
    real,
    possible.map(({ folder }) => folder),
  )
  const failed: { name: string; reason: string }[] = []
  try {
    for (const { name, folder, drive } of possible) {
      says(name)
      await drive(context, folder).catch((error: Error) => failed.push({ name, reason: error.message }))
      context.scratch.api.release()
    }
  } finally {
    await context.close()
  }
  const names = possible.map(({ name }) => name).filter((name) => !failed.some((each) => each.name === name))
  return { facts: { version: real.version, situations: names, shapes: context.collector.shapes() }, failed }
}
