import type { RunMode } from "session-rescue"
import type { Client } from "./clients.ts"
import type { RegistryEntry } from "./registry.ts"
import { argumentsOf } from "./use.ts"

/** How a client is run that the background service does not run. */
export function modeOf({ details, entry }: Client, registry: RegistryEntry | null): RunMode {
  const { options } = argumentsOf(details, entry)
  if (options.get("--input-format") === "stream-json") return "program"
  if (options.has("--print")) return "headless"
  return registry?.headless === true ? "program" : "interactive"
}
