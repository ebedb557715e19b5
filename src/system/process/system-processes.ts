import type { Processes } from "./processes.ts"

/** The processes of this machine, read as its system allows. */
export async function systemProcesses(): Promise<Processes> {
  if (process.platform === "linux") return (await import("./linux.ts")).linuxProcesses()
  return (await import("./darwin.ts")).psProcesses()
}
