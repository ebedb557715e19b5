import { uptime } from "node:os"

/** When the machine, or the container that this runs in, started: milliseconds since 1970. */
export function bootedAt(now: number): number {
  return now - Math.round(uptime() * 1000)
}
