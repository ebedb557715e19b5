import type { RealClient } from "../../harness/each-client.ts"
import type { Facts } from "../facts.ts"
import { situations } from "./situations.ts"
import { openStage } from "./stage.ts"

export interface Driven {
  readonly facts: Facts
  /** The situations that did not come about, and why. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

/** Drives the client through everything that can happen with its version; `says` hears of each as it begins. */
export async function drive(real: RealClient, says: (name: string) => void): Promise<Driven> {
  const possible = situations.filter(({ suits }) => suits?.(real) ?? true)
  const stage = await openStage(
    real,
    possible.map(({ folder }) => folder),
  )
  const failed: { name: string; reason: string }[] = []
  try {
    for (const { name, folder, drive } of possible) {
      says(name)
      await drive(stage, folder).catch((error: Error) => failed.push({ name, reason: error.message }))
      stage.ground.api.release()
    }
  } finally {
    await stage.close()
  }
  const names = possible.map(({ name }) => name).filter((name) => !failed.some((each) => each.name === name))
  return { facts: { version: real.version, situations: names, shapes: stage.gathering.shapes() }, failed }
}
