import { closeFile, createFile, makeFolders, writeAll } from "../../system/fs/durable.ts"

/** The sample session's. */
export const sampleId = "5a3b1e00-0000-4000-8000-000000000001"

const folder = "/sample/project"

/** A question and its answer, as the client writes them. */
export function writeConversation(project: string): void {
  const base = {
    isSidechain: false,
    userType: "external",
    cwd: folder,
    sessionId: sampleId,
    version: "2.1.0",
    gitBranch: "main",
  }
  const asked = { ...base, type: "user", uuid: "u1", parentUuid: null, timestamp: "2026-01-31T12:00:00.000Z" }
  const answered = {
    ...base,
    type: "assistant",
    uuid: "a1",
    parentUuid: "u1",
    timestamp: "2026-01-31T12:00:05.000Z",
  }
  const content = [{ type: "text", text: "This is a sample, made to try plugins on." }]
  const records = [
    { ...asked, message: { role: "user", content: "Say what this is" } },
    { ...answered, message: { role: "assistant", model: "sample", content, stop_reason: "end_turn" } },
  ]
  makeFolders(project, false)
  const fd = createFile(`${project}/${sampleId}.jsonl`)
  writeAll(fd, Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join("")), 0)
  closeFile(fd)
}
