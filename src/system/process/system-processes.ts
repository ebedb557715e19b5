import type { Processes } from "./processes.ts"

/** The implementation of `Processes` for this system. */
export async function systemProcesses(): Promise<Processes> {
  if (process.platform === "linux") return (await import("./linux.ts")).linuxProcesses()
  return (await import("./darwin.ts")).psProcesses()
}
