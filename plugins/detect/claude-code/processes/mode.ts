import type { RunMode } from "session-rescue"
import type { Client } from "./clients.ts"
import type { RegistryEntry } from "./registry.ts"

/** The run mode of a client that is not run by the background service. */
export function modeOf({ arguments: given }: Client, registry: RegistryEntry | null): RunMode {
  const { options } = given
  if (options.get("--input-format") === "stream-json") return "program"
  if (options.has("--print")) return "headless"
  return registry?.headless === true ? "program" : "interactive"
}
